// SPDX-License-Identifier: BSL-1.0
/// \file
/// The two forms of a list register, and what a back end that holds them supplies.
#pragma once

#include <vgic/types.hpp>

#include <concepts>

namespace vgic {

/// State field of a list register.
enum class lr_state : u8 { invalid = 0, pending = 1, active = 2, active_and_pending = 3 };

/// True if the state has the pending (active) bit.
[[nodiscard]] constexpr bool has_pending(lr_state s) { return (static_cast<u8>(s) & 1) != 0; }
[[nodiscard]] constexpr bool has_active(lr_state s) { return (static_cast<u8>(s) & 2) != 0; }
[[nodiscard]] constexpr lr_state without_pending(lr_state s) {
  return lr_state{static_cast<u8>(static_cast<u8>(s) & 2)};
}
[[nodiscard]] constexpr lr_state without_active(lr_state s) {
  return lr_state{static_cast<u8>(static_cast<u8>(s) & 1)};
}
[[nodiscard]] constexpr lr_state with_pending(lr_state s) { return lr_state{static_cast<u8>(static_cast<u8>(s) | 1)}; }
[[nodiscard]] constexpr lr_state with_active(lr_state s) { return lr_state{static_cast<u8>(static_cast<u8>(s) | 2)}; }

/// Fields of a list register: ICH_LR<n>_EL2 (IHI 0069) and GICH_LR<n> (IHI 0048B, 5.3.8) differ in where they are.
template <class Word, u32 State, u32 Hw, u32 Group, u32 Priority, u32 PriorityDropped, u32 Physical, u32 Eoi>
struct list_register_format {
  using word = Word;

  static constexpr word hw = word{1} << Hw;
  static constexpr word group1 = word{1} << Group;
  /// Raise the maintenance interrupt when this interrupt ends; means this only without `hw`.
  static constexpr word eoi = word{1} << Eoi;
  static constexpr word id_mask = 0x3ff;
  static constexpr word priority_mask = word{0xffu >> PriorityDropped} << Priority;
  static constexpr word state_mask = word{3} << State;

  [[nodiscard]] static constexpr intid id(word w) { return intid{static_cast<u32>(w & id_mask)}; }
  [[nodiscard]] static constexpr lr_state state(word w) { return lr_state{static_cast<u8>((w >> State) & 3)}; }
  [[nodiscard]] static constexpr word state(word w, lr_state s) {
    return (w & ~state_mask) | (word{static_cast<u8>(s)} << State);
  }
  [[nodiscard]] static constexpr word priority_field(u32 p) { return word{p >> PriorityDropped} << Priority; }
  [[nodiscard]] static constexpr u32 priority_of(word w) {
    return static_cast<u32>((w & priority_mask) >> Priority) << PriorityDropped;
  }
  [[nodiscard]] static constexpr word physical(physical_intid p) { return hw | (word{raw(p)} << Physical); }
  [[nodiscard]] static constexpr physical_intid physical_of(word w) {
    return physical_intid{static_cast<u32>((w >> Physical) & 0x3ff)};
  }
  /// Source CPU of a GICv2 SGI (bits 12:10 in both forms).
  [[nodiscard]] static constexpr word source(u32 cpu) { return word{cpu} << 10; }
  [[nodiscard]] static constexpr u32 source_of(word w) { return static_cast<u32>((w >> 10) & 7); }
};

using ich_format = list_register_format<u64, 62, 61, 60, 48, 0, 32, 41>;
using gich_format = list_register_format<u32, 28, 31, 30, 23, 3, 10, 19>;

/// Hypervisor control bits, the same in ICH_HCR_EL2 and GICH_HCR.
namespace hcr {
inline constexpr u32 en = 1u << 0;
inline constexpr u32 uie = 1u << 1;
inline constexpr u32 lrenpie = 1u << 2;
inline constexpr u32 npie = 1u << 3;
inline constexpr u32 vgrp0eie = 1u << 4;
inline constexpr u32 vgrp0die = 1u << 5;
inline constexpr u32 vgrp1eie = 1u << 6;
inline constexpr u32 vgrp1die = 1u << 7;
inline constexpr u32 eoicount_shift = 27;
}  // namespace hcr

/// Group enables of the virtual CPU interface, the same in ICH_VMCR_EL2 and GICH_VMCR.
namespace vmcr {
inline constexpr u32 veng0 = 1u << 0;
inline constexpr u32 veng1 = 1u << 1;
}  // namespace vmcr

/// The virtual CPU interface's registers that move with a vCPU, beside its list registers.
struct cpu_interface_state {
  u32 vmcr = 0;
  u32 ap0r[4] = {};
  u32 ap1r[4] = {};
};

/// A list-register back end: the virtual interface of the CPU that runs vCPU `v`. Real hardware ignores `v`.
template <class B>
concept list_register_backend = requires(B& b, vcpu_id v, lr_index n, typename B::format::word w, u32 h,
                                         cpu_interface_state& s) {
  { b.read(v, n) } -> std::same_as<typename B::format::word>;
  b.write(v, n, w);
  { b.read_hcr(v) } -> std::same_as<u32>;
  b.write_hcr(v, h);
  { b.read_vmcr(v) } -> std::same_as<u32>;
  { b.read_misr(v) } -> std::same_as<u32>;
  b.save(v, s);
  b.restore(v, s);
};

}  // namespace vgic
