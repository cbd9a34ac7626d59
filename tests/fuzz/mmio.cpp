// SPDX-License-Identifier: BSL-1.0
/// \file
/// The target `mmio`: a guest, its devices and its host do whatever they may do; every register that is read and every
/// interrupt that is taken is compared with the reference model, and list registers with what the model says must be
/// there.
#include "fuzz/player.hpp"

namespace tests::fuzz {

const char* const target_name = "mmio";

namespace {

template <class Config>
void play_on(const char* name, const history& h) {
  using machine = vm<Config>;
  const machine_size size = chosen_size(h.choice(1), h.choice(2), Config::limits.list_registers);
  const auto begins = (h.choice(3) & 3) == 3 ? machine::begins::at_reset : machine::begins::booted;
  // Each kind of machine is made once and then copied; told aloud it is made anew, so that this is told too.
  static std::unique_ptr<machine> images[2][2][4][4];
  auto& image = images[begins == machine::begins::booted][size.spis == 32][size.vcpus][h.choice(2) & 3];
  static machine work(size, name, begins);
  if (story::aloud()) {
    machine told(size, name, begins);
    player<Config>(told).play(h);
    return;
  }
  if (!image) image = std::make_unique<machine>(size, name, begins);
  work.restore(*image);
  player<Config>(work).play(h);
}

template <class... F>
using set = features<F...>;

}  // namespace

#define PLAY_ON(...) return play_on<__VA_ARGS__>(#__VA_ARGS__, h)

void play(const u8* bytes, std::size_t size) {
  const history h(bytes, size);
  using host = synchronising_host;
  switch (h.choice(0) & 7) {
    case 0: PLAY_ON(small<gicv3, all_features, 4>);
    case 1: PLAY_ON(small<gicv3, set<>, 4, host, layout::qemu_virt>);
    case 2: PLAY_ON(small<gicv3, set<one_of_n, reset_to_group1>, 4, host, two_regions, builtin_atomics, wide_affinity>);
    case 3: PLAY_ON(small<gicv3, set<message_spis, status_registers>, 16>);
    case 4: PLAY_ON(small<gicv2, all_features, 4>);
    case 5: PLAY_ON(small<gicv2, set<>, 4, host, layout::qemu_virt>);
    case 6: PLAY_ON(small<gicv2, set<one_of_n>, 16, host, layout::xen_4_5, builtin_atomics>);
    default: PLAY_ON(small<gicv3, set<one_of_n>, 1>);
  }
}

}  // namespace tests::fuzz
