// SPDX-License-Identifier: BSL-1.0
/// \file
/// Nodes of devices: those that Xen emulates for a domain, and those of QEMU's virt machine that a guest may be given.
#pragma once

#include <domctl/device_tree/interrupts.hpp>
#include <domctl/device_tree/writer.hpp>
#include <layout/layout.hpp>

#include <cstdint>

namespace domctl {

/// The handle of the clock that PL011 and PL031 name: behind Xen's GUEST_PHANDLE_GIC and GUEST_PHANDLE_IOMMU.
inline constexpr std::uint32_t phandle_clock = 65002;

/// A device of one frame and one SPI.
struct device {
  layout::range registers;
  intid spi;
};

namespace detail {

/// `reg` and `interrupts` of a device.
template <tree_buffer Buffer>
void device_properties(tree_writer<Buffer>& tree, const device& d, trigger how) {
  tree.pairs("reg", {d.registers.base, d.registers.size});
  make_interrupts(tree, ppi_cpus{layout::gic_version::v3, 0}, {{d.spi, how}});
}

}  // namespace detail

/// Xen's emulated UART (GUEST_PL011_BASE, GUEST_VPL011_SPI): the part of a PL011 that SBSA defines.
template <tree_buffer Buffer>
void make_sbsa_uart_node(tree_writer<Buffer>& tree, const device& uart) {
  tree.node("sbsa-uart", uart.registers.base, [&] {
    tree.string("compatible", "arm,sbsa-uart");
    detail::device_properties(tree, uart, trigger::level_high);
    tree.cell("current-speed", 115200);
  });
}

/// A virtio-mmio transport.
template <tree_buffer Buffer>
void make_virtio_mmio_node(tree_writer<Buffer>& tree, const device& transport) {
  tree.node("virtio", transport.registers.base, [&] {
    tree.string("compatible", "virtio,mmio");
    detail::device_properties(tree, transport, trigger::edge_rising);
    tree.flag("dma-coherent");
  });
}

/// A clock of `hertz` that runs always, for the two nodes below.
template <tree_buffer Buffer>
void make_clock_node(tree_writer<Buffer>& tree, std::uint32_t hertz) {
  tree.node("clock", [&] {
    tree.string("compatible", "fixed-clock");
    tree.cell("#clock-cells", 0);
    tree.cell("clock-frequency", hertz);
    tree.cell("phandle", phandle_clock);
  });
}

/// A PL011 UART. Needs the clock.
template <tree_buffer Buffer>
void make_pl011_node(tree_writer<Buffer>& tree, const device& uart) {
  tree.node("pl011", uart.registers.base, [&] {
    tree.strings("compatible", {"arm,pl011", "arm,primecell"});
    detail::device_properties(tree, uart, trigger::level_high);
    tree.cells("clocks", {phandle_clock, phandle_clock});
    tree.strings("clock-names", {"uartclk", "apb_pclk"});
  });
}

/// A PL031 real-time clock. Needs the clock.
template <tree_buffer Buffer>
void make_pl031_node(tree_writer<Buffer>& tree, const device& rtc) {
  tree.node("pl031", rtc.registers.base, [&] {
    tree.strings("compatible", {"arm,pl031", "arm,primecell"});
    detail::device_properties(tree, rtc, trigger::level_high);
    tree.cell("clocks", phandle_clock);
    tree.string("clock-names", "apb_pclk");
  });
}

}  // namespace domctl
