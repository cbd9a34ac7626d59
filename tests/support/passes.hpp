// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a vCPU's passes through the hypervisor cost, each of them, until the host is not asked for another one.
#pragma once

#include "catch.hpp"
#include "support/invariants.hpp"
#include "support/policies.hpp"

#include <sstream>
#include <string>

namespace tests {

/// On atomics that count, with as many interrupts as there may be.
using many_of_all = std::tuple<config<gicv2, all_features, 16, 4, 960, layout::xen_4_5, counting_atomics>,
                               config<gicv3, all_features, 16, 4, 960, layout::xen_4_5, counting_atomics>,
                               config<gicv3, no_features, 16, 4, 960, layout::xen_4_5, counting_atomics>>;

/// Of each exit and entry until no other one is asked for: accesses to shared words, and to list registers.
struct known_passes {
  const char* name;
  const char* passes[3];  ///< in the order of many_of_all
};

template <class C>
constexpr u32 column_of() {
  return C::version::number == 2 ? 0 : std::is_same_v<typename C::features, all_features> ? 1 : 2;
}

/// vCPU 1 of it is looked at.
template <class C>
struct passes : booted<C> {
  using base = booted<C>;
  using base::g;
  const vcpu_id v = vcpu(1);

  passes(u32 lrs, u32 spis) : base(lrs, 4, spis) {}

  /// Passes of the vCPU while it is kicked, the first in any case, in which `f` happens after the exit. `more` is said
  /// after each of them.
  template <std::size_t N, class F, class More>
  void is(const known_passes (&rows)[N], const std::string& name, F&& f, More&& more) {
    std::ostringstream text;
    bool kicked = true;
    for (u32 n = 0; kicked && n < 100; ++n) {
      g.host().kicks.clear();
      const u32 before = registers();
      counting_atomics::loads = counting_atomics::stores = counting_atomics::rmws = 0;
      if (n == 0)
        this->between(v, f);
      else
        this->pass(v);
      text << (n != 0 ? " " : "") << counting_atomics::loads + counting_atomics::stores + counting_atomics::rmws << '/'
           << registers() - before << more();
      const auto& kicks = g.host().kicks;
      kicked = std::find(kicks.begin(), kicks.end(), v) != kicks.end();
    }
    CHECK_FALSE(kicked);
    const known_passes* r =
        std::find_if(std::begin(rows), std::end(rows), [&](const known_passes& x) { return x.name == name; });
    INFO("ROW|" << name << '|' << column_of<C>() << '|' << text.str());
    const bool known = r != std::end(rows);
    CHECK(known);
    if (known) CHECK(text.str() == r->passes[column_of<C>()]);
    CHECK(broken_invariants(g, g.inspect().typer) == "");
  }
  template <std::size_t N, class F>
  void is(const known_passes (&rows)[N], const std::string& name, F&& f) {
    is(rows, name, f, [] { return ""; });
  }
  /// What the hypervisor does at an exit of itself.
  void serve() {
    if (this->hardware().maintenance(v)) g.maintenance(v);
  }

  [[nodiscard]] u32 held() {
    u32 count = 0;
    for (const auto w : this->hardware().at(v).lr)
      if (base::format::state(w) != lr_state::invalid) ++count;
    return count;
  }
  /// The guest ends, at once, what the first `count` list registers hold.
  void end_first(u32 count) {
    for (u32 r = 0; r < count; ++r) {
      auto& w = this->hardware().at(v).lr[r];
      w = base::format::state(w, lr_state::invalid);
    }
  }

 private:
  u32 registers() {
    const auto& c = this->hardware().at(v);
    return c.lr_reads + c.lr_writes + c.hcr_writes;
  }
};

}  // namespace tests
