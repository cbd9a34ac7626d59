// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a boot of Linux costs: bench/data/README.md says what was traced, bench/suites/boot.hpp what of it is played.
#pragma once

#include <bench/suites/replay_player.hpp>

namespace bench {

/// The boot that was traced on a GIC of this version; ends the program if there is none.
[[nodiscard]] inline const boot& linux_boot(u32 version) {
  const auto load = [](u32 number) {
    boot b;
    const auto problem = load_boot(VGIC_BENCH_TRACES "/linux-gicv" + std::to_string(number) + ".trace", number, b);
    must(!problem.has_value(), problem.value_or("").c_str());
    return b;
  };
  if (version == 2) {
    static const boot v2 = load(2);
    return v2;
  }
  static const boot v3 = load(3);
  return v3;
}

/// Can the traces be played on this configuration? Its vCPUs must have the affinities that they had.
template <vgic::configuration C>
[[nodiscard]] constexpr bool has_room_for_linux() {
  if (C::limits.vcpus < 8 || C::limits.spis < 96 || C::limits.list_registers < least_list_registers) return false;
  for (u32 v = 0; v < 8; ++v)
    if (raw(C::affinity::of(vcpu(v))) != v) return false;
  return true;
}

/// The suite `replay`. Nothing where the configuration has no room for it.
template <vgic::configuration C, class Meter>
[[nodiscard]] operations<Meter> replay_operations() {
  operations<Meter> list;
  if constexpr (has_room_for_linux<C>()) {
    const boot& b = linux_boot(C::version::number);
    const auto play = [&b](auto& traps, auto& others, u32 times) {
      for (u32 i = 0; i < times; ++i) {
        const outcome o =
            player<C, std::remove_reference_t<decltype(traps)>, std::remove_reference_t<decltype(others)>>(b, traps,
                                                                                                           others)
                .play();
        must(o.problems.empty(), o.problems.empty() ? "" : o.problems.front().c_str());
      }
    };
    const auto traps = std::make_shared<std::vector<const event*>>();
    for (const step& s : b.steps)
      if (s.what == act::access || s.what == act::send) traps->push_back(&s.from);

    list.push_back({.name = "Linux boot, 8 CPUs: each trap",
                    .each = b.traps(),
                    .run =
                        [play](Meter& meter, u32 n) {
                          clocked uncounted;
                          play(meter, uncounted, n);
                        },
                    .each_call =
                        [traps](u32 n) {
                          const event& e = *traps->at(n);
                          return named_call{.kind = "Linux boot, 8 CPUs: " + kind_of(e), .what = description_of(e)};
                        }});
    list.push_back({.name = "Linux boot, 8 CPUs: all calls, for each interrupt taken",
                    .each = b.taken,
                    .run = [play](Meter& meter, u32 n) { play(meter, meter, n); }});
  } else {
    std::fprintf(stderr,
                 "bench: the suite replay is left out: the traces need 8 vCPUs with the affinities 0 to 7, 96 SPIs and "
                 "%u list registers\n",
                 least_list_registers);
  }
  return list;
}

}  // namespace bench
