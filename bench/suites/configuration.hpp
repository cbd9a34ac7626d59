// SPDX-License-Identifier: BSL-1.0
/// \file
/// The configurations that the project measures, and how any configuration is made to run here.
#pragma once

#include <bench/suites/list_registers_in_memory.hpp>
#include <layout/xen.hpp>
#include <vgic/vgic.hpp>

#include <concepts>
#include <type_traits>

namespace bench {

using vgic::u16;
using vgic::u32;
using vgic::u64;

/// A host whose part costs one load for `current` and nothing for the rest.
struct host {
  void kick(vgic::vcpu_id v) { asm volatile("" : : "r"(raw(v))); }
  [[nodiscard]] vgic::vcpu_id current() const { return running; }
  void deactivate(vgic::vcpu_id v, vgic::physical_intid p) { asm volatile("" : : "r"(raw(v)), "r"(raw(p))); }

  /// The vCPU of this thread's CPU.
  static inline constinit thread_local vgic::vcpu_id running = vgic::no_vcpu;
};

/// A host that can be measured as it is: one whose `running` says what its CPU runs.
template <class H>
concept own_host = vgic::host_policy<H> && requires(H& h, vgic::vcpu_id v) {
  h.running = v;
};

/// The atomics policy `A`, counting its read-modify-writes.
template <vgic::atomics_policy A>
struct counting_atomics {
  template <class T>
  using cell = typename A::template cell<T>;

  static inline constinit thread_local u64 rmws = 0;

  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    return A::load(c);
  }
  template <class T>
  static void store(cell<T>& c, T value) {
    A::store(c, value);
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits) {
    ++rmws;
    return A::fetch_or(c, bits);
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits) {
    ++rmws;
    return A::fetch_and(c, bits);
  }
  template <class T>
  static T fetch_xor(cell<T>& c, T bits) {
    ++rmws;
    return A::fetch_xor(c, bits);
  }
  template <class T>
  static T exchange(cell<T>& c, T value) {
    ++rmws;
    return A::exchange(c, value);
  }
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired) {
    ++rmws;
    return A::compare_exchange(c, expected, desired);
  }
  static void order() { A::order(); }
  [[nodiscard]] static u32 load_byte(const cell<u32>* words, u32 n) requires vgic::loads_bytes<A> {
    return A::load_byte(words, n);
  }
};

/// The form of the list registers of a version; a configuration's own back end may not exist on this machine.
template <class C>
using format_of = std::conditional_t<C::version::number == 2, vgic::gich_format, vgic::ich_format>;

/// Configuration `C` with list registers in memory and, unless its own host can be measured, the host above: all else
/// is as C has it.
template <vgic::configuration C>
struct on_memory : C {
  using list_registers = list_registers_in_memory<C::limits.vcpus, C::limits.list_registers, format_of<C>>;
  using host = std::conditional_t<own_host<typename C::host>, typename C::host, bench::host>;
};

/// The same with its read-modify-writes counted.
template <vgic::configuration C>
struct with_counted_atomics : C {
  using atomics = counting_atomics<typename C::atomics>;
};

/// Version, how many vCPUs and SPIs, and frames: the rest is usual.
template <class Version, class Layout, u32 Vcpus, u32 Spis>
struct usual {
  using version = Version;
  using layout = Layout;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers = list_registers_in_memory<Vcpus, 4, format_of<usual>>;
  using host = bench::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = Vcpus, .spis = Spis, .list_registers = 4, .priority_bits = 5};
};

using gicv3 = usual<vgic::gicv3, layout::xen_4_5, 8, 256>;
using gicv2 = usual<vgic::gicv2, layout::xen_4_5, 8, 256>;

/// Frames of 512 redistributors.
struct large_layout {
  static constexpr const char* name = "large";
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x0800'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x1000'0000, 512 * 0x2'0000}},
  };
};

using large_gicv3 = usual<vgic::gicv3, large_layout, 512, 960>;
using large_gicv2 = usual<vgic::gicv2, layout::xen_4_5, 8, 960>;

}  // namespace bench
