// SPDX-License-Identifier: BSL-1.0
/// \file
/// The devices of a domain: those that Xen emulates, or those of QEMU's virt machine, which the guest drives itself.
#pragma once

#include <domctl/device_tree/devices.hpp>
#include <domctl/device_tree/nodes.hpp>
#include <domctl/text.hpp>

#include <cstdint>

#include "options.hpp"

namespace toolstack {

namespace xen {

inline constexpr domctl::intid uart_spi{32};           ///< GUEST_VPL011_SPI
inline constexpr std::uint32_t first_virtio_spi = 33;  ///< GUEST_VIRTIO_MMIO_SPI_FIRST
inline constexpr std::uint64_t virtio_size = 0x200;

}  // namespace xen

namespace qemu {

inline constexpr domctl::intid uart_spi{33};
inline constexpr domctl::device rtc{{0x0901'0000, 0x1000}, domctl::intid{34}};
inline constexpr layout::range first_virtio{0x0a00'0000, 0x200};
inline constexpr std::uint32_t first_virtio_spi = 48;
inline constexpr std::uint32_t virtio_count = 32;
inline constexpr std::uint32_t clock_hz = 24'000'000;

}  // namespace qemu

using domctl::device;
using domctl::intid;

/// Writes the nodes of `list` for a domain of this layout.
template <class Layout>
struct device_writer {
  static constexpr bool has_grant_table = requires { Layout::grant_table; };

  device_list list;
  const char* xen_compatible;

  template <domctl::tree_buffer Buffer>
  void operator()(domctl::tree_writer<Buffer>& tree, domctl::ppi_cpus cpus) const {
    if constexpr (has_grant_table) {
      if (list.hypervisor) domctl::make_hypervisor_node(tree, cpus, xen_compatible, Layout::grant_table);
    }
    if (list.sbsa_uart) domctl::make_sbsa_uart_node(tree, {Layout::pl011, xen::uart_spi});
    for (std::uint32_t i = 0; i < list.virtio; ++i) {
      const std::uint64_t base = Layout::virtio_mmio.base + i * xen::virtio_size;
      domctl::make_virtio_mmio_node(tree, {{base, xen::virtio_size}, intid{xen::first_virtio_spi + i}});
    }
    if (list.machine) write_machine(tree);
  }

  /// SPIs that the devices need: up to the highest, as libxl counts them.
  [[nodiscard]] std::uint32_t spis() const {
    if (list.machine) return qemu::first_virtio_spi + qemu::virtio_count - 32;
    if (list.virtio != 0) return xen::first_virtio_spi + list.virtio - 32;
    return list.sbsa_uart ? 1 : 0;
  }

  /// Path of the console's node; empty if there is none.
  [[nodiscard]] domctl::text<48> console() const {
    domctl::text<48> path;
    if (list.machine) path.add("/pl011@").hex(Layout::pl011.base);
    if (list.sbsa_uart) path.add("/sbsa-uart@").hex(Layout::pl011.base);
    return path;
  }

 private:
  template <domctl::tree_buffer Buffer>
  static void write_machine(domctl::tree_writer<Buffer>& tree) {
    domctl::make_clock_node(tree, qemu::clock_hz);
    domctl::make_pl011_node(tree, {Layout::pl011, qemu::uart_spi});
    domctl::make_pl031_node(tree, qemu::rtc);
    for (std::uint32_t i = 0; i < qemu::virtio_count; ++i) {
      const layout::range registers{qemu::first_virtio.base + i * qemu::first_virtio.size, qemu::first_virtio.size};
      domctl::make_virtio_mmio_node(tree, {registers, intid{qemu::first_virtio_spi + i}});
    }
  }
};

}  // namespace toolstack
