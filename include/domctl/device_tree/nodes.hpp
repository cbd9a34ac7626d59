// SPDX-License-Identifier: BSL-1.0
/// \file
/// The nodes that every domain has, named as the functions of Xen's toolstack (libxl_arm.c).
#pragma once

#include <domctl/affinity.hpp>
#include <domctl/device_tree/gic.hpp>
#include <domctl/device_tree/interrupts.hpp>
#include <domctl/device_tree/writer.hpp>
#include <layout/layout.hpp>

#include <cstddef>
#include <cstdint>

namespace domctl {

/// What the root says of the machine. `compatible[1]` may be null.
struct machine_name {
  const char* model;
  const char* compatible[2];
};

/// What the boot loader tells the kernel.
struct boot {
  const char* bootargs = "";
  layout::range initrd{0, 0};         ///< size 0: there is none
  const char* stdout_path = nullptr;  ///< path of the console's node; null: there is none
};

/// Properties of the root. Addresses and sizes have two cells below it; its interrupts go to `phandle_gic`.
template <tree_buffer Buffer>
void make_root_properties(tree_writer<Buffer>& tree, const machine_name& machine) {
  tree.string("model", machine.model);
  if (machine.compatible[1] != nullptr) {
    tree.strings("compatible", machine.compatible);
  } else {
    tree.string("compatible", machine.compatible[0]);
  }
  tree.cell("interrupt-parent", phandle_gic);
  tree.cell("#address-cells", 2);
  tree.cell("#size-cells", 2);
}

template <tree_buffer Buffer>
void make_chosen_node(tree_writer<Buffer>& tree, const boot& b) {
  tree.node("chosen", [&] {
    if (*b.bootargs != '\0') tree.string("bootargs", b.bootargs);
    if (b.stdout_path != nullptr) tree.string("stdout-path", b.stdout_path);
    if (b.initrd.size != 0) {
      tree.pairs("linux,initrd-start", {b.initrd.base});
      tree.pairs("linux,initrd-end", {b.initrd.end()});
    }
  });
}

/// One cpu node for each vCPU, started by PSCI.
template <tree_buffer Buffer>
void make_cpus_node(tree_writer<Buffer>& tree, std::uint32_t vcpus) {
  tree.node("cpus", [&] {
    tree.cell("#address-cells", 1);
    tree.cell("#size-cells", 0);
    for (std::uint32_t n = 0; n < vcpus && tree.ok(); ++n) {
      tree.node("cpu", affinity_of(n), [&] {
        tree.string("device_type", "cpu");
        tree.string("compatible", "arm,armv8");
        tree.string("enable-method", "psci");
        tree.cell("reg", affinity_of(n));
      });
    }
  });
}

/// PSCI by HVC, with the function numbers that the standard gives it.
template <tree_buffer Buffer>
void make_psci_node(tree_writer<Buffer>& tree) {
  tree.node("psci", [&] {
    tree.strings("compatible", {"arm,psci-1.0", "arm,psci-0.2"});
    tree.string("method", "hvc");
  });
}

/// One memory node for each bank.
template <tree_buffer Buffer>
void make_memory_nodes(tree_writer<Buffer>& tree, const layout::range* banks, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    tree.node("memory", banks[i].base, [&] {
      tree.string("device_type", "memory");
      tree.pairs("reg", {banks[i].base, banks[i].size});
    });
  }
}

/// The generic timer: secure and non-secure physical timer, virtual timer, as in Xen (GUEST_TIMER_PHYS_S_PPI,
/// GUEST_TIMER_PHYS_NS_PPI, GUEST_TIMER_VIRT_PPI) and in every machine that follows Arm's server base system.
template <tree_buffer Buffer>
void make_timer_node(tree_writer<Buffer>& tree, ppi_cpus cpus) {
  tree.node("timer", [&] {
    tree.string("compatible", "arm,armv8-timer");
    make_interrupts(
        tree, cpus,
        {{intid{29}, trigger::level_high}, {intid{30}, trigger::level_high}, {intid{27}, trigger::level_high}});
    tree.flag("always-on");
  });
}

/// Xen's own node: which Xen it is, where to map the grant table, and the event channels' PPI (GUEST_EVTCHN_PPI).
/// \param compatible  "xen,xen-<major>.<minor>"
template <tree_buffer Buffer>
void make_hypervisor_node(tree_writer<Buffer>& tree, ppi_cpus cpus, const char* compatible,
                          const layout::range& grant_table) {
  tree.node("hypervisor", [&] {
    tree.strings("compatible", {compatible, "xen,xen"});
    tree.pairs("reg", {grant_table.base, grant_table.size});
    make_interrupts(tree, cpus, {{intid{31}, trigger::level_high}});
  });
}

}  // namespace domctl
