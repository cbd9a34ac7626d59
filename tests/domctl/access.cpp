// SPDX-License-Identifier: BSL-1.0
/// \file
/// XSM/FLASK: which operation asks for which permission, of whom, and what the handlers make of the answer.
#include "machine.hpp"

namespace {

using namespace domctl_tests;
using xsm::permission;
using xsm::security_class;
using xsm::ssid;

constexpr xsm::party toolstack{domid{1}, ssid{11}, xsm::role::other};
constexpr xsm::party guest{domid{7}, ssid{77}, xsm::role::other};

using flask_4_5 = xsm::flask<xsm::operations_4_5, one_rule>;
using flask_4_17 = xsm::flask<xsm::operations_4_17, one_rule>;

constexpr one_rule allowing(permission what) { return {toolstack.label, guest.label, what}; }

constexpr permission all_permissions[] = {
    permission::create,        permission::destroy,       permission::getdomaininfo, permission::set_cpuid,
    permission::settsc,        permission::setscheduler,  permission::setclaim,      permission::set_max_evtchn,
    permission::set_vnumainfo, permission::get_vnumainfo, permission::psr_cmt_op,    permission::configure_domain,
};

TEST_CASE("class domain2 has the permission configure_domain, for XEN_DOMCTL_arm_configure_domain") {
  constexpr const xsm::permission_row& row = xsm::row_of(permission::configure_domain);
  CHECK(row.of == security_class::domain2);
  CHECK(std::strcmp(row.name, "configure_domain") == 0);
  CHECK(std::strcmp(row.asked_by, "XEN_DOMCTL_arm_configure_domain") == 0);
  CHECK(std::strcmp(name_of(row.of), "domain2") == 0);
  CHECK(xsm::grants(row.where, xsm::granted_by::create_domain_common));
}

TEST_CASE("flask_domctl: each operation asks for its own permission of (caller, target), and for no other") {
  const struct {
    command cmd;
    permission needs;
    security_class of;
  } rows[] = {
      {command::createdomain, permission::create, security_class::domain},
      {command::destroydomain, permission::destroy, security_class::domain},
      {command::getdomaininfo, permission::getdomaininfo, security_class::domain},
      {command::arm_configure_domain, permission::configure_domain, security_class::domain2},
  };
  for (const auto& row : rows) {
    CHECK(xsm::row_of(row.needs).of == row.of);
    for (const permission granted : all_permissions) {
      const error answer = xsm::flask_domctl<xsm::operations_4_5>(allowing(granted), toolstack, &guest, row.cmd);
      CHECK(answer == (granted == row.needs ? error::none : error::eperm));
    }
    // Caller and target are not the same to the policy.
    CHECK(xsm::flask_domctl<xsm::operations_4_5>(allowing(row.needs), guest, &toolstack, row.cmd) == error::eperm);
    CHECK(xsm::flask_domctl<xsm::operations_4_5>(allowing(row.needs), toolstack, &toolstack, row.cmd) == error::eperm);
  }
}

TEST_CASE("flask_domctl: an unknown operation is refused with -EPERM (1), whatever the policy says") {
  struct all_allowed {
    xsm::verdict allowed(ssid, ssid, security_class, permission) const { return xsm::verdict::allowed; }
  };
  for (std::uint32_t cmd = 0; cmd < 1200; ++cmd) {
    const bool known = cmd == 1 || cmd == 2 || cmd == 5;
    const auto number = static_cast<command>(cmd);
    const error of_4_5 = xsm::flask_domctl<xsm::operations_4_5>(all_allowed{}, toolstack, &guest, number);
    const error of_4_17 = xsm::flask_domctl<xsm::operations_4_17>(all_allowed{}, toolstack, &guest, number);
    CHECK(of_4_5 == (known || cmd == 76 ? error::none : error::eperm));
    CHECK(of_4_17 == (known ? error::none : error::eperm));
  }
}

TEST_CASE("flask_domctl: without a target yet, only what asks again later passes") {
  constexpr one_rule nothing{ssid{0xffff}, ssid{0xffff}, permission::create};
  const auto ask = [&](command cmd) {
    return xsm::flask_domctl<xsm::operations_4_5>(nothing, toolstack, nullptr, cmd);
  };
  CHECK(ask(command::createdomain) == error::none);
  CHECK(ask(command::getdomaininfo) == error::none);
  CHECK(ask(command::destroydomain) == error::eperm);
  CHECK(ask(command::arm_configure_domain) == error::eperm);
  CHECK(ask(command{0}) == error::eperm);
}

TEST_CASE("XEN_DOMCTL_arm_configure_domain under FLASK: with configure_domain, and not without") {
  for (const permission granted : all_permissions) {
    machine<flask_4_5> host(hardware_gic::v3, {}, flask_4_5{allowing(granted)});
    REQUIRE(host.add_domain(guest.id, guest.label) != nullptr);
    host.call_as(toolstack);
    xen_4_5::xen_domctl op;
    op.cmd = command::arm_configure_domain;
    op.domain = guest.id;
    CHECK(call(host, op) == (granted == permission::configure_domain ? error::none : error::eperm));

    // The control domain has no right of its own: the policy says.
    host.call_as({domid::hardware, ssid{1}, xsm::role::control});
    CHECK(call(host, op) == error::eperm);
  }
}

TEST_CASE("createdomain under FLASK asks for create on the label that the new domain shall have, after sanitising") {
  for (const permission granted : all_permissions) {
    machine<flask_4_17> host(hardware_gic::v3, {}, flask_4_17{allowing(granted)});
    host.call_as(toolstack);
    xen_4_17::xen_domctl op;
    op.cmd = command::createdomain;
    op.u.createdomain = {};
    CHECK(call(host, op) == error::eperm);  // label 0
    op.u.createdomain.ssidref = raw(guest.label);
    op.u.createdomain.max_vcpus = 0;
    CHECK(call(host, op) == error::einval);
    op.u.createdomain.max_vcpus = 1;
    op.u.createdomain.arch.gic_version = config_gic::v2;
    CHECK(call(host, op) == (granted == permission::create ? error::enodev : error::eperm));
    op.u.createdomain.arch.gic_version = config_gic::native;
    CHECK(call(host, op) == (granted == permission::create ? error::none : error::eperm));
    if (granted == permission::create) CHECK(host.find_domain(op.domain)->label == guest.label);
  }
}

TEST_CASE("destroydomain and getdomaininfo under FLASK ask of the domain that they find") {
  for (const permission granted : all_permissions) {
    machine<flask_4_17> host(hardware_gic::v3, {}, flask_4_17{allowing(granted)});
    REQUIRE(host.add_domain(guest.id, guest.label) != nullptr);
    host.call_as(toolstack);
    xen_4_17::xen_domctl info;
    info.cmd = command::getdomaininfo;
    info.domain = domid{3};  // the next higher is the guest
    CHECK(call(host, info) == (granted == permission::getdomaininfo ? error::none : error::eperm));
    info.domain = domid{0};  // another label
    CHECK(call(host, info) == error::eperm);
    info.domain = domid{0x7000};  // nobody to ask for
    CHECK(call(host, info) == error::esrch);

    xen_4_17::xen_domctl destroy;
    destroy.cmd = command::destroydomain;
    destroy.domain = guest.id;
    CHECK(call(host, destroy) == (granted == permission::destroy ? error::none : error::eperm));
  }
}

TEST_CASE("Without XSM the control domain may do all, others nothing") {
  constexpr xsm::privileged_only check;
  constexpr xsm::party control{domid::hardware, ssid{}, xsm::role::control};
  for (const xsm::party* target : {&guest, static_cast<const xsm::party*>(nullptr)}) {
    for (const command cmd : {command::createdomain, command::arm_configure_domain, command{1000}}) {
      CHECK(check.domctl(control, target, cmd) == error::none);
      CHECK(check.domctl(toolstack, target, cmd) == error::eperm);
    }
  }
}

}  // namespace
