// SPDX-License-Identifier: BSL-1.0
/// \file
/// Google Benchmark suite `scale`.
#pragma once

#include <bench/suites/scale_operations.hpp>
#include <bench/suites/timed.hpp>

#include <atomic>
#include <thread>

namespace bench {

/// Two threads on one VM. Each is a CPU: thread n runs vCPU n.
template <vgic::configuration C>
class two_cpus {
  using vm = machine<C>;
  using call = typename vm::call;

 public:
  /// Each thread masks and unmasks one SPI; `apart`: in different registers, else in the same.
  static void mask(benchmark::State& state, bool apart) {
    const auto self = static_cast<u32>(state.thread_index());
    const thread_of_vm here(state);
    vm& m = *vm_;
    clocked meter;
    const u32 bank = apart ? 1 + self : 1;
    const u64 bit = u64{1} << (8 + self);
    const vgic::guest_address off{m.bank_register(0x180, bank)};
    const vgic::guest_address on{m.bank_register(0x100, bank)};
    for (auto _ : state) {
      meter(call::write, m.g, vcpu(self), off, vgic::width::word, bit);
      meter(call::write, m.g, vcpu(self), on, vgic::width::word, bit);
    }
    state.SetItemsProcessed(2 * state.iterations());
  }

  /// Thread 0 runs a guest that takes what comes, thread 1 is a device's. Either side's iterations are of one kind
  /// only, so each reports its own rate.
  static void inject(benchmark::State& state) {
    const auto self = static_cast<u32>(state.thread_index());
    const thread_of_vm here(state);
    vm& m = *vm_;
    clocked meter;
    u64 done = 0;
    if (self == 0) {
      for (auto _ : state) {
        meter(call::entry, m.g, vcpu(0));
        while (m.take() != 1023) ++done;
        meter(call::exit, m.g, vcpu(0));
        if (m.maintenance()) meter(call::maintenance, m.g, vcpu(0));
      }
      state.counters["taken"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate);
    } else {
      m.on_none();
      for (auto _ : state)
        must(meter(call::pulse, m.g, vgic::spi(done++ % 64)) == vgic::result::ok, "pulse() refused an SPI");
      state.counters["raised"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate);
    }
  }

 private:
  /// The VM, made by thread 0 for all; in thread n, vCPU n is this CPU's.
  struct thread_of_vm {
    explicit thread_of_vm(const benchmark::State& state) : last(state.threads()), first(state.thread_index() == 0) {
      if (first) {
        vm_ = std::make_unique<vm>(2, 64);
        vm_->park();
        left_ = 0;
        ready_ = true;
      }
      while (!ready_) std::this_thread::yield();
      vm_->on(vcpu(static_cast<u32>(state.thread_index())));
    }
    ~thread_of_vm() {
      vm_->park();
      ++left_;
      if (!first) return;
      while (left_ != last) std::this_thread::yield();
      ready_ = false;
      vm_.reset();
    }
    thread_of_vm(const thread_of_vm&) = delete;
    thread_of_vm& operator=(const thread_of_vm&) = delete;

    int last;
    bool first;
  };

  static inline std::unique_ptr<vm> vm_;
  static inline std::atomic<bool> ready_ = false;
  static inline std::atomic<int> left_ = 0;
};

/// An object of this registers the suite for configuration `C`, under the name given: series up to C's limits.
template <vgic::configuration C>
struct scale {
  explicit scale(const std::string& name) {
    add_timed(name, "scale", scale_operations<on_memory<C>, clocked>());
    if constexpr (C::limits.vcpus >= 2 && C::limits.spis >= 64) {
      using two = two_cpus<on_memory<C>>;
      const std::string prefix = name + "/scale/";
      for (const bool apart : {true, false})
        benchmark::RegisterBenchmark(
            (prefix + "mask and unmask, " + (apart ? "registers of their own" : "one register")).c_str(),
            [apart](benchmark::State& state) { two::mask(state, apart); })
            ->Threads(1)
            ->Threads(2)
            ->UseRealTime();
      benchmark::RegisterBenchmark((prefix + "one injects while the other runs").c_str(),
                                   [](benchmark::State& state) { two::inject(state); })
          ->Threads(2)
          ->UseRealTime();
    }
  }
};

}  // namespace bench
