// SPDX-License-Identifier: BSL-1.0
/// \file
/// The library's calls as they are measured, and the meters that make them.
#pragma once

#include <vgic/vgic.hpp>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

// A function that stays one: no inlining, no copy for known arguments, no knowledge of which registers it leaves alone.
#if defined(__has_attribute) && __has_attribute(noipa)
#define VGIC_BENCH_CALL [[gnu::noipa]]
#else
#define VGIC_BENCH_CALL [[gnu::noinline]]
#endif

namespace bench {

template <class Gic>
[[nodiscard]] constexpr auto decoded_sgi() {
  if constexpr (Gic::configuration::version::number == 3)
    return &Gic::sgi1r;
  else
    return nullptr;
}

/// What a hypervisor calls.
template <class Gic>
struct calls {
  using vcpu_id = vgic::vcpu_id;
  using intid = vgic::intid;

  static constexpr auto read = &Gic::read;
  static constexpr auto write = &Gic::write;
  static constexpr auto data_abort = &Gic::data_abort;
  static constexpr auto system_register = &Gic::system_register;
  /// Named by GICv3 alone.
  static constexpr auto sgi1r = decoded_sgi<Gic>();
  static constexpr auto exit = &Gic::exit;
  static constexpr auto entry = &Gic::entry;
  static constexpr auto maintenance = &Gic::maintenance;
  static constexpr auto pulse = static_cast<vgic::result (Gic::*)(intid)>(&Gic::pulse);
  static constexpr auto raise = static_cast<vgic::result (Gic::*)(intid)>(&Gic::raise);
  static constexpr auto lower = static_cast<vgic::result (Gic::*)(intid)>(&Gic::lower);
  static constexpr auto raise_private = static_cast<vgic::result (Gic::*)(vcpu_id, intid)>(&Gic::raise);
  static constexpr auto lower_private = static_cast<vgic::result (Gic::*)(vcpu_id, intid)>(&Gic::lower);
};

/// A member function of any type, to be compared.
struct function_id {
  std::array<unsigned char, sizeof(void (function_id::*)())> bytes{};
  friend bool operator==(const function_id&, const function_id&) = default;
};

template <class F>
[[nodiscard]] function_id id_of(F f) {
  static_assert(std::is_member_function_pointer_v<F> && sizeof f == sizeof(function_id));
  function_id id;
  std::memcpy(id.bytes.data(), &f, sizeof f);
  return id;
}

/// A meter makes a library call and counts it, or not. This one only calls: the clock runs elsewhere.
struct clocked {
  template <class R, class Base, class Gic, class... A>
  R operator()(R (Base::*f)(A...), Gic& g, std::type_identity_t<A>... arguments) const {
    asm volatile("" : "+m"(f));  // or the call would be inlined, with what is known of its arguments
    return (g.*f)(arguments...);
  }
};

/// One call of an operation of which each is counted by itself.
struct named_call {
  std::string kind;  ///< what it is counted together with
  std::string what;  ///< what tells it from others
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
  std::optional<function_id> only{};
  /// What counted call `n` of a run is, if each is to be counted by itself: the dearest and the mean of each kind are
  /// figures, too.
  std::function<named_call(vgic::u32)> each_call{};
};

template <class Meter>
using operations = std::vector<operation<Meter>>;

}  // namespace bench
