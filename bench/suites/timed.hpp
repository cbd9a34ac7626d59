// SPDX-License-Identifier: BSL-1.0
/// \file
/// Operations as Google Benchmark runs them.
#pragma once

#include <bench/suites/meter.hpp>

#include <benchmark/benchmark.h>

namespace bench {

/// Registers each operation as "CONFIGURATION/SUITE/NAME". The time of one includes what the guest and its hardware do
/// meanwhile, as bench/suites/machine.hpp simulates it: it compares runs on one machine, and is no cost of the library.
/// The parts of an operation, and its calls one by one, are counted only.
inline void add_timed(const std::string& configuration, const std::string& suite, const operations<clocked>& list) {
  for (const auto& o : list) {
    if (o.only.has_value() || o.each_call) continue;
    const auto run = [o](benchmark::State& state) {
      const vgic::u32 batch = 1 + 256 / o.each;
      clocked meter;
      o.prepare();
      while (state.KeepRunningBatch(batch)) o.run(meter, batch);
      o.finish();
      state.SetItemsProcessed(state.iterations() * o.each);
    };
    benchmark::RegisterBenchmark((configuration + '/' + suite + '/' + o.name).c_str(), run);
  }
}

}  // namespace bench
