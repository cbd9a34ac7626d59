// SPDX-License-Identifier: BSL-1.0
/// \file
/// From a trap's syndrome to the access it stands for, and back to the guest's register (Arm ARM, ESR_EL2 for EC 0x24
/// and 0x18). Decodes only; knows no GIC.
#pragma once

#include <vgic/types.hpp>

namespace vgic {

/// What the exception left in ESR_EL2, HPFAR_EL2 and FAR_EL2. Read them before anything can change them.
struct abort_syndrome {
  u64 esr;
  u64 hpfar;
  u64 far;
};

/// A load or store of one general register.
struct data_access {
  guest_address address;
  width size;
  direction dir;
  u8 reg;            ///< 0..30, 31 is the zero register
  u8 extend_from;    ///< bits of a signed load's item; 0: zero extended
  u8 register_bits;  ///< 64, or 32: the upper half is cleared
};

namespace syndrome {

/// ESR_EL2.EC.
[[nodiscard]] constexpr u32 exception_class(u64 esr) { return static_cast<u32>(esr >> 26 & 0x3f); }
inline constexpr u32 ec_system_register = 0x18;
inline constexpr u32 ec_data_abort_lower = 0x24;

/// Address that stage 2 could not translate: HPFAR_EL2.FIPA (bit 63 is NS), the page offset from FAR_EL2.
[[nodiscard]] constexpr guest_address fault_address(const abort_syndrome& a) {
  return guest_address{(a.hpfar & 0x0000'0fff'ffff'fff0u) << 8 | (a.far & 0xfff)};
}

/// True if the syndrome describes one load or store: ISV, no stage-1 walk, no cache maintenance.
[[nodiscard]] constexpr bool describes_access(u64 esr) {
  constexpr u64 isv = 1u << 24;
  constexpr u64 cm_or_s1ptw = 1u << 8 | 1u << 7;
  return exception_class(esr) == ec_data_abort_lower && (esr & (isv | cm_or_s1ptw)) == isv;
}

/// The same, of a store or of a load that is not sign-extended.
[[nodiscard]] constexpr bool describes_unsigned(u64 esr) {
  constexpr u64 fields = u64{0x3f} << 26 | 1u << 24 | 1u << 21 | 1u << 8 | 1u << 7;
  return (esr & fields) == (u64{ec_data_abort_lower} << 26 | 1u << 24);
}

/// ISS.SAS, ISS.SRT (31: the zero register) and ISS.WnR, if `describes_access`.
[[nodiscard]] constexpr width access_size(u64 esr) { return width{static_cast<u8>(1u << (esr >> 22 & 3))}; }
[[nodiscard]] constexpr u32 transfer_register(u64 esr) { return static_cast<u32>(esr >> 16) & 31; }
[[nodiscard]] constexpr direction access_direction(u64 esr) {
  return (esr >> 6 & 1) != 0 ? direction::write : direction::read;
}

/// The access, if `describes_access`.
[[nodiscard]] constexpr data_access decode_access(const abort_syndrome& a) {
  const width size = access_size(a.esr);
  const bool sign = (a.esr >> 21 & 1) != 0;
  return {.address = fault_address(a),
          .size = size,
          .dir = access_direction(a.esr),
          .reg = static_cast<u8>(transfer_register(a.esr)),
          .extend_from = static_cast<u8>(sign ? 8 * raw(size) : 0),
          .register_bits = static_cast<u8>((a.esr >> 15 & 1) != 0 ? 64 : 32)};
}

/// The part of a register that an access of this width stores.
[[nodiscard]] constexpr u64 low_part(u64 value, width size) {
  const u32 bits = 8 * raw(size);
  return bits < 64 ? value & ((u64{1} << bits) - 1) : value;
}

/// What a load puts into its register, from the item that memory gave.
[[nodiscard]] constexpr u64 loaded_value(const data_access& a, u64 item) {
  const u32 bits = 8 * raw(a.size);
  if (bits < 64) item &= (u64{1} << bits) - 1;
  if (a.extend_from != 0 && a.extend_from < 64) {
    const u64 sign = u64{1} << (a.extend_from - 1);
    item = (item ^ sign) - sign;
  }
  return a.register_bits == 32 ? item & 0xffff'ffffu : item;
}

/// What a store writes, from its register.
[[nodiscard]] constexpr u64 stored_item(const data_access& a, u64 value) { return low_part(value, a.size); }

/// The system register of EC 0x18: Op0, Op2, Op1, CRn, CRm of the ISS, as one key.
[[nodiscard]] constexpr u32 system_register_key(u64 esr) { return static_cast<u32>(esr) & 0x3f'fc1e; }
[[nodiscard]] constexpr u32 system_register_rt(u64 esr) { return static_cast<u32>(esr >> 5) & 31; }
[[nodiscard]] constexpr direction system_register_direction(u64 esr) {
  return (esr & 1) != 0 ? direction::read : direction::write;
}

inline constexpr u32 key_icc_sgi1r = 0x3a'3016;
inline constexpr u32 key_icc_asgi1r = 0x3c'3016;
inline constexpr u32 key_icc_sgi0r = 0x3e'3016;
inline constexpr u32 key_icc_dir = 0x32'3016;

}  // namespace syndrome
}  // namespace vgic
