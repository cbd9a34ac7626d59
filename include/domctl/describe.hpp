// SPDX-License-Identifier: BSL-1.0
/// \file
/// The toolstack describes a domain to itself: it asks the hypervisor which GIC the domain has and makes the device
/// tree (libxl__arch_domain_init_hw_description of libxl_arm.c).
#pragma once

#include <domctl/abi/xen_4_5.hpp>
#include <domctl/device_tree/nodes.hpp>
#include <domctl/environment.hpp>
#include <domctl/log.hpp>
#include <domctl/memory.hpp>
#include <domctl/toolstack.hpp>
#include <layout/rules/examine.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace domctl {

/// What the toolstack decides of a domain, beside its devices.
struct domain {
  std::uint32_t vcpus;   ///< as many as the layout has redistributors or CPU interfaces for
  std::uint64_t memory;  ///< bytes
  machine_name machine;
  boot start{};
};

/// What a description comes to. Every failure has been logged as an error, in one sentence.
enum class description_status : std::uint8_t {
  described,
  configure_failed,     ///< the hypervisor refused
  unknown_gic_version,  ///< the hypervisor named a version that is neither V2 nor V3
  no_frames,            ///< the layout has no place for that GIC
  rule_broken,          ///< the layout breaks a rule, with so many vCPUs
  memory_too_large,     ///< or none
  initrd_outside,       ///< the initrd is not in the domain's memory
  tree_failed           ///< libfdt's error
};

/// Outcome of a description. The tree is the first `size` bytes of the buffer.
struct [[nodiscard]] description {
  description_status status;
  std::size_t size = 0;
  config_gic gic_version = config_gic::default_version;  ///< what the hypervisor said
  layout::verdict rule{};                                ///< the rule that is broken, if it is that
  tree_status tree{};                                    ///< libfdt's error, if it is that

  [[nodiscard]] constexpr bool ok() const { return status == description_status::described; }
};

/// libxl's gicv_to_string.
[[nodiscard]] constexpr const char* gicv_to_string(config_gic version) {
  switch (version) {
    case config_gic::v2: return "V2";
    case config_gic::v3: return "V3";
    default: return "unknown";
  }
}

/// Writes the nodes of a domain's devices, below the root and behind all others.
template <class D, class Buffer>
concept device_nodes = std::invocable < D&,
        tree_writer<Buffer>
&, ppi_cpus > ;

namespace detail {

template <class Layout, layout::gic_version V>
inline constexpr bool has_frames = V == layout::gic_version::v2 ? layout::has_gicv2<Layout> : layout::has_gicv3<Layout>;

/// What no tree can say.
template <class Layout, layout::gic_version V, log_policy Log>
description check_domain(const domain& d, Log& log) {
  if (const layout::verdict v = layout::examine<Layout, V>(d.vcpus); !v.kept()) {
    log.error(sentence(Layout::name, v).c_str());
    return {.status = description_status::rule_broken, .rule = v};
  }
  if (d.memory == 0 || d.memory > most_memory<Layout>()) {
    constexpr std::uint64_t mebibytes = most_memory<Layout>() >> 20;
    log_line line{"layout "};
    line.add(Layout::name).add(" has room for 1 to ").decimal(mebibytes).add(" MiB of memory, not for ");
    log.error(line.decimal(d.memory >> 20).add(" MiB").c_str());
    return {.status = description_status::memory_too_large};
  }
  if (d.start.initrd.size != 0 && !memory_of<Layout>(d.memory).contain(d.start.initrd)) {
    log_line line{"the initrd at 0x"};
    line.hex(d.start.initrd.base).add(" is not in the domain's memory, which begins at 0x");
    log.error(line.hex(Layout::ram.base).c_str());
    return {.status = description_status::initrd_outside};
  }
  return {.status = description_status::described};
}

template <class Layout, layout::gic_version V, log_policy Log, tree_buffer Buffer, device_nodes<Buffer> Devices>
description make_tree(const domain& d, Log& log, Buffer& buffer, Devices& devices) {
  if constexpr (!has_frames<Layout, V>) {
    log_line line{"layout "};
    line.add(Layout::name).add(" has no place for a GICv").decimal(static_cast<unsigned>(V));
    log.error(line.c_str());
    return {.status = description_status::no_frames};
  } else {
    if (const description impossible = check_domain<Layout, V>(d, log); !impossible.ok()) return impossible;

    const ppi_cpus cpus{V, d.vcpus};
    const memory_banks memory = memory_of<Layout>(d.memory);
    tree_writer tree{buffer};
    tree.root([&] {
      make_root_properties(tree, d.machine);
      make_chosen_node(tree, d.start);
      make_cpus_node(tree, d.vcpus);
      make_psci_node(tree);
      make_memory_nodes(tree, memory.banks, memory.count);
      if constexpr (V == layout::gic_version::v2) {
        make_gicv2_node(tree, Layout::v2);
      } else {
        make_gicv3_node(tree, Layout::v3);
      }
      make_timer_node(tree, cpus);
      devices(tree, cpus);
    });
    const tree_status status = tree.finish();
    if (!status.ok()) {
      log_line line{"cannot make the device tree, "};
      log.error(line.add(status.where.c_str()).add(": ").add(status.what()).c_str());
      return {.status = description_status::tree_failed, .tree = status};
    }
    return {.status = description_status::described, .size = status.size};
  }
}

}  // namespace detail

/// Makes the device tree of a domain whose GIC version the hypervisor has told: by xc_domain_configure as below, or
/// by createdomain since Xen 4.6. Logs the version.
/// \param buffer   see tree_buffer; it need not be large, if it can grow
/// \param devices  `devices(tree, cpus)` writes the nodes of the domain's devices
template <class Layout, log_policy Log, tree_buffer Buffer, device_nodes<Buffer> Devices>
description describe_hardware(config_gic version, const domain& d, Log& log, Buffer& buffer, Devices&& devices) {
  log.debug(log_line{"constructing the device tree, layout "}.add(Layout::name).c_str());
  log.debug(log_line{"  - vGIC version: "}.add(gicv_to_string(version)).c_str());

  description made{.status = description_status::unknown_gic_version};
  switch (version) {
    case config_gic::v2: made = detail::make_tree<Layout, layout::gic_version::v2>(d, log, buffer, devices); break;
    case config_gic::v3: made = detail::make_tree<Layout, layout::gic_version::v3>(d, log, buffer, devices); break;
    default: {
      log_line line{"no device-tree node is known for gic_version "};
      log.error(line.decimal(raw(version)).add(": there is 1 (V2) and 2 (V3)").c_str());
      break;
    }
  }
  made.gic_version = version;
  return made;
}

/// libxl__arch_domain_init_hw_description: asks the hypervisor for the domain's GIC version with DEFAULT, then makes
/// the device tree.
template <class Layout, transport<xen_4_5::xen_domctl> Transport, log_policy Log, tree_buffer Buffer,
          device_nodes<Buffer> Devices>
description describe_domain(Transport& xch, domid id, const domain& d, Log& log, Buffer& buffer, Devices&& devices) {
  log.debug("configure the domain");
  xen_4_5::xen_domctl_arm_configuredomain config{.gic_version = config_gic::default_version};
  if (const outcome asked = xc_domain_configure(xch, id, config); !asked.ok()) {
    log.error(log_line{"couldn't configure the domain: "}.add(asked.sentence()).c_str());
    return {.status = description_status::configure_failed};
  }
  return describe_hardware<Layout>(config.gic_version, d, log, buffer, devices);
}

}  // namespace domctl
