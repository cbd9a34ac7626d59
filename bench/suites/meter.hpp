// SPDX-License-Identifier: BSL-1.0
/// \file
/// The library's calls as they are measured, and the meters that make them.
#pragma once

#include <vgic/vgic.hpp>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

// A call that stays one: no inlining, no copy for known arguments, no knowledge of which registers it leaves alone.
#if defined(__has_attribute) && __has_attribute(noipa)
#define VGIC_BENCH_CALL [[gnu::noipa]]
#else
#define VGIC_BENCH_CALL [[gnu::noinline]]
#endif

namespace bench {

/// What a hypervisor calls, each as a function of its own. The call and the return are the caller's and are taken off.
template <class Gic>
struct calls {
  using vcpu_id = vgic::vcpu_id;
  using intid = vgic::intid;

  VGIC_BENCH_CALL static vgic::u64 read(Gic& g, vcpu_id v, vgic::guest_address a, vgic::width w) {
    return g.read(v, a, w);
  }
  VGIC_BENCH_CALL static void write(Gic& g, vcpu_id v, vgic::guest_address a, vgic::width w, vgic::u64 value) {
    g.write(v, a, w, value);
  }
  VGIC_BENCH_CALL static vgic::trap_status data_abort(Gic& g, vcpu_id v, const vgic::abort_syndrome& a, vgic::u64* x) {
    return g.data_abort(v, a, x);
  }
  VGIC_BENCH_CALL static vgic::trap_status system_register(Gic& g, vcpu_id v, vgic::u64 esr, vgic::u64* x) {
    return g.system_register(v, esr, x);
  }
  VGIC_BENCH_CALL static void exit(Gic& g, vcpu_id v) { g.exit(v); }
  VGIC_BENCH_CALL static void entry(Gic& g, vcpu_id v) { g.entry(v); }
  VGIC_BENCH_CALL static void maintenance(Gic& g, vcpu_id v) { g.maintenance(v); }
  VGIC_BENCH_CALL static vgic::result pulse(Gic& g, intid i) { return g.pulse(i); }
  VGIC_BENCH_CALL static vgic::result raise(Gic& g, intid i) { return g.raise(i); }
  VGIC_BENCH_CALL static vgic::result lower(Gic& g, intid i) { return g.lower(i); }
  VGIC_BENCH_CALL static vgic::result raise_private(Gic& g, vcpu_id v, intid i) { return g.raise(v, i); }
  VGIC_BENCH_CALL static vgic::result lower_private(Gic& g, vcpu_id v, intid i) { return g.lower(v, i); }
};

/// A meter makes a library call and counts it, or not. This one only calls: the clock runs elsewhere.
struct clocked {
  template <class R, class... A>
  R operator()(R (*f)(A...), std::type_identity_t<A>... arguments) const {
    return f(arguments...);
  }
};

/// One measured operation. `run(meter, n)` does it n times and leaves the VM as it found it.
template <class Meter>
struct operation {
  std::string name;
  /// What `run` does at a time counts as so many of the operation: interrupts delivered, targets reached.
  vgic::u32 each = 1;
  std::function<void(Meter&, vgic::u32)> run;
  /// Brings the VM into the state that the operation is to find: once, before any run.
  std::function<void()> prepare = [] {};
  /// Undoes `prepare`.
  std::function<void()> finish = [] {};
  /// Only calls of this function count, if it is given: an operation's parts.
  const void* only = nullptr;
};

template <class Meter>
using operations = std::vector<operation<Meter>>;

/// The address of a function, to compare it.
template <class R, class... A>
[[nodiscard]] const void* address_of(R (*f)(A...)) {
  return reinterpret_cast<const void*>(f);
}

}  // namespace bench
