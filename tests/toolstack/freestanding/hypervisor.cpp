// SPDX-License-Identifier: BSL-1.0
/// \file
/// A hypervisor that makes its guests' trees and tables itself: no heap, no exceptions, no library but libfdt.
#include <domctl/describe.hpp>
#include <domctl/device_tree/devices.hpp>
#include <domctl/madt.hpp>
#include <layout/xen_4_17.hpp>

using guest = layout::xen_4_17;

extern "C" void console_line(const char* level, const char* line);

namespace {

struct console {
  void debug(const char* line) { console_line("debug", line); }
  void error(const char* line) { console_line("error", line); }
};

struct devices {
  void operator()(domctl::tree_writer<domctl::fixed_buffer>& tree, domctl::ppi_cpus cpus) const {
    domctl::make_hypervisor_node(tree, cpus, "xen,xen-4.17", guest::grant_table);
    domctl::make_sbsa_uart_node(tree, {guest::pl011, domctl::intid{guest::vpl011_spi}});
    domctl::make_virtio_mmio_node(tree, {{guest::virtio_mmio.base, 0x200}, domctl::intid{33}});
    domctl::make_clock_node(tree, 1);
    domctl::make_pl011_node(tree, {guest::pl011, domctl::intid{32}});
    domctl::make_pl031_node(tree, {guest::pl011, domctl::intid{34}});
  }
};

}  // namespace

extern "C" std::uint64_t make_tree(domctl::config_gic version, std::byte* memory, std::size_t size) {
  domctl::fixed_buffer buffer{memory, size};
  console log;
  return domctl::describe_hardware<guest>(
             version, {.vcpus = 4, .memory = 1 << 30, .machine = {"guest", {"vgic,guest", nullptr}}}, log, buffer,
             devices{})
      .size;
}

extern "C" std::uint64_t make_table(std::byte* memory, std::size_t size) {
  const domctl::madt_result v2 = domctl::write_madt(memory, size, guest::v2, 4);
  const domctl::madt_result v3 = domctl::write_madt(memory, size, guest::v3, 4);
  return v2.size + v3.size;
}
