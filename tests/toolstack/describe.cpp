// SPDX-License-Identifier: BSL-1.0
/// \file
/// libxl__arch_domain_init_hw_description: asks with DEFAULT, logs the version, makes that version's node, and fails
/// where the hypervisor or the layout leaves nothing to describe.
#include "catch.hpp"

#include <domctl/describe.hpp>
#include <domctl/device_tree/devices.hpp>
#include <domctl/in_process.hpp>
#include <domctl/model.hpp>
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <string>
#include <vector>

#include "tools.hpp"

using domctl::config_gic;
using domctl::description;
using domctl::description_status;
using domctl::domid;
using domctl::hardware_gic;
using layout::gic_version;
using tests::bytes;

namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr domctl::machine_name xenvm{"XENVM-4.5", {"xen,xenvm-4.5", "xen,xenvm"}};

struct lines {
  std::vector<std::string> all;

  void debug(const char* line) { all.push_back(std::string{"debug: "} + line); }
  void error(const char* line) { all.push_back(std::string{"error: "} + line); }
};

/// Xen's devices of a domain: its own node, and nothing else.
struct xen_devices {
  template <class Buffer>
  void operator()(domctl::tree_writer<Buffer>& tree, domctl::ppi_cpus cpus) const {
    domctl::make_hypervisor_node(tree, cpus, "xen,xen-4.5", layout::xen_4_5::grant_table);
  }
};

struct no_devices {
  template <class Buffer>
  void operator()(domctl::tree_writer<Buffer>&, domctl::ppi_cpus) const {}
};

/// A hypervisor of one answer: not what the library's handlers give.
struct oracle {
  domctl::error code;
  config_gic version;
  unsigned calls = 0;
  domctl::xen_4_5::xen_domctl last{};

  domctl::error domctl(domctl::xen_4_5::xen_domctl& op) {
    ++calls;
    last = op;
    op.u.configuredomain.gic_version = version;
    return code;
  }
};

/// The library's own hypervisor with domain 1.
struct machine {
  domctl::in_memory<> host;
  domctl::in_process<domctl::in_memory<>> xch{host};

  explicit machine(hardware_gic hardware) : host(hardware) { REQUIRE(host.add_domain(domid{1}) != nullptr); }
};

/// All that dtc warns of in a Xen domain's tree. Xen's own tree has the same node with the same name: Linux finds it
/// by its compatible, and the name is the binding's (Documentation/devicetree/bindings/arm/xen.txt).
const std::string warnings_of_xens_tree =
    "Warning (unit_address_vs_reg): /hypervisor: node has a reg or ranges property, but no unit name\n";

template <class Layout>
description describe(hardware_gic hardware, const domctl::domain& d, lines& log, bytes& tree) {
  machine m{hardware};
  const description made = domctl::describe_domain<Layout>(m.xch, domid{1}, d, log, tree, xen_devices{});
  if (made.ok()) tree.resize(made.size);
  return made;
}

}  // namespace

TEST_CASE("init_hw_description on GICv3 hardware: asks with DEFAULT, logs V3, makes make_gicv3_node's node") {
  lines log;
  bytes tree;
  const description made =
      describe<layout::xen_4_5>(hardware_gic::v3, {.vcpus = 2, .memory = 128 * mib, .machine = xenvm}, log, tree);
  REQUIRE(made.ok());
  CHECK(made.gic_version == config_gic::v3);
  CHECK(log.all == std::vector<std::string>{"debug: configure the domain",
                                            "debug: constructing the device tree, layout xen-4.5",
                                            "debug:   - vGIC version: V3"});
  const tests::ran dts = tests::decompile(tree);
  CHECK(dts.out == tests::expected("domain-v3-xen-4.5.dts"));
  CHECK(dts.err.substr(dts.err.find(": ") + 2) == warnings_of_xens_tree);
}

TEST_CASE("init_hw_description on GICv2 hardware: logs V2, makes make_gicv2_node's node, PPIs name the CPUs") {
  lines log;
  bytes tree;
  const description made =
      describe<layout::xen_4_5>(hardware_gic::v2,
                                {.vcpus = 3,
                                 .memory = 4096 * mib,
                                 .machine = xenvm,
                                 .start = {.bootargs = "console=hvc0", .initrd = {0x2'0000'0000, 0x1234}}},
                                log, tree);
  REQUIRE(made.ok());
  CHECK(made.gic_version == config_gic::v2);
  CHECK(log.all.back() == "debug:   - vGIC version: V2");
  const tests::ran dts = tests::decompile(tree);
  CHECK(dts.out == tests::expected("domain-v2-xen-4.5.dts"));
  CHECK(dts.err.substr(dts.err.find(": ") + 2) == warnings_of_xens_tree);
}

TEST_CASE("devices: those of Xen and those of QEMU's machine, and dtc has nothing to warn of") {
  bytes tree(64);
  domctl::tree_writer writer{tree};
  writer.root([&] {
    domctl::make_root_properties(writer, {"devices", {"linux,dummy-virt", nullptr}});
    domctl::make_chosen_node(writer, {.stdout_path = "/pl011@9000000"});
    domctl::make_gicv3_node(writer, layout::qemu_virt::v3);
    domctl::make_sbsa_uart_node(writer, {layout::xen_4_17::pl011, domctl::intid{32}});
    domctl::make_virtio_mmio_node(writer, {{0x0200'0200, 0x200}, domctl::intid{34}});
    domctl::make_clock_node(writer, 24'000'000);
    domctl::make_pl011_node(writer, {layout::qemu_virt::pl011, domctl::intid{33}});
    domctl::make_pl031_node(writer, {{0x0901'0000, 0x1000}, domctl::intid{34}});
  });
  const domctl::tree_status status = writer.finish();
  REQUIRE(status.ok());
  tree.resize(status.size);
  const tests::ran dts = tests::decompile(tree);
  CHECK(dts.out == tests::expected("devices.dts"));
  CHECK(dts.err.empty());
}

TEST_CASE("xc_domain_configure is asked once, with DEFAULT, for that domain") {
  oracle xch{domctl::error::none, config_gic::v2};
  lines log;
  bytes tree;
  const description made = domctl::describe_domain<layout::xen_4_5>(
      xch, domid{7}, {.vcpus = 1, .memory = mib, .machine = xenvm}, log, tree, no_devices{});
  CHECK(made.ok());
  CHECK(xch.calls == 1);
  CHECK(xch.last.cmd == domctl::command::arm_configure_domain);
  CHECK(xch.last.domain == domid{7});
  CHECK(xch.last.u.configuredomain.gic_version == config_gic::default_version);
}

TEST_CASE("a hypervisor that refuses: the description logs an error and fails") {
  lines log;
  bytes tree;
  const domctl::domain d{.vcpus = 1, .memory = mib, .machine = xenvm};
  SECTION("the library's own, for a domain that it does not have") {
    machine m{hardware_gic::v3};
    const description made = domctl::describe_domain<layout::xen_4_5>(m.xch, domid{2}, d, log, tree, no_devices{});
    CHECK(made.status == description_status::configure_failed);
    CHECK(log.all.back() == "error: couldn't configure the domain: there is no such domain (ESRCH, 3)");
  }
  SECTION("the library's own, for a caller that may not") {
    machine m{hardware_gic::v3};
    m.host.call_as(m.host.party_of(*m.host.find_domain(domid{1})));
    const description made = domctl::describe_domain<layout::xen_4_5>(m.xch, domid{1}, d, log, tree, no_devices{});
    CHECK(made.status == description_status::configure_failed);
    CHECK(log.all.back() ==
          "error: couldn't configure the domain: this caller may not configure that domain (EPERM, 1)");
  }
  SECTION("one whose answer is not to be believed, because it failed") {
    oracle xch{domctl::error::efault, config_gic::v3};
    const description made = domctl::describe_domain<layout::xen_4_5>(xch, domid{1}, d, log, tree, no_devices{});
    CHECK(made.status == description_status::configure_failed);
    CHECK(log.all.size() == 2);
  }
  CHECK(log.all.front() == "debug: configure the domain");
  CHECK(tree.empty());
}

TEST_CASE("gicv_to_string: V2, V3, and unknown for every other byte, which is an error") {
  CHECK(std::string{domctl::gicv_to_string(config_gic::v2)} == "V2");
  CHECK(std::string{domctl::gicv_to_string(config_gic::v3)} == "V3");
  for (unsigned version = 0; version < 256; ++version) {
    if (version == 1 || version == 2) continue;
    oracle xch{domctl::error::none, config_gic{static_cast<std::uint8_t>(version)}};
    lines log;
    bytes tree;
    const description made = domctl::describe_domain<layout::xen_4_5>(
        xch, domid{1}, {.vcpus = 1, .memory = mib, .machine = xenvm}, log, tree, no_devices{});
    REQUIRE(made.status == description_status::unknown_gic_version);
    REQUIRE(log.all.size() == 4);
    REQUIRE(log.all[2] == "debug:   - vGIC version: unknown");
    REQUIRE(log.all[3] == "error: no device-tree node is known for gic_version " + std::to_string(version) +
                              ": there is 1 (V2) and 2 (V3)");
    REQUIRE(tree.empty());
  }
}

namespace {

struct v2_alone {
  static constexpr const char* name = "v2-alone";
  static constexpr layout::gicv2_frames v2 = layout::qemu_virt::v2;
  static constexpr layout::range ram{0x4000'0000, 0x1000'0000};
};

template <class Layout>
std::string last_error(config_gic version, const domctl::domain& d, description_status wanted) {
  lines log;
  bytes tree;
  const description made = domctl::describe_hardware<Layout>(version, d, log, tree, no_devices{});
  CHECK(made.status == wanted);
  return log.all.back();
}

}  // namespace

TEST_CASE("what the layout cannot do is one sentence with the rule's name and the numbers") {
  const auto vcpus = [](std::uint32_t n) { return domctl::domain{.vcpus = n, .memory = mib, .machine = xenvm}; };
  const auto memory = [](std::uint64_t n) { return domctl::domain{.vcpus = 1, .memory = n, .machine = xenvm}; };
  const auto initrd = [](layout::range r) {
    return domctl::domain{.vcpus = 1, .memory = mib, .machine = xenvm, .start = {.initrd = r}};
  };
  using layout::xen_4_5;
  using layout::xen_4_5_released;

  CHECK(last_error<xen_4_5>(config_gic::v3, vcpus(17), description_status::rule_broken) ==
        "error: layout xen-4.5 has room for the redistributors of 16 vCPUs, not of 17 (rule redistributor_capacity)");
  CHECK(last_error<xen_4_5_released>(config_gic::v3, vcpus(9), description_status::rule_broken) ==
        "error: layout xen-4.5-released has room for the redistributors of 8 vCPUs, not of 9 (rule "
        "redistributor_capacity)");
  CHECK(last_error<xen_4_5>(config_gic::v2, vcpus(9), description_status::rule_broken) ==
        "error: layout xen-4.5: its GIC has CPU interfaces for 8 vCPUs, not for 9 (rule vcpu_count)");
  CHECK(last_error<xen_4_5>(config_gic::v2, vcpus(0), description_status::rule_broken) ==
        "error: layout xen-4.5: a domain has 1 vCPU at least, not 0 (rule vcpu_count)");
  CHECK(last_error<v2_alone>(config_gic::v3, vcpus(1), description_status::no_frames) ==
        "error: layout v2-alone has no place for a GICv3");

  CHECK(last_error<v2_alone>(config_gic::v2, memory(257 * mib), description_status::memory_too_large) ==
        "error: layout v2-alone has room for 1 to 256 MiB of memory, not for 257 MiB");
  CHECK(last_error<v2_alone>(config_gic::v2, memory(0), description_status::memory_too_large) ==
        "error: layout v2-alone has room for 1 to 256 MiB of memory, not for 0 MiB");

  const auto outside = description_status::initrd_outside;
  const std::string sentence = " is not in the domain's memory, which begins at 0x40000000";
  CHECK(last_error<xen_4_5>(config_gic::v3, initrd({0x3fff'f000, 0x2000}), outside) ==
        "error: the initrd at 0x3ffff000" + sentence);
  CHECK(last_error<xen_4_5>(config_gic::v3, initrd({0x400f'f000, 0x1001}), outside) ==
        "error: the initrd at 0x400ff000" + sentence);
  CHECK(last_error<xen_4_5>(config_gic::v3, initrd({0x4000'0000, ~std::uint64_t{0}}), outside) ==
        "error: the initrd at 0x40000000" + sentence);
  CHECK(last_error<xen_4_5>(config_gic::v3, initrd({0x400f'f000, 0x1000}), description_status::described) ==
        "debug:   - vGIC version: V3");
}

TEST_CASE("the most vCPUs of each layout are described, and no more") {
  lines log;
  bytes tree;
  const auto describes = [&](auto layout, config_gic version, std::uint32_t vcpus) {
    return domctl::describe_hardware<decltype(layout)>(version, {.vcpus = vcpus, .memory = mib, .machine = xenvm}, log,
                                                       tree, no_devices{})
        .ok();
  };
  CHECK((describes(layout::xen_4_5{}, config_gic::v3, 16) && !describes(layout::xen_4_5{}, config_gic::v3, 17)));
  CHECK((describes(layout::xen_4_17{}, config_gic::v3, 128) && !describes(layout::xen_4_17{}, config_gic::v3, 129)));
  CHECK((describes(layout::qemu_virt{}, config_gic::v3, 123) && !describes(layout::qemu_virt{}, config_gic::v3, 124)));
  CHECK((describes(layout::xen_4_17{}, config_gic::v2, 8) && !describes(layout::xen_4_17{}, config_gic::v2, 9)));
}

TEST_CASE("a buffer too small for a description is an error with libfdt's text and the place") {
  alignas(8) static std::byte memory[700];
  domctl::fixed_buffer buffer{memory, sizeof memory};
  lines log;
  const description made = domctl::describe_hardware<layout::xen_4_5>(
      config_gic::v3, {.vcpus = 16, .memory = mib, .machine = xenvm}, log, buffer, no_devices{});
  CHECK(made.status == description_status::tree_failed);
  CHECK(made.tree.code == -FDT_ERR_NOSPACE);
  CHECK(log.all.back() ==
        "error: cannot make the device tree, " + std::string{made.tree.where.c_str()} + ": FDT_ERR_NOSPACE");
  CHECK(log.all.back().find("/cpus") != std::string::npos);
}

TEST_CASE("memory fills GUEST_RAM0 first, the rest is in GUEST_RAM1") {
  using layout::range;
  using layout::xen_4_17;
  constexpr std::uint64_t low = xen_4_17::ram.size;
  constexpr auto little = domctl::memory_of<xen_4_17>(low);
  static_assert(little.count == 1 && little.banks[0] == xen_4_17::ram);
  constexpr auto more = domctl::memory_of<xen_4_17>(low + 1);
  static_assert(more.count == 2 && more.banks[0] == xen_4_17::ram && more.banks[1] == range{0x2'0000'0000, 1});
  static_assert(domctl::most_memory<xen_4_17>() == xen_4_17::ram_max);
  static_assert(domctl::memory_of<layout::qemu_virt>(mib).count == 1);
  CHECK(more.contain({0x2'0000'0000, 1}));
  CHECK_FALSE(more.contain({0xffff'ffff, 0x1'0000'0002}));  // begins in one bank, ends in the other
}

TEST_CASE("libxl__compute_mpdir: sixteen vCPUs a cluster") {
  CHECK(domctl::affinity_of(0) == 0);
  CHECK(domctl::affinity_of(15) == 0xf);
  CHECK(domctl::affinity_of(16) == 0x100);
  CHECK(domctl::affinity_of(127) == 0x70f);
}
