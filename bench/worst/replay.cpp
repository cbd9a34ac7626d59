// SPDX-License-Identifier: BSL-1.0
// What runs under callgrind: plays the steps of each entry and has the calls of the last step counted that the entry is
// about. `exact.cpp` reads what callgrind writes.
#include <bench/worst/exact_meter.hpp>
#include <bench/worst/found.hpp>
#include <bench/worst/stage_of.hpp>

#include <cstdio>

namespace {

using namespace bench::worst;

constexpr u32 empty_times = 100;

/// What a kick costs the host of a stage.
struct kicker {
  VGIC_BENCH_CALL void once(vgic::vcpu_id v) { host{}.kick(v); }
};

std::string calls_so_far() {
  std::string text;
  for (const u64 n : exact_meter::meter.calls()) text += ' ' + std::to_string(n);
  return text;
}

void dump(const std::string& what) {
  const std::string label = what + ' ' + std::to_string(exact_meter::kicks) + calls_so_far();
  CALLGRIND_DUMP_STATS_AT(label.c_str());
  exact_meter::kicks = 0;
  exact_meter::meter = bench::counting{bench::counting::by::callgrind};
}

void play(stage& on, const entry& e) {
  on.begin();
  for (const step& s : e.how) {
    const bool last_step = &s == &e.how.back();
    for (u32 i = 0; i < s.vcpus; ++i)
      for (u32 j = 0; j < s.times; ++j) {
        const bool last = last_step && i + 1 == s.vcpus && j + 1 == s.times;
        (void)on.play(s, i, j, last ? parts_of(e.what) : 0);
      }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: vgic-worst-replay FOLDER, under callgrind (vgic-worst starts it)\n", stderr);
    return 2;
  }
  const stages all = make_stages<exact_meter>();
  for (std::size_t t = 0; t < bench::counting::empty_calls().size(); ++t) {
    bench::counting::empty_calls()[t](exact_meter::meter, empty_times);
    dump("empty " + std::to_string(t));
  }
  all.front()->begin();
  kicker k;
  exact_meter::counted = all_parts;
  for (u32 n = 0; n < empty_times; ++n) exact_meter::call(part::call, &kicker::once, k, vgic::vcpu_id{1});
  dump("kick 0");

  std::size_t number = 0;
  for (const auto& on : all)
    for (const entry& e : read_entries(std::string(argv[1]) + '/' + on->name() + ".txt", on->name())) {
      play(*on, e);
      dump("entry " + std::to_string(number++));
    }
}
