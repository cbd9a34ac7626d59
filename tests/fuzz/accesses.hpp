// SPDX-License-Identifier: BSL-1.0
/// \file
/// What accesses, syndromes and system registers the steps of an input stand for.
#pragma once

#include "fuzz/configurations.hpp"
#include "fuzz/input.hpp"

namespace tests::fuzz {

struct access {
  u64 address;
  width size;
  u64 value;
};

inline constexpr width widths[] = {width::byte, width::half, width::word, width::dword};

/// An access to a register that is there, of an interrupt that is there: `a` is register [4:0], INTID [13:5], and
/// whether `value` is meant as it is [15] or one bit; `who` [7:4] is the redistributor.
template <class Machine>
[[nodiscard]] access usual_access(const Machine&, step s, u32 vcpus, u32 last) {
  constexpr bool v2 = Machine::v2;
  const u32 of = (s.who >> 4) % vcpus;
  const u32 i = (s.a >> 5 & 0x1ff) % last;
  const bool whole = (s.a & 0x8000) != 0;
  const u64 bits = whole ? s.value : u64{1} << (i % 32);
  const u64 gicd = Machine::gicd;
  const auto bank = [&](u32 reg) { return access{Machine::bits(reg, i, of), width::word, bits}; };
  switch (s.a & 0x1f) {
    case 0: return {gicd, width::word, whole ? s.value : 3};
    case 1: return bank(Machine::igroupr);
    case 2:
    case 3: return bank(Machine::isenabler);
    case 4: return bank(Machine::icenabler);
    case 5:
    case 6: return bank(Machine::ispendr);
    case 7: return bank(Machine::icpendr);
    case 8: return bank(Machine::isactiver);
    case 9: return bank(Machine::icactiver);
    case 10:
    case 11: return {Machine::bytes(Machine::ipriorityr, i, of), width::byte, s.value & 0xff};
    case 12: return {Machine::bytes(Machine::ipriorityr, i & ~3u, of), width::word, s.value};
    case 13: {
      const u64 base = Machine::bits(Machine::igroupr, i, of) & ~u64{0xfff};
      return {base + Machine::icfgr + i / 16 * 4, width::word, s.value};
    }
    case 14:
    case 15:
    case 16:
      if constexpr (v2) return {gicd + 0x800 + i, width::byte, s.value & 0xff};
      if (!whole) {
        const u32 t = s.value % (vcpus + 2);
        return {gicd + 0x6000 + 8 * i, width::dword, t > vcpus ? u64{1} << 31 : t == vcpus ? 0x12'0000'0300u : t};
      }
      return {gicd + 0x6000 + 8 * i, width::dword, s.value * u64{0x1'0000'0001}};
    case 17:
      if constexpr (v2) return {gicd + 0x800 + (i & ~3u), width::word, s.value};
      return {gicd + 0x6000 + 8 * i + (s.value >> 30 & 4), width::word, s.value};
    case 18:
    case 19:
      if constexpr (v2) return {gicd + 0xf00, width::word, whole ? s.value : (s.value & 0x0307'000f)};
      return {Machine::rd(of) + 0x14, width::word, s.value};
    case 20:
      if constexpr (v2) return {gicd + 0xf10 + (i & 0x1f), width::byte, s.value & 0xff};
      return {Machine::rd(of), width::word, s.value};
    case 21:
      if constexpr (v2) return {gicd + 0xf10 + (i & 0x1c), width::word, s.value};
      return {gicd + 0x40, width::word, whole ? s.value : i};
    case 22: return {gicd + (v2 ? 0xf20 + (i & 0xe) : 0x48), width::half, whole ? s.value & 0xffff : i};
    case 23: return {v2 ? gicd + 4 : Machine::rd(of) + 8, v2 ? width::word : width::dword, s.value};
    case 24: return {gicd + 0x10, width::word, s.value};
    case 25: return {(v2 ? gicd : Machine::rd(of)) + 0x10, width::word, s.value};
    case 26: return {v2 ? gicd + 0xfe8 : Machine::rd(of) + 0xffe8, width::word, s.value};
    default: return {gicd + 4 * (s.value & 3), width::word, s.value};
  }
}

/// An access to any address in or near the frames: `a` is the offset, `who` [3:2] the width, [7:4] the frame.
template <class Config>
[[nodiscard]] access any_access(step s) {
  const width w = widths[s.who >> 2 & 3];
  const u64 value = s.value * u64{0x1'0000'0001};
  const u32 frame = s.who >> 4;
  if constexpr (Config::version::number == 2) {
    constexpr auto& l = Config::layout::v2;
    return {(frame < 14 ? l.distributor.base + s.a % 0x1004 : l.cpu_interface.base + s.a), w, value};
  } else {
    constexpr auto& l = Config::layout::v3;
    if (frame < 5) return {l.distributor.base + s.a, w, value};
    if (frame == 5) return {l.distributor.end() + s.a % 16 - 8, w, value};
    const u32 region = l.regions > 1 && frame >= 11 ? 1 : 0;
    return {l.redistributors[region].base + u64{0x1'0000} * ((frame - 6) % 5) + s.a, w, value};
  }
}

/// A data abort: EC and ISS from `value` and `who`, mostly a valid load or store by a lower EL.
[[nodiscard]] inline u64 any_syndrome(step s) {
  const u64 ec = (s.who & 0x80) != 0 ? u64{s.value >> 26} : u64{syndrome::ec_data_abort_lower};
  const u64 valid = (s.who & 0x40) != 0 ? 0 : 1u << 24;
  const u64 harmless = (s.who & 0x20) != 0 ? ~u64{0} : ~u64{0x180};
  return ec << 26 | ((valid | 1u << 25 | (s.value & 0x3ff'ffff)) & harmless);
}

/// ISS of a trapped MSR or MRS: one of the GIC's registers, or any.
[[nodiscard]] inline u64 any_system_register(step s) {
  struct encoding {
    u32 op0, op1, crn, crm, op2;
  };
  constexpr encoding known[] = {{3, 0, 12, 11, 5}, {3, 0, 12, 11, 5}, {3, 0, 12, 11, 6}, {3, 0, 12, 11, 7},
                                {3, 0, 12, 11, 1}, {3, 0, 12, 12, 0}, {3, 0, 4, 6, 0},   {3, 0, 12, 12, 7}};
  const encoding e = known[s.a & 7];
  const u32 iss =
      (s.a & 0x80) != 0 ? s.value & 0x1ff'ffff : e.op0 << 20 | e.op2 << 17 | e.op1 << 14 | e.crn << 10 | e.crm << 1;
  const u32 rt = (s.a & 0x100) != 0 ? 31u : 3u;
  return u64{0x18} << 26 | 1u << 25 | (iss & ~(31u << 5)) | rt << 5 | ((s.a & 0x200) != 0 ? 1 : 0);
}

/// What the guest has in the register that such a write takes: `a` [13:10] is the SGI.
[[nodiscard]] inline u64 sgi_value(step s) {
  u64 value = u64{s.value & 0xffff} | u64{s.a >> 10 & 0xfu} << 24;
  if ((s.value & 0x10000) != 0) value |= u64{1} << 40;
  // Mostly the cluster that the vCPUs are in.
  if ((s.value & 0x20000) != 0)
    value |= u64{s.value >> 18 & 3} << 16 | u64{s.value >> 20 & 3} << 32 | u64{s.value >> 22 & 3} << 44 |
             u64{s.value >> 24 & 3} << 48;
  return value;
}

}  // namespace tests::fuzz
