// SPDX-License-Identifier: BSL-1.0
/// \file
/// Xen 4.17's domain creation, information and destruction: what they answer, each error, and the order of checks.
#include "machine.hpp"

namespace {

using namespace domctl_tests;
using namespace xen_4_17;

/// The smallest call that works: NATIVE, one vCPU, no SPIs, any identifier.
xen_domctl request_to_create(domid id = domid{0}) {
  xen_domctl op;
  op.cmd = command::createdomain;
  op.domain = id;
  op.u.createdomain = {};
  return op;
}

xen_domctl request_of(command cmd, domid id) {
  xen_domctl op;
  op.cmd = cmd;
  op.domain = id;
  return op;
}

/// Creates after `change` to the smallest call.
template <class Machine, class Change>
error create(Machine& host, Change change) {
  xen_domctl op = request_to_create();
  change(op.u.createdomain);
  return call(host, op);
}

constexpr cdf with_iommu = cdf::hvm | cdf::hap | cdf::iommu;
constexpr config_gic versions[] = {config_gic::native, config_gic::v2, config_gic::v3};

TEST_CASE("xen_arch_domainconfig.gic_version: NATIVE resolves, V2 on V3 hardware only where it can, V3 on V2 never") {
  const struct {
    hardware_gic hardware;
    config_gic asked;
    error answer;
    config_gic told;
  } rows[] = {
      {hardware_gic::v2, config_gic::native, error::none, config_gic::v2},
      {hardware_gic::v2, config_gic::v2, error::none, config_gic::v2},
      {hardware_gic::v2, config_gic::v3, error::enodev, {}},
      {hardware_gic::v3, config_gic::native, error::none, config_gic::v3},
      {hardware_gic::v3, config_gic::v2, error::enodev, {}},
      {hardware_gic::v3, config_gic::v3, error::none, config_gic::v3},
      {hardware_gic::v3_with_v2, config_gic::native, error::none, config_gic::v3},
      {hardware_gic::v3_with_v2, config_gic::v2, error::none, config_gic::v2},
      {hardware_gic::v3_with_v2, config_gic::v3, error::none, config_gic::v3},
  };
  for (const auto& row : rows) {
    machine<> host(row.hardware);
    xen_domctl op = request_to_create();
    op.u.createdomain.arch.gic_version = row.asked;
    op.u.createdomain.arch.nr_spis = 33;
    CHECK(call(host, op) == row.answer);
    if (row.answer != error::none) {
      CHECK(raw(op.u.createdomain.arch.gic_version) == raw(row.asked));
      continue;
    }
    CHECK(op.u.createdomain.arch.gic_version == row.told);
    const auto* const d = host.find_domain(op.domain);
    REQUIRE(d != nullptr);
    CHECK((d->gic == domain_configuration{version_of(row.told), 64}));
  }
}

TEST_CASE("createdomain: no other gic_version, -EINVAL (22)") {
  machine<> host(hardware_gic::v3_with_v2);
  for (unsigned asked = 3; asked < 256; ++asked) {
    CHECK(create(host, [&](auto& c) { c.arch.gic_version = static_cast<config_gic>(asked); }) == error::einval);
  }
}

TEST_CASE("createdomain: V3 is -EINVAL in a hypervisor that cannot emulate one") {
  host_support small;
  small.gicv3 = support::absent;
  machine<> host(hardware_gic::v2, small);
  CHECK(create(host, [](auto& c) { c.arch.gic_version = config_gic::v3; }) == error::einval);
  CHECK(create(host, [](auto& c) { c.arch.gic_version = config_gic::v2; }) == error::none);
}

TEST_CASE("nr_spis: at most 960 and rounded up to 32, it comes back as it was given") {
  for (std::uint32_t asked = 0; asked <= 1100; ++asked) {
    machine<> host(hardware_gic::v2);
    xen_domctl op = request_to_create();
    op.u.createdomain.arch.nr_spis = asked;
    const error e = call(host, op);
    CHECK(e == (asked <= 960 ? error::none : error::einval));
    CHECK(op.u.createdomain.arch.nr_spis == asked);
    if (e != error::none) continue;
    const std::uint32_t made = host.find_domain(op.domain)->gic.nr_spis;
    CHECK(made % 32 == 0);
    CHECK(made >= asked);
    CHECK(made - asked < 32);
  }
}

TEST_CASE("nr_spis: what Xen takes for none because 32 bits are full is refused, a deliberate difference") {
  machine<> host(hardware_gic::v3);
  for (std::uint32_t asked = 0xffffff00; asked != 0; ++asked) {
    CHECK(create(host, [&](auto& c) { c.arch.nr_spis = asked; }) == error::einval);
  }
}

TEST_CASE("createdomain: 1..8 vCPUs with a GICv2, 1..128 with a GICv3, by the version that NATIVE resolves to") {
  for (const hardware_gic hardware : {hardware_gic::v2, hardware_gic::v3, hardware_gic::v3_with_v2}) {
    for (const config_gic asked : versions) {
      if (check_hardware(asked == config_gic::native ? native_gic(hardware) : asked, hardware) != error::none) continue;
      machine<> host(hardware);
      const bool v2 = asked == config_gic::v2 || (asked == config_gic::native && hardware == hardware_gic::v2);
      const std::uint32_t most = v2 ? 8 : 128;
      const auto vcpus = [&](std::uint32_t n) {
        return create(host, [&](auto& c) { c.arch.gic_version = asked, c.max_vcpus = n; });
      };
      CHECK(vcpus(0) == error::einval);
      CHECK(vcpus(1) == error::none);
      CHECK(vcpus(most) == error::none);
      CHECK(vcpus(most + 1) == error::einval);
      CHECK(vcpus(0xffffffff) == error::einval);
    }
  }
}

TEST_CASE("createdomain: MAX_VIRT_CPUS caps the vCPUs of a GICv3, 8 on 32-bit Arm") {
  host_support arm32;
  arm32.max_vcpus = 8;
  machine<> host(hardware_gic::v3, arm32);
  CHECK(create(host, [](auto& c) { c.max_vcpus = 8; }) == error::none);
  CHECK(create(host, [](auto& c) { c.max_vcpus = 9; }) == error::einval);
}

TEST_CASE("createdomain: flags are hvm and hap, with iommu and vpmu where the host has them, -EINVAL else") {
  const auto allowed = [](std::uint32_t flags, const host_support& host) {
    std::uint32_t optional = 0;
    if (host.iommu == support::present) optional |= 0x20;
    if (host.vpmu == support::present) optional |= 0x80;
    return (flags & ~optional) == 3;
  };
  for (const support iommu : {support::absent, support::present}) {
    for (const support vpmu : {support::absent, support::present}) {
      host_support has;
      has.iommu = iommu;
      has.vpmu = vpmu;
      for (std::uint32_t flags = 0; flags < 0x400; ++flags) {
        machine<> host(hardware_gic::v3, has);
        const error e = create(host, [&](auto& c) { c.flags = static_cast<cdf>(flags); });
        CHECK(e == (allowed(flags, has) ? error::none : error::einval));
      }
      machine<> host(hardware_gic::v3, has);
      CHECK(create(host, [&](auto& c) { c.flags = static_cast<cdf>(0x80000003); }) == error::einval);
    }
  }
}

TEST_CASE("createdomain: iommu_opts, vmtrace_size, grant_opts and grant limits, TEE") {
  host_support has;
  has.iommu = support::present;
  has.tee = config_tee::optee;
  machine<> host(hardware_gic::v3, has);
  const auto with = [&](auto change) { return create(host, change); };

  CHECK(with([](auto& c) { c.iommu_opts = 1; }) == error::einval);
  CHECK(with([](auto& c) { c.iommu_opts = 2; }) == error::einval);
  CHECK(with([](auto& c) { c.flags = with_iommu; }) == error::none);
  CHECK(with([](auto& c) { c.flags = with_iommu, c.iommu_opts = 1; }) == error::einval);  // tables are always shared
  CHECK(with([](auto& c) { c.flags = with_iommu, c.iommu_opts = 2; }) == error::einval);
  CHECK(with([](auto& c) { c.vmtrace_size = 4096; }) == error::einval);

  CHECK(with([](auto& c) { c.grant_opts = 0; }) == error::einval);
  CHECK(with([](auto& c) { c.grant_opts = 2; }) == error::einval);
  CHECK(with([](auto& c) { c.grant_opts = 0x11; }) == error::einval);
  CHECK(with([](auto& c) { c.max_grant_frames = 0; }) == error::einval);
  CHECK(with([](auto& c) { c.max_grant_frames = 1; }) == error::none);
  CHECK(with([](auto& c) { c.max_grant_frames = 64; }) == error::none);
  CHECK(with([](auto& c) { c.max_grant_frames = 65; }) == error::einval);
  CHECK(with([](auto& c) { c.max_grant_frames = -5; }) == error::none);
  CHECK(with([](auto& c) { c.max_maptrack_frames = 0; }) == error::none);
  CHECK(with([](auto& c) { c.max_maptrack_frames = 1024; }) == error::none);
  CHECK(with([](auto& c) { c.max_maptrack_frames = 1025; }) == error::einval);
  CHECK(with([](auto& c) { c.max_evtchn_port = 0xffffffff; }) == error::none);

  CHECK(with([](auto& c) { c.arch.tee_type = config_tee::optee; }) == error::none);
  CHECK(with([](auto& c) { c.arch.tee_type = config_tee{2}; }) == error::einval);
  has.tee = config_tee{2};
  machine<> other_tee(hardware_gic::v3, has);
  CHECK(create(other_tee, [](auto& c) { c.arch.tee_type = config_tee::optee; }) == error::einval);
  machine<> without_tee(hardware_gic::v3);
  CHECK(create(without_tee, [](auto& c) { c.arch.tee_type = config_tee::optee; }) == error::einval);
}

TEST_CASE("sanitise_domain_config: its common part refuses by itself what Arm's part would refuse, too") {
  host_support has;
  has.iommu = has.vpmu = support::present;
  const auto common = [&](auto change) {
    xen_domctl_createdomain config;
    change(config);
    return sanitise_common(config, has);
  };
  constexpr auto all_known = static_cast<cdf>(0xff);
  CHECK(common([](auto& c) { c.flags = all_known; }) == error::none);
  CHECK(common([](auto& c) { c.flags = all_known | static_cast<cdf>(0x100); }) == error::einval);
  CHECK(common([](auto& c) { c.flags = cdf::none; }) == error::none);
  CHECK(common([](auto& c) { c.flags = cdf::hvm; }) == error::none);
  CHECK(common([](auto& c) { c.flags = cdf::hap; }) == error::einval);
  CHECK(common([](auto& c) { c.flags = with_iommu, c.iommu_opts = 1; }) == error::none);
  CHECK(common([](auto& c) { c.iommu_opts = 1; }) == error::einval);
  CHECK(common([](auto& c) { c.flags = with_iommu, c.iommu_opts = 2; }) == error::einval);
}

TEST_CASE("createdomain: what the environment refuses comes through: no such CPU pool, no memory") {
  machine<> host(hardware_gic::v3);
  CHECK(create(host, [](auto& c) { c.cpupool_id = 1; }) == error::esrch);
  for (int i = 0; i < 15; ++i) REQUIRE(create(host, [](auto&) {}) == error::none);
  CHECK(create(host, [](auto&) {}) == error::enomem);
}

TEST_CASE("createdomain: clock_frequency is the host's, whatever was in it") {
  host_support has;
  has.clock_frequency = 62500000;
  machine<> host(hardware_gic::v3, has);
  xen_domctl op = request_to_create();
  op.u.createdomain.arch.clock_frequency = 1;
  REQUIRE(call(host, op) == error::none);
  CHECK(op.u.createdomain.arch.clock_frequency == 62500000);
}

TEST_CASE("createdomain: 1..0x7fef asks for that identifier, -EEXIST (17) if it is in use, others ask for a free one") {
  machine<> host(hardware_gic::v3);
  xen_domctl op = request_to_create(domid{0x7fef});
  REQUIRE(call(host, op) == error::none);
  CHECK(op.domain == domid{0x7fef});
  xen_domctl same = request_to_create(domid{0x7fef});
  CHECK(call(host, same) == error::eexist);

  std::uint16_t expected = 1;  // behind the highest comes the lowest, and 0 is nobody's to get
  for (const domid any : {domid{0}, domid{0x7ff0}, domid::invalid, domid{0xffff}}) {
    xen_domctl free = request_to_create(any);
    REQUIRE(call(host, free) == error::none);
    CHECK(raw(free.domain) == expected++);
  }

  // A dying domain keeps its identifier.
  host.hold(*host.find_domain(domid{2}));
  xen_domctl destroy = request_of(command::destroydomain, domid{2});
  REQUIRE(call(host, destroy) == error::none);
  xen_domctl two = request_to_create(domid{2});
  CHECK(call(host, two) == error::eexist);
}

TEST_CASE("createdomain: a host without a free identifier, -ENOMEM (12)") {
  struct full : machine<> {
    using machine<>::machine;
    domid free_domid() { return domid::invalid; }
    created<domain> create_domain(domid, const domain_configuration&, const xen_domctl_createdomain&) {
      FAIL("asked for a domain without an identifier");
      return {nullptr, error::none};
    }
  } host(hardware_gic::v3);
  xen_domctl op = request_to_create();
  CHECK(call(host, op) == error::enomem);
}

TEST_CASE("createdomain: a failing copy back is -EFAULT (14), and the domain is taken back, a deliberate difference") {
  machine<> host(hardware_gic::v3);
  REQUIRE(create(host, [](auto&) {}) == error::none);
  host.writing = copied::fault;
  for (const domid id : {domid{0}, domid{9}}) {
    xen_domctl op = request_to_create(id);
    CHECK(call(host, op) == error::efault);
  }
  CHECK(host.find_domain(domid{9}) == nullptr);
  host.writing = copied::all;
  xen_domctl op = request_to_create();
  REQUIRE(call(host, op) == error::none);
  CHECK(op.domain == domid{2});
}

TEST_CASE("createdomain: hardware with an unknown GIC is a bug of the host, and nothing has changed") {
  for (const config_gic asked : versions) {
    machine<> host(static_cast<hardware_gic>(0));
    CHECK(create(host, [&](auto& c) { c.arch.gic_version = asked; }) == error::einval);
    CHECK(host.bugs() == 1);
  }
}

TEST_CASE("createdomain: errors come in Xen's order") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(domid{9}) != nullptr);
  host.reading = host.writing = copied::fault;
  host.call_as(somebody);
  xen_domctl op = request_to_create(domid{9});
  op.interface_version = 0x14;
  op.u.createdomain.arch.gic_version = config_gic::v2;  // not on this hardware
  op.u.createdomain.arch.nr_spis = 961;
  op.u.createdomain.max_vcpus = 9;  // not with a GICv2

  CHECK(call(host, op) == error::efault);
  host.reading = copied::all;
  CHECK(call(host, op) == error::eacces);
  op.interface_version = 0x15;
  CHECK(call(host, op) == error::eperm);
  host.call_as({domid::hardware, {}, xsm::role::control});
  CHECK(call(host, op) == error::eexist);
  op.domain = domid{10};
  CHECK(call(host, op) == error::einval);
  op.u.createdomain.max_vcpus = 8;
  CHECK(call(host, op) == error::enodev);  // before nr_spis
  op.u.createdomain.arch.gic_version = config_gic::v3;
  CHECK(call(host, op) == error::einval);
  op.u.createdomain.arch.nr_spis = 960;
  CHECK(call(host, op) == error::efault);
  host.writing = copied::all;
  CHECK(call(host, op) == error::none);
}

TEST_CASE("destroydomain: gone, -ESRCH after that, 0 again while others hold references, never oneself (-EINVAL)") {
  machine<> host(hardware_gic::v3);
  xen_domctl made = request_to_create(domid{4});
  REQUIRE(call(host, made) == error::none);
  host.hold(*host.find_domain(domid{4}));

  xen_domctl op = request_of(command::destroydomain, domid{4});
  CHECK(call(host, op) == error::none);
  CHECK(call(host, op) == error::none);
  host.release(*host.find_domain(domid{4}));
  CHECK(call(host, op) == error::esrch);

  xen_domctl own = request_of(command::destroydomain, domid::hardware);
  CHECK(call(host, own) == error::einval);
  host.call_as(somebody);
  CHECK(call(host, own) == error::eperm);

  // Nothing is copied back: memory that cannot be written is no error.
  host.call_as({domid::hardware, {}, xsm::role::control});
  xen_domctl again = request_to_create(domid{4});
  REQUIRE(call(host, again) == error::none);
  host.writing = copied::fault;
  CHECK(call(host, op) == error::none);
}

TEST_CASE("getdomaininfo: of that domain or the next higher one, -ESRCH if there is none, -EINVAL from 0x7ff0 on") {
  machine<> host(hardware_gic::v3);
  for (const domid id : {domid{40}, domid{20}}) {
    xen_domctl op = request_to_create(id);
    op.u.createdomain.handle[0] = static_cast<std::uint8_t>(raw(id));
    REQUIRE(call(host, op) == error::none);
  }
  const auto answer = [&](domid asked) {
    xen_domctl op = request_of(command::getdomaininfo, asked);
    REQUIRE(call(host, op) == error::none);
    CHECK(op.domain == op.u.getdomaininfo.domain);
    return op.u.getdomaininfo;
  };
  CHECK(answer(domid{0}).domain == domid{0});
  CHECK(answer(domid{1}).domain == domid{20});
  CHECK(answer(domid{20}).domain == domid{20});
  CHECK(answer(domid{21}).domain == domid{40});

  const xen_domctl_getdomaininfo info = answer(domid{20});
  CHECK(info.handle[0] == 20);
  CHECK((info.flags & dominf::hap) == dominf::hap);
  CHECK((info.flags & dominf::paused) == dominf::paused);
  CHECK((info.flags & dominf::dying) == dominf::none);
  CHECK(((raw(info.flags) >> dominf_shutdown_shift) & dominf_shutdown_mask) == 255);
  CHECK(info.max_vcpu_id == 0xffffffff);
  CHECK((info.arch_config == xen_arch_domainconfig{}));  // Xen on Arm does not say the GIC version here

  xen_domctl none = request_of(command::getdomaininfo, domid{41});
  CHECK(call(host, none) == error::esrch);
  for (const domid reserved : {domid{0x7ff0}, domid{0xffff}}) {
    xen_domctl op = request_of(command::getdomaininfo, reserved);
    CHECK(call(host, op) == error::einval);
  }
  xen_domctl op = request_of(command::getdomaininfo, domid{20});
  host.writing = copied::fault;
  CHECK(call(host, op) == error::efault);
  host.call_as(somebody);
  CHECK(call(host, op) == error::eperm);
}

TEST_CASE("do_domctl of 4.17: -ESRCH before -EPERM, and -ENOSYS for what is no operation here") {
  machine<> host(hardware_gic::v3);
  for (const std::uint32_t cmd : {0u, 3u, 4u, 76u, 0xffffffffu}) {
    xen_domctl op = request_of(static_cast<command>(cmd), domid{0});
    CHECK(call(host, op) == error::enosys);
    op.domain = domid{3};
    host.call_as(somebody);
    CHECK(call(host, op) == error::esrch);
    op.domain = domid{0};
    CHECK(call(host, op) == error::eperm);
    host.call_as({domid::hardware, {}, xsm::role::control});
  }
}

}  // namespace
