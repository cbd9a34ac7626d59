// SPDX-License-Identifier: BSL-1.0
/// \file
/// How costs grow with the number of vCPUs, of SPIs and of pending interrupts.
#pragma once

#include <bench/suites/delivery_operations.hpp>

namespace bench {

/// The first of them, doubled up to the last, and the last.
[[nodiscard]] inline std::vector<u32> doubled(u32 first, u32 last) {
  std::vector<u32> all;
  for (u32 n = first; n < last; n *= 2) all.push_back(n);
  all.push_back(last);
  return all;
}

/// The suite `scale`: VMs of `C`, up to its limits. Series are named "WHAT of N UNIT".
template <vgic::configuration C, class Meter>
[[nodiscard]] operations<Meter> scale_operations() {
  using vm = machine<C>;
  using steps = delivery_steps<C, Meter>;
  using vgic::intid;
  operations<Meter> list;
  constexpr u32 vcpus = C::limits.vcpus;
  constexpr u32 spis = C::limits.spis / 32 * 32;

  const auto add = [&](std::string name, u32 with_vcpus, u32 with_spis, u32 each, auto&& set_up, auto&& once) {
    const auto m = std::make_shared<std::unique_ptr<vm>>();
    list.push_back({.name = std::move(name),
                    .each = each,
                    .run =
                        [m, once](Meter& meter, u32 n) {
                          for (u32 i = 0; i < n; ++i) once(**m, meter);
                        },
                    .prepare =
                        [m, with_vcpus, with_spis, set_up] {
                          *m = std::make_unique<vm>(with_vcpus, with_spis);
                          set_up(**m);
                        },
                    .finish = [m] { m->reset(); }});
  };
  const auto as_it_is = [](vm&) {};

  // From the first vCPU to the last.
  for (const u32 n : doubled(1, vcpus)) {
    const u32 aff = raw(C::affinity::of(vcpu(n - 1)));
    const u32 cluster = vm::v3 ? aff >> 8 & 0xff : 0;
    const u32 target = vm::v3 ? 1u << (aff & 0xf) : 1u << (n - 1);
    const std::string suffix = " of " + std::to_string(n) + " vCPUs";
    add("SGI to one" + suffix, n, 32, 1, as_it_is, [=](vm& g, Meter& meter) {
      steps::sgi(g, meter, target, cluster);
      steps::take(g, meter, vcpu(n - 1));
    });
    add(
        "edge SPI to the last" + suffix, n, 32, 1,
        [=](vm& g) {
          if constexpr (vm::v3)
            g.store(g.distributor() + 0x6000 + 8 * 40, raw(C::affinity::of(vcpu(n - 1))), vgic::width::dword);
          else
            g.store(g.distributor() + 0x800 + 40, 1u << (n - 1), vgic::width::byte);
          for (u32 v = 0; v < n; ++v) g.pass(vcpu(v));
        },
        [=](vm& g, Meter& meter) {
          steps::edge(g, meter, intid{40});
          steps::take(g, meter, vcpu(n - 1));
        });
  }
  for (const u32 n : doubled(32, spis))
    add("edge SPI, the last of " + std::to_string(n) + " SPIs", 1, n, 1, as_it_is, [n](vm& g, Meter& meter) {
      steps::edge(g, meter, vgic::spi(n - 1));
      steps::take(g, meter, vcpu(0));
    });
  for (const u32 n : doubled(1, spis)) {
    const std::string suffix = " of " + std::to_string(n) + " pending SPIs";
    add("each" + suffix, 1, spis, n, as_it_is, [n](vm& g, Meter& meter) { steps::pending(g, meter, n); });
    // Each priority that a mask of 0xf8 lets through, in turn: neighbours never have the same.
    add(
        "each, of 31 priorities," + suffix, 1, spis, n,
        [](vm& g) {
          for (u32 i = 0; i < g.spis(); ++i) g.store(g.distributor() + 0x420 + i, i * 0x38 % 0xf8, vgic::width::byte);
          g.pass(vcpu(0));
        },
        [n](vm& g, Meter& meter) { steps::pending(g, meter, n); });
  }
  return list;
}

}  // namespace bench
