// SPDX-License-Identifier: BSL-1.0
// An entry that has not done all there was to do asks the host for another: these come to an end.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

using wide = std::tuple<config<gicv2, all_features, 16, 2, 960>, config<gicv3, all_features, 16, 2, 960>,
                        config<gicv2, no_features, 16, 2, 960>, config<gicv3, no_features, 16, 2, 960>>;

/// Entries of kicked vCPUs until nobody is kicked any more.
template <class M>
u32 passes_until_quiet(M& m) {
  u32 passes = 0;
  while (!m.g.host().kicks.empty() && passes < 100)
    for (const vcpu_id v : std::exchange(m.g.host().kicks, {})) {
      m.pass(v);
      ++passes;
    }
  return passes;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("however many banks wait behind list registers that are in use, kicks end", "", wide) {
  const u32 lrs = VGIC_EACH_LIST_REGISTER_COUNT;
  const bool all_active = GENERATE(true, false);
  booted<TestType> m(lrs, 2, 960);
  for (u32 k = 0; k < lrs; ++k) {
    m.edge_spi(32 + k);
    m.pulse(32 + k);
    m.settle();
    if (!all_active) continue;
    m.priority(32 + k, 0x80 - 8 * k);  // each preempts the one before
    m.settle();
    REQUIRE(m.ack(vcpu(0)) == 32 + k);
  }
  for (u32 waiting = 0; waiting < 29; ++waiting) {
    CAPTURE(lrs, waiting);
    m.edge_spi(64 + 32 * waiting);
    m.pulse(64 + 32 * waiting);
    m.gates(0);
    m.gates(3);
    CHECK(passes_until_quiet(m) <= 16);
    CHECK(m.g.host().kicks.empty());
  }
}
