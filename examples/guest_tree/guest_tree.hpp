// SPDX-License-Identifier: BSL-1.0
/// \file
/// The device tree of a guest of examples/hypervisor: the GIC where the layout puts it, the machine's devices that are
/// passed through, and what the boot loader says.
#pragma once

#include <layout/layout.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tree_writer.hpp"

namespace guest_tree {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

enum class gic_version { v2 = 2, v3 = 3 };

struct guest {
  gic_version gic;
  u32 vcpus;
  u64 memory_size;
  std::string bootargs;
  std::optional<layout::range> initrd;
};

/// Something that the layout or the GIC cannot do.
class impossible_guest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Devices of QEMU's `virt` machine that the guest drives itself.
namespace device {

inline constexpr u32 pl011_spi = 1;
inline constexpr layout::range pl031{0x0901'0000, 0x1000};
inline constexpr u32 pl031_spi = 2;
inline constexpr u64 virtio_base = 0x0a00'0000;
inline constexpr u64 virtio_stride = 0x200;
inline constexpr u32 virtio_count = 32;
inline constexpr u32 virtio_first_spi = 16;
inline constexpr u32 clock_hz = 24'000'000;

}  // namespace device

namespace detail {

/// First cell of an interrupt specifier, and its third: trigger, and on GICv2 the CPUs of a private interrupt above it.
inline constexpr u32 type_spi = 0;
inline constexpr u32 type_ppi = 1;
inline constexpr u32 edge_rising = 1;
inline constexpr u32 level_high = 4;

enum phandle : u32 { phandle_gic = 1, phandle_clock = 2 };

[[nodiscard]] inline std::string at(std::string_view name, u64 address) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%llx", static_cast<unsigned long long>(address));
  return std::string{name} + "@" + digits;
}

/// Affinity of vCPU n: sixteen to a cluster, as a GICv3's SGI target list has them.
[[nodiscard]] constexpr u64 mpidr(u32 vcpu) { return u64{vcpu / 16} << 8 | vcpu % 16; }

template <class Layout>
[[nodiscard]] constexpr u64 most_vcpus(gic_version gic) {
  return gic == gic_version::v2 ? 8 : Layout::v3.capacity();
}

template <class Layout>
void require_possible(const guest& g) {
  const std::string name = "layout " + std::string{Layout::name};
  if (const u64 most = most_vcpus<Layout>(g.gic); g.vcpus == 0 || g.vcpus > most) {
    throw impossible_guest{std::to_string(g.vcpus) + " vCPUs: a GICv" + std::to_string(static_cast<int>(g.gic)) +
                           " of " + name + " serves 1 to " + std::to_string(most)};
  }
  if (g.memory_size == 0 || g.memory_size > Layout::ram.size) {
    throw impossible_guest{std::to_string(g.memory_size >> 20) + " MiB of memory: " + name + " has room for 1 to " +
                           std::to_string(Layout::ram.size >> 20)};
  }
  const layout::range memory{Layout::ram.base, g.memory_size};
  if (g.initrd && (g.initrd->size == 0 || !memory.contains(g.initrd->base) || g.initrd->end() > memory.end())) {
    throw impossible_guest{"the initrd is empty or lies outside the guest's memory"};
  }
}

inline void write_cpus(tree_writer& tree, u32 vcpus) {
  tree.node("cpus", [&] {
    tree.cell("#address-cells", 1);
    tree.cell("#size-cells", 0);
    for (u32 n = 0; n < vcpus; ++n) {
      tree.node(at("cpu", mpidr(n)), [&] {
        tree.text("device_type", "cpu");
        tree.text("compatible", "arm,cortex-a57");
        tree.text("enable-method", "psci");
        tree.cell("reg", static_cast<u32>(mpidr(n)));
      });
    }
  });
}

inline void write_psci(tree_writer& tree) {
  tree.node("psci", [&] {
    tree.strings("compatible", {"arm,psci-1.0", "arm,psci-0.2"});
    tree.text("method", "hvc");
  });
}

inline void write_gic_phandle(tree_writer& tree) {
  tree.cell("linux,phandle", phandle_gic);
  tree.cell("phandle", phandle_gic);
}

inline void write_gic(tree_writer& tree, const layout::gicv2_frames& frames) {
  tree.node(at("interrupt-controller", frames.distributor.base), [&] {
    tree.strings("compatible", {"arm,cortex-a15-gic", "arm,cortex-a9-gic"});
    tree.cell("#interrupt-cells", 3);
    tree.cell("#address-cells", 0);
    tree.flag("interrupt-controller");
    tree.pairs("reg", {frames.distributor.base, frames.distributor.size,  //
                       frames.cpu_interface.base, frames.cpu_interface.size});
    write_gic_phandle(tree);
  });
}

template <std::size_t Regions>
void write_gic(tree_writer& tree, const layout::gicv3_frames<Regions>& frames) {
  tree.node(at("interrupt-controller", frames.distributor.base), [&] {
    tree.text("compatible", "arm,gic-v3");
    tree.cell("#interrupt-cells", 3);
    tree.cell("#address-cells", 0);
    tree.flag("interrupt-controller");
    // The binding's example has two cells, and Linux passes over one alone.
    tree.pairs("redistributor-stride", {frames.stride});
    tree.cell("#redistributor-regions", static_cast<u32>(Regions));
    std::vector<u64> reg{frames.distributor.base, frames.distributor.size};
    for (const layout::range& region : frames.redistributors) reg.insert(reg.end(), {region.base, region.size});
    tree.pairs("reg", reg);
    write_gic_phandle(tree);
  });
}

inline void write_timer(tree_writer& tree, const guest& g) {
  const u32 cpus = g.gic == gic_version::v2 ? ((u32{1} << g.vcpus) - 1) << 8 : 0;
  std::vector<u32> interrupts;
  // Secure, non-secure, virtual, hypervisor: the order is the binding's.
  for (const u32 ppi : {13u, 14u, 11u, 10u}) interrupts.insert(interrupts.end(), {type_ppi, ppi, cpus | level_high});
  tree.node("timer", [&] {
    tree.text("compatible", "arm,armv8-timer");
    tree.cells("interrupts", interrupts);
    tree.flag("always-on");
  });
}

inline void write_clock(tree_writer& tree) {
  tree.node("clock", [&] {
    tree.text("compatible", "fixed-clock");
    tree.cell("#clock-cells", 0);
    tree.cell("clock-frequency", device::clock_hz);
    tree.cell("phandle", phandle_clock);
  });
}

inline void write_pl011(tree_writer& tree, layout::range pl011) {
  tree.node(at("pl011", pl011.base), [&] {
    tree.strings("compatible", {"arm,pl011", "arm,primecell"});
    tree.pairs("reg", {pl011.base, pl011.size});
    tree.cells("interrupts", {type_spi, device::pl011_spi, level_high});
    tree.cells("clocks", {phandle_clock, phandle_clock});
    tree.strings("clock-names", {"uartclk", "apb_pclk"});
  });
}

inline void write_pl031(tree_writer& tree) {
  tree.node(at("pl031", device::pl031.base), [&] {
    tree.strings("compatible", {"arm,pl031", "arm,primecell"});
    tree.pairs("reg", {device::pl031.base, device::pl031.size});
    tree.cells("interrupts", {type_spi, device::pl031_spi, level_high});
    tree.cell("clocks", phandle_clock);
    tree.text("clock-names", "apb_pclk");
  });
}

inline void write_virtio(tree_writer& tree) {
  for (u32 i = 0; i < device::virtio_count; ++i) {
    const u64 base = device::virtio_base + i * device::virtio_stride;
    tree.node(at("virtio_mmio", base), [&] {
      tree.text("compatible", "virtio,mmio");
      tree.pairs("reg", {base, device::virtio_stride});
      tree.cells("interrupts", {type_spi, device::virtio_first_spi + i, edge_rising});
      tree.flag("dma-coherent");
    });
  }
}

inline void write_chosen(tree_writer& tree, const guest& g, layout::range pl011) {
  tree.node("chosen", [&] {
    tree.text("bootargs", g.bootargs);
    tree.text("stdout-path", at("/pl011", pl011.base));
    if (g.initrd) {
      tree.pairs("linux,initrd-start", {g.initrd->base});
      tree.pairs("linux,initrd-end", {g.initrd->end()});
    }
  });
}

}  // namespace detail

/// \throws impossible_guest, tree_error
template <class Layout>
[[nodiscard]] std::vector<std::byte> make(const guest& g) {
  detail::require_possible<Layout>(g);
  tree_writer tree;
  tree.node("", [&] {
    tree.text("compatible", "linux,dummy-virt");
    tree.text("model", "Guest of a virtual GIC");
    tree.cell("#address-cells", 2);
    tree.cell("#size-cells", 2);
    tree.cell("interrupt-parent", detail::phandle_gic);
    detail::write_chosen(tree, g, Layout::pl011);
    tree.node(detail::at("memory", Layout::ram.base), [&] {
      tree.text("device_type", "memory");
      tree.pairs("reg", {Layout::ram.base, g.memory_size});
    });
    detail::write_cpus(tree, g.vcpus);
    detail::write_psci(tree);
    if (g.gic == gic_version::v2) {
      detail::write_gic(tree, Layout::v2);
    } else {
      detail::write_gic(tree, Layout::v3);
    }
    detail::write_timer(tree, g);
    detail::write_clock(tree);
    detail::write_pl011(tree, Layout::pl011);
    detail::write_pl031(tree);
    detail::write_virtio(tree);
  });
  return std::move(tree).finish();
}

}  // namespace guest_tree
