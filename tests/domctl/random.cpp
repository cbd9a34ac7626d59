// SPDX-License-Identifier: BSL-1.0
/// \file
/// Callers are hostile: whatever bytes they hand in, an error changes nothing, and what is made is within its limits.
#include <random>

#include "machine.hpp"

namespace {

using namespace domctl_tests;

class dice {
 public:
  explicit dice(unsigned seed) : engine_(seed) {}
  std::uint32_t word() { return static_cast<std::uint32_t>(engine_()); }
  std::uint32_t below(std::uint32_t n) { return word() % n; }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <class T>
  void fill(T& what) {
    auto* const bytes = reinterpret_cast<unsigned char*>(&what);
    for (std::size_t i = 0; i < sizeof what; ++i) bytes[i] = static_cast<unsigned char>(word());
  }

 private:
  std::mt19937 engine_;
};

TEST_CASE("Random arguments to the handler of 4.17: what exists is within its limits, and errors change nothing") {
  constexpr hardware_gic machines[] = {hardware_gic::v2, hardware_gic::v3, hardware_gic::v3_with_v2};
  for (unsigned seed = 0; seed < 3; ++seed) {
    dice d(tests::seed() + seed);
    machine<> host(machines[seed]);
    int made = 0;
    for (int i = 0; i < 20000; ++i) {
      xen_4_17::xen_domctl op;
      if (d.one_in(3)) {
        d.fill(op);
      } else {
        // Nearly right, so that it gets far.
        constexpr std::uint32_t commands[] = {1, 1, 1, 1, 2, 5, 76, 3};
        op.cmd = static_cast<command>(commands[d.below(8)]);
        op.domain = static_cast<domid>(d.below(20));
        if (op.cmd == command::createdomain) {
          xen_4_17::xen_domctl_createdomain config;
          config.arch.gic_version = static_cast<config_gic>(d.below(4));
          config.arch.nr_spis = d.one_in(4) ? d.word() : d.below(1000);
          config.max_vcpus = d.below(10);
          if (d.one_in(8)) config.flags = static_cast<xen_4_17::cdf>(d.word());
          op.u.createdomain = config;
        }
      }
      op.interface_version = d.one_in(10) ? d.word() : xen_4_17::interface_version;
      host.reading = d.one_in(20) ? copied::fault : copied::all;
      host.writing = d.one_in(20) ? copied::fault : copied::all;
      host.call_as(d.one_in(10) ? somebody : xsm::party{domid::hardware, {}, xsm::role::control});
      const bool creating = op.cmd == command::createdomain;
      if (call(host, op) == error::none && creating) ++made;
    }
    CHECK(made > 100);
    CHECK(host.find_domain(domid::hardware) !=
          nullptr);  // nobody destroys the hardware domain: it alone may, and not itself
    for (const auto& domain : host.now().domains) {
      if (domain.state == life::none || domain.id == domid::hardware) continue;
      CHECK(domain.gic.nr_spis <= 960);
      CHECK(domain.gic.nr_spis % 32 == 0);
      CHECK(xen_4_17::check_hardware(domain.made_with.arch.gic_version, machines[seed]) == error::none);
      CHECK(version_of(domain.made_with.arch.gic_version) == domain.gic.version);
      CHECK(domain.made_with.max_vcpus >= 1);
    }
  }
}

TEST_CASE("Random arguments to the handler of 4.5: the one question has an answer, everything else an error") {
  dice d(tests::seed());
  machine<> host(hardware_gic::v3);
  REQUIRE(host.add_domain(domid{1}) != nullptr);
  int answered = 0;
  for (int i = 0; i < 20000; ++i) {
    xen_4_5::xen_domctl op;
    d.fill(op);
    if (!d.one_in(4)) op.interface_version = xen_4_5::interface_version;
    if (!d.one_in(4)) op.cmd = command::arm_configure_domain;
    if (!d.one_in(4)) op.domain = domid{1};
    if (!d.one_in(4)) op.u.configuredomain.gic_version = config_gic::default_version;
    const xen_4_5::xen_domctl asked = op;
    const error e = call(host, op);
    const bool right = asked.interface_version == xen_4_5::interface_version &&
                       asked.cmd == command::arm_configure_domain && host.find_domain(asked.domain) != nullptr &&
                       asked.u.configuredomain.gic_version == config_gic::default_version;
    CHECK((e == error::none) == right);
    if (!right) continue;
    ++answered;
    // Of the caller's structure nothing changes but the answer.
    CHECK(op.u.configuredomain.gic_version == config_gic::v3);
    op.u.configuredomain.gic_version = asked.u.configuredomain.gic_version;
    CHECK(std::memcmp(&op, &asked, sizeof op) == 0);
  }
  CHECK(answered > 1000);
}

}  // namespace
