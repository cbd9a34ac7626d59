// SPDX-License-Identifier: BSL-1.0
// Many injections under random masks, routes, priorities and gates, with nothing lost. In phases: after each of them
// all is enabled and has a target, vCPUs pass only where they are called, and what was raised has to have been taken.
#include "stress/vm.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace tests;

namespace {

using clock_type = std::chrono::steady_clock;
double since(clock_type::time_point t) { return std::chrono::duration<double>(clock_type::now() - t).count(); }

struct options {
  u64 injections = 10'000'000;
  u64 phase = 0;  ///< injections in one; 0: a hundredth of all
  u64 seed = 1;
  u32 threads = 2;
};

struct totals {
  u64 injections = 0, taken = 0, changes = 0, sgis = 0, phases = 0;
  contention met{};
  std::string wrong;
};

/// A phase: each thread is a device, and the CPU of some vCPUs that it lets run in turns.
template <class Version>
void phase(stressed<Version>& vm, const options& o, u64 n, u64 seed, totals& t) {
  std::atomic<u32> devices_at_work{o.threads};
  std::vector<std::thread> threads;
  std::vector<contention> met(o.threads);
  std::vector<u64> changes(o.threads);
  for (u32 d = 0; d < o.threads; ++d)
    threads.emplace_back([&, d] {
      contention::here = &met[d];
      std::vector<typename stressed<Version>::guest> guests;
      for (u32 v = d; v < stress_vcpus; v += o.threads)
        guests.push_back({.v = v, .random = fast_random{seed * 64 + v}});
      const auto let_guests_run = [&] {
        for (auto& g : guests) {
          stress_host::current_vcpu = vcpu(g.v);
          (void)vm.turn(g);
        }
        stress_host::current_vcpu = no_vcpu;
      };
      fast_random random{seed * 64 + 32 + d};
      for (u64 k = 0; k < n; let_guests_run()) {
        // Every device has interrupts of its own. Mostly those that were taken meanwhile: one that waits is the same
        // one.
        const u32 i = 32 + (random() % (stress_spis / o.threads)) * o.threads + d;
        if (!vm.waits(i) || (random() & 7) == 0) k += vm.inject(i) ? 1 : 0;
      }
      devices_at_work.fetch_sub(1);
      while (devices_at_work.load(std::memory_order_relaxed) != 0) let_guests_run();
      for (auto& g : guests) {
        vm.rest(g);
        changes[d] += g.changes;
      }
    });
  for (auto& thread : threads) thread.join();
  for (u32 d = 0; d < o.threads; ++d) {
    t.met.add(met[d]);
    t.changes += changes[d];
  }
  t.injections += n * o.threads;
  ++t.phases;

  contention after;
  contention::here = &after;
  if (!vm.drain()) t.wrong = "vCPUs are called for ever";
  vm.open();
  if (!vm.drain()) t.wrong = "vCPUs are called for ever";
  if (t.wrong.empty()) t.wrong = vm.wrong();
}

/// `step` is what changes lanes for a function: the name of that one.
std::string short_name(std::string function) {
  for (const char* of : {"take_latch", "release"})
    if (function.rfind("step", 0) == 0 && function.find(std::string("::") + of) != std::string::npos) return of;
  return function.substr(0, function.find('<'));
}

template <class Version>
totals run(const options& o, const char* name) {
  totals t;
  contention setup;
  contention::here = &setup;
  const auto vm = std::make_unique<stressed<Version>>();
  (void)vm->drain();
  const auto start = clock_type::now();
  auto shown = start;
  const u64 each = (o.phase != 0 ? o.phase : o.injections / 100 + 1) / o.threads + 1;
  while (t.injections < o.injections && t.wrong.empty()) {
    phase(*vm, o, each, o.seed + t.phases, t);
    if (since(shown) < 5) continue;
    shown = clock_type::now();
    std::fprintf(stderr, "%s: %llu of %llu injections, %.0f s\n", name, static_cast<unsigned long long>(t.injections),
                 static_cast<unsigned long long>(o.injections), since(start));
  }
  t.taken = vm->taken();
  t.sgis = vm->sgis();
  const auto n = [](u64 x) { return static_cast<unsigned long long>(x); };
  std::printf(
      "%s: %llu injections in %llu phases, %llu taken; %llu SGIs, %llu masks, routes, priorities and the like\n", name,
      n(t.injections), n(t.phases), n(t.taken), n(t.sgis), n(t.changes));
  std::printf("%s: %llu kicks, %llu listed, %llu latches taken over by a list register or interrupts given up\n", name,
              n(t.met.kicks), n(t.met.listed), n(t.met.stepped));
  std::printf("%s: compare-exchanges that found the word changed:", name);
  for (const auto& e : t.met.lost)
    if (e.function != nullptr) std::printf(" %s %llu", short_name(e.function).c_str(), n(e.times));
  std::printf("\n");
  if (!t.wrong.empty()) std::printf("%s: WRONG in phase %llu: %s\n", name, n(t.phases), t.wrong.c_str());
  return t;
}

bool parse(options& o, int argc, char** argv) {
  for (int k = 1; k + 1 < argc; k += 2) {
    const std::string is = argv[k];
    const u64 value = std::strtoull(argv[k + 1], nullptr, 10);
    if (is == "--injections")
      o.injections = value;
    else if (is == "--phase")
      o.phase = value;
    else if (is == "--seed")
      o.seed = value;
    else if (is == "--threads" && value >= 1 && value <= 4)
      o.threads = static_cast<u32>(value);
    else
      return false;
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  if (!parse(o, argc, argv)) {
    std::fprintf(stderr, "usage: %s [--injections N] [--phase N] [--seed S] [--threads 1..4]\n", argv[0]);
    return 2;
  }
  const auto start = clock_type::now();
  options half = o;
  half.injections = o.injections / 2;
  const totals v3 = run<gicv3>(half, "GICv3");
  const totals v2 = run<gicv2>(half, "GICv2");
  const bool passed = v3.wrong.empty() && v2.wrong.empty();
  std::printf("%s stress: %llu injections by %u threads, %u vCPUs, GICv3 and GICv2, nothing %s; seed %llu, %.0f s\n",
              passed ? "PASS" : "FAIL", static_cast<unsigned long long>(v3.injections + v2.injections), o.threads,
              stress_vcpus, passed ? "lost or taken twice" : "else was looked at",
              static_cast<unsigned long long>(o.seed), since(start));
  return passed ? 0 : 1;
}
