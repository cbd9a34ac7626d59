// SPDX-License-Identifier: BSL-1.0
/// \file
/// XEN_DOMCTL_arm_configure_domain of Xen 4.5: what it answers, each of its errors, and their order.
#include "machine.hpp"

namespace {

using namespace domctl_tests;
using xen_4_5::xen_domctl;

constexpr domid guest{7};

/// What the toolstack asks: cmd 76 for the guest, DEFAULT.
xen_domctl question() {
  xen_domctl op;
  op.cmd = command::arm_configure_domain;
  op.domain = guest;
  op.u.configuredomain.gic_version = config_gic::default_version;
  return op;
}

template <class Machine>
const typename Machine::domain& the_guest(Machine& host) {
  auto* const d = host.find_domain(guest);
  REQUIRE(d != nullptr);
  return *d;
}

TEST_CASE("XEN_DOMCTL_arm_configure_domain is 76, its payload one byte IN/OUT in the union as configuredomain") {
  xen_domctl op = question();
  op.u.configuredomain.gic_version = config_gic::v3;
  unsigned char bytes[144];
  std::memcpy(bytes, &op, sizeof op);
  CHECK(bytes[0] == 76);
  CHECK((bytes[1] | bytes[2] | bytes[3]) == 0);
  CHECK(bytes[4] == 0x0a);  // XEN_DOMCTL_INTERFACE_VERSION
  CHECK(bytes[8] == 7);
  CHECK(bytes[16] == 2);
  for (std::size_t i = 17; i < sizeof bytes; ++i) CHECK(bytes[i] == 0);
}

TEST_CASE("XEN_DOMCTL_CONFIG_GIC_DEFAULT is 0, _V2 is 1, _V3 is 2") {
  CHECK(raw(config_gic::default_version) == 0);
  CHECK(raw(config_gic::v2) == 1);
  CHECK(raw(config_gic::v3) == 2);
}

TEST_CASE("arm_configure_domain: DEFAULT resolves to the hardware's version (gic_hw_version), which is written back") {
  const struct {
    hardware_gic hardware;
    config_gic told;
    layout::gic_version made;
  } rows[] = {
      {hardware_gic::v2, config_gic::v2, layout::gic_version::v2},
      {hardware_gic::v3, config_gic::v3, layout::gic_version::v3},
      {hardware_gic::v3_with_v2, config_gic::v3, layout::gic_version::v3},  // Xen 4.5 emulates what the hardware is
  };
  for (const auto& row : rows) {
    machine<> host(row.hardware);
    REQUIRE(host.add_domain(guest) != nullptr);
    xen_domctl op = question();
    REQUIRE(call(host, op) == error::none);
    CHECK(op.u.configuredomain.gic_version == row.told);
    CHECK(op.cmd == command::arm_configure_domain);
    CHECK(op.domain == guest);
    CHECK(host.written == 1);
    CHECK(the_guest(host).has_gic == machine<>::configured::yes);
    CHECK((the_guest(host).gic == domain_configuration{row.made, 0}));
    CHECK(host.bugs() == 0);

    // Asked again it says the same.
    xen_domctl again = question();
    const auto before = host.now();
    CHECK(call(host, again) == error::none);
    CHECK(again.u.configuredomain.gic_version == row.told);
    CHECK((host.now() == before));
  }
}

TEST_CASE("arm_configure_domain: anything but DEFAULT on input is -EOPNOTSUPP (95), also the hardware's own version") {
  for (const hardware_gic hardware : {hardware_gic::v2, hardware_gic::v3}) {
    machine<> host(hardware);
    REQUIRE(host.add_domain(guest) != nullptr);
    for (unsigned asked = 1; asked < 256; ++asked) {
      xen_domctl op = question();
      op.u.configuredomain.gic_version = static_cast<config_gic>(asked);
      const error e = call(host, op);
      CHECK(e == error::eopnotsupp);
      CHECK(hypercall_return(e) == -95);
    }
  }
}

TEST_CASE("arm_configure_domain: a failing copy back to the caller is -EFAULT (14), and the domain stays as it was") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(guest) != nullptr);
  host.writing = copied::fault;
  xen_domctl op = question();
  const error e = call(host, op);
  CHECK(e == error::efault);
  CHECK(hypercall_return(e) == -14);
  CHECK(the_guest(host).has_gic == machine<>::configured::no);

  host.writing = copied::all;
  CHECK(call(host, op) == error::none);
}

TEST_CASE("do_domctl: an argument that cannot be read is -EFAULT (14)") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(guest) != nullptr);
  xen_domctl op = question();
  host.reading = copied::fault;
  CHECK(call(host, op) == error::efault);
  host.reading = copied::all;
  CHECK(xen_4_5::do_domctl(host, guest_handle<xen_domctl>{0}) == error::efault);
}

TEST_CASE("do_domctl: another interface version is -EACCES (13)") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(guest) != nullptr);
  for (const std::uint32_t version : {0x00000009u, 0x0000000bu, 0u, 0x0a000000u, 0x00000015u}) {
    xen_domctl op = question();
    op.interface_version = version;
    const error e = call(host, op);
    CHECK(e == error::eacces);
    CHECK(hypercall_return(e) == -13);
  }
}

TEST_CASE("do_domctl: no such domain is -ESRCH (3)") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(guest) != nullptr);
  for (const domid none : {domid{6}, domid{8}, domid{0x7fef}, domid::self, domid::invalid, domid{0xffff}}) {
    xen_domctl op = question();
    op.domain = none;
    const error e = call(host, op);
    CHECK(e == error::esrch);
    CHECK(hypercall_return(e) == -3);
  }
}

TEST_CASE("do_domctl: a caller who may not is -EPERM (1)") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(guest) != nullptr);
  host.call_as(somebody);
  xen_domctl op = question();
  const error e = call(host, op);
  CHECK(e == error::eperm);
  CHECK(hypercall_return(e) == -1);
}

TEST_CASE("do_domctl: an unknown operation is -EPERM (1) with the access check, -ENOSYS (38) without one") {
  for (const std::uint32_t number : {0u, 75u, 77u, 1000u, 0xffffffffu}) {
    xen_domctl op = question();
    op.cmd = static_cast<command>(number);

    // FLASK that would allow whatever it is asked for.
    struct all_allowed {
      xsm::verdict allowed(xsm::ssid, xsm::ssid, xsm::security_class, xsm::permission) const {
        return xsm::verdict::allowed;
      }
    };
    machine<xsm::flask<xsm::operations_4_5, all_allowed>> checked(hardware_gic::v3);
    REQUIRE(checked.add_domain(guest) != nullptr);
    CHECK(call(checked, op) == error::eperm);

    machine<xsm::no_access_control> open(hardware_gic::v3);
    REQUIRE(open.add_domain(guest) != nullptr);
    CHECK(call(open, op) == error::enosys);
  }
}

TEST_CASE("do_domctl: errors come in Xen's order") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(guest) != nullptr);

  // All is wrong at once, and then mended one by one.
  xen_domctl op = question();
  op.interface_version = 0;
  op.domain = domid{99};
  op.u.configuredomain.gic_version = config_gic::v3;
  host.call_as(somebody);
  host.reading = copied::fault;
  host.writing = copied::fault;
  CHECK(call(host, op) == error::efault);
  host.reading = copied::all;
  CHECK(call(host, op) == error::eacces);
  op.interface_version = xen_4_5::interface_version;
  CHECK(call(host, op) == error::esrch);
  op.domain = guest;
  CHECK(call(host, op) == error::eperm);
  host.call_as({domid::hardware, {}, xsm::role::control});
  CHECK(call(host, op) == error::eopnotsupp);
  op.u.configuredomain.gic_version = config_gic::default_version;
  CHECK(call(host, op) == error::efault);
  host.writing = copied::all;
  CHECK(call(host, op) == error::none);
}

TEST_CASE("arm_configure_domain: hardware with an unknown GIC is a bug of the host (BUG()), and nothing has changed") {
  for (const int unknown : {0, 4, 255}) {
    machine<> host(static_cast<hardware_gic>(unknown));
    REQUIRE(host.add_domain(guest) != nullptr);
    xen_domctl op = question();
    CHECK(call(host, op) == error::einval);
    CHECK(host.bugs() == 1);
    CHECK(std::strstr(host.last_bug(), "XEN_DOMCTL_arm_configure_domain") != nullptr);

    // Who asks wrongly does not get that far.
    op.u.configuredomain.gic_version = config_gic::v3;
    CHECK(call(host, op) == error::eopnotsupp);
    CHECK(host.bugs() == 1);
  }
}

}  // namespace
