// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the cases of known disasters share: machines, and who has something to take.
#pragma once

#include "catch.hpp"
#include "support/policies.hpp"

#include <vector>

namespace tests {

using v2_machine = booted<config<gicv2, all_features, 16>>;
using v3_machine = booted<config<gicv3, all_features, 16>>;

/// The vCPUs with something to take, each named once for each interrupt that it took.
template <class M>
std::vector<u32> takers(M& m) {
  std::vector<u32> who;
  m.settle();
  for (u32 v = 0; v < m.vcpus(); ++v)
    for (const u32 id : m.take_all(vcpu(v))) {
      (void)id;
      who.push_back(v);
    }
  return who;
}

/// Nothing has arrived at vCPUs that the configuration has room for, but the VM does not have.
template <class M>
bool untouched_beyond(M& m) {
  using a = typename M::gic_type::configuration::atomics;
  for (u32 v = m.vcpus(); v < M::gic_type::max.vcpus; ++v) {
    const auto& o = m.g.inspect().vcpu[v];
    if (a::load(o.maybe) != 0 || a::load(o.mine) != 0 || o.priv.fresh() != 0 || o.priv.listed() != 0) return false;
    for (const auto& sources : o.sgi_sources)
      if (a::load(sources) != 0) return false;
    for (const auto& word : o.priorities)
      if (a::load(word) != 0) return false;
  }
  return true;
}

/// SGIs 0..15 pending for `v`.
template <class M>
u32 pending_sgis(M& m, u32 v) {
  return static_cast<u32>(m.load(vcpu(v), m.bits(m.ispendr, 0, v))) & 0xffff;
}

}  // namespace tests
