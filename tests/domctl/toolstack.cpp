// SPDX-License-Identifier: BSL-1.0
/// \file
/// The toolstack's calls: what they send, what they copy back and when, and what they say.
#include "machine.hpp"

namespace {

using namespace domctl_tests;

/// Keeps what it is sent, spoils it as a failing hypercall may, and answers as told.
template <class Op>
struct recorder {
  error answer = error::none;
  Op sent{};
  int calls = 0;
  void (*reply)(Op&) = nullptr;

  error domctl(Op& op) {
    ++calls;
    sent = op;
    if (reply != nullptr) reply(op);
    return answer;
  }
};

TEST_CASE("xc_domain_configure fills cmd, interface version, domain and payload") {
  recorder<xen_4_5::xen_domctl> xch;
  xen_4_5::xen_domctl_arm_configuredomain config{config_gic::v3};
  CHECK(xc_domain_configure(xch, domid{0x1234}, config).ok());
  CHECK(xch.calls == 1);
  unsigned char expected[144] = {76, 0, 0, 0, 0x0a, 0, 0, 0, 0x34, 0x12};
  expected[16] = 2;
  CHECK(std::memcmp(&xch.sent, expected, sizeof expected) == 0);
}

TEST_CASE("xc_domain_configure copies the payload back only when it succeeded, and returns its result") {
  for (const error answer : {error::none, error::eopnotsupp, error::efault, error::eperm, error::esrch, error{4711}}) {
    recorder<xen_4_5::xen_domctl> xch;
    xch.answer = answer;
    xch.reply = [](xen_4_5::xen_domctl& op) { op.u.configuredomain.gic_version = config_gic::v3; };
    xen_4_5::xen_domctl_arm_configuredomain config{config_gic::default_version};
    const outcome result = xc_domain_configure(xch, domid{1}, config);
    CHECK(result.code == answer);
    CHECK(result.ok() == (answer == error::none));
    CHECK(config.gic_version == (answer == error::none ? config_gic::v3 : config_gic::default_version));
  }
}

TEST_CASE(
    "xc_domain_create sends the whole configuration and takes identifier and configuration back on success only") {
  for (const error answer : {error::none, error::einval}) {
    recorder<xen_4_17::xen_domctl> xch;
    xch.answer = answer;
    xch.reply = [](xen_4_17::xen_domctl& op) {
      op.domain = domid{77};
      op.u.createdomain.arch.gic_version = config_gic::v3;
      op.u.createdomain.arch.clock_frequency = 1000;
    };
    xen_4_17::xen_domctl_createdomain config;
    config.arch.nr_spis = 0x01020304;
    const xen_4_17::xen_domctl_createdomain asked = config;
    domid id{3};
    CHECK(xc_domain_create(xch, id, config).code == answer);
    CHECK(xch.sent.cmd == command::createdomain);
    CHECK(xch.sent.interface_version == 0x15);
    CHECK(xch.sent.domain == domid{3});
    CHECK((xch.sent.u.createdomain == asked));
    unsigned char bytes[144];
    std::memcpy(bytes, &xch.sent, sizeof bytes);
    CHECK(bytes[36] == 3);  // flags: hvm, hap
    CHECK(bytes[60] == 1);  // grant_opts
    CHECK(bytes[76] == 4);  // nr_spis
    CHECK(bytes[79] == 1);
    for (std::size_t i = 84; i < sizeof bytes; ++i) CHECK(bytes[i] == 0);
    CHECK(id == (answer == error::none ? domid{77} : domid{3}));
    CHECK((config == asked) == (answer != error::none));
  }
}

TEST_CASE("xc_domain_getinfo_single does not take the next higher domain for the one asked for") {
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(domid{8}) != nullptr);
  in_process xch(host);
  xen_4_17::xen_domctl_getdomaininfo info;
  info.cpu_time = 99;
  CHECK(xc_domain_getinfo_single(xch, domid{7}, info).code == error::esrch);
  CHECK(info.cpu_time == 99);
  CHECK(xc_domain_getinfo_single(xch, domid{8}, info).ok());
  CHECK(info.domain == domid{8});
  CHECK(info.cpu_time == 0);
}

TEST_CASE("In-process: create, ask, describe and destroy, all through the handlers") {
  for (const hardware_gic hardware : {hardware_gic::v2, hardware_gic::v3}) {
    machine<> host(hardware);
    in_process xch(host);
    const config_gic native = native_gic(hardware);

    domid id{0};
    xen_4_17::xen_domctl_createdomain config;
    config.arch.nr_spis = 40;
    REQUIRE(xc_domain_create(xch, id, config).ok());
    CHECK(config.arch.gic_version == native);

    xen_4_5::xen_domctl_arm_configuredomain asked;
    REQUIRE(xc_domain_configure(xch, id, asked).ok());
    CHECK(asked.gic_version == native);

    xen_4_17::xen_domctl_getdomaininfo info;
    CHECK(xc_domain_getinfo_single(xch, id, info).ok());
    CHECK(xc_domain_destroy(xch, id).ok());
    CHECK(xc_domain_getinfo_single(xch, id, info).code == error::esrch);
    CHECK(xc_domain_destroy(xch, id).code == error::esrch);
    CHECK(xc_domain_configure(xch, id, asked).code == error::esrch);
  }
}

TEST_CASE("Sentences say the error's name and number, and what it means for that call") {
  const auto says = [](outcome o, const char* part) { return std::strstr(o.sentence(), part) != nullptr; };
  CHECK(says({request::createdomain, error::eacces}, "0x15 (EACCES, 13)"));
  CHECK(says({request::arm_configure_domain, error::eacces}, "0xa (EACCES, 13)"));
  CHECK(says({request::arm_configure_domain, error::eopnotsupp}, "DEFAULT (EOPNOTSUPP, 95)"));
  CHECK(says({request::arm_configure_domain, error::efault}, "(EFAULT, 14)"));
  CHECK(says({request::createdomain, error::enodev}, "GIC version"));
  CHECK(says({request::open_privcmd, error::enoent}, "/dev/xen/privcmd"));
  CHECK(says({request::destroydomain, error{4711}}, "does not know by name"));

  // Every named error of every call has its own number in its sentence, and only success has none.
  const error named[] = {error::eperm,  error::enoent, error::esrch,  error::eio,    error::enxio,      error::ebadf,
                         error::eagain, error::enomem, error::eacces, error::efault, error::ebusy,      error::eexist,
                         error::enodev, error::einval, error::emfile, error::enotty, error::eopnotsupp, error::enosys};
  for (const request what : {request::open_privcmd, request::arm_configure_domain, request::createdomain,
                             request::destroydomain, request::getdomaininfo}) {
    for (const error e : named) {
      const std::string number = ", " + std::to_string(raw(e)) + ")";
      const std::string text = sentence(what, e);
      INFO(text);
      CHECK(text.size() > number.size());
      CHECK(text.substr(text.size() - number.size()) == number);
    }
    CHECK(std::string(sentence(what, error::none)).find('(') == std::string::npos);
  }
}

}  // namespace
