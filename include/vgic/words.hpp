// SPDX-License-Identifier: BSL-1.0
/// \file
/// The state machine of an interrupt as pure functions on words: bit i of every word belongs to interrupt i of a
/// bank, so that one evaluation answers for 32 interrupts.
#pragma once

#include <vgic/types.hpp>

namespace vgic {

/// One reading of a bank's planes.
struct planes {
  u32 latch = 0;    ///< an edge, an SGI, or a write to ISPENDR that the guest has not acknowledged
  u32 fresh = 0;    ///< one that no list register has taken
  u32 line = 0;     ///< level of the input
  u32 message = 0;  ///< level that SETSPI raised and CLRSPI lowers
  u32 edge = 0;     ///< configured edge-triggered (ICFGR)
  u32 enabled = 0;  ///< ISENABLER
  u32 group = 0;    ///< IGROUPR: group 1
  u32 active = 0;   ///< ISACTIVER
  u32 listed = 0;   ///< in a list register of one vCPU
  u32 any = 0;      ///< may have more than one target (IROUTER.IRM; several bits in ITARGETSR)
};

/// Which groups the distributor forwards: all ones or 0 each (GICD_CTLR.EnableGrp0/1).
struct group_gates {
  u32 zero = 0;
  u32 one = 0;
};

/// Level-sensitive and asserted, whatever was latched.
[[nodiscard]] constexpr u32 asserted(const planes& p) { return (p.line | p.message) & ~p.edge; }

/// What ISPENDR reads (IHI 0069, GICD_ISPENDR<n>; IHI 0048B, 4.3.7).
[[nodiscard]] constexpr u32 pending(const planes& p) { return p.latch | asserted(p); }

/// Group gate of each interrupt: `one` where it is in group 1, `zero` elsewhere.
[[nodiscard]] constexpr u32 gated(u32 group, group_gates g) { return ((g.zero ^ g.one) & group) ^ g.zero; }

/// Enabled, and in a group that is forwarded.
[[nodiscard]] constexpr u32 forwarded(const planes& p, group_gates g) { return p.enabled & gated(p.group, g); }

/// To be given to a vCPU now.
[[nodiscard]] constexpr u32 deliverable(const planes& p, group_gates g) {
  return pending(p) & forwarded(p, g) & ~p.active & ~p.listed;
}

/// Narrows `candidates` to those of the most urgent priority. `slices[k]` holds priority bit `8 - n + k` of each
/// interrupt, n slices in all; a lower number is more urgent, so a 0 in a high bit wins.
template <u32 N, class Slice>
[[nodiscard]] constexpr u32 most_urgent(u32 candidates, Slice&& slice) {
  for (u32 k = N; k-- != 0;) {
    const u32 better = candidates & ~slice(k);
    if (better != 0) candidates = better;
  }
  return candidates;
}

/// Gathers bit `k` of each of a word's four bytes into bits 0..3.
[[nodiscard]] constexpr u32 bit_of_bytes(u32 word, u32 k) {
  return (((word >> k) & 0x0101'0101u) * 0x1020'4080u) >> 28;
}

/// Bit k (0..3) of the result: byte k of the word is not 0.
[[nodiscard]] constexpr u32 bytes_not_zero(u32 word) {
  word |= word >> 4;
  word |= word >> 2;
  return bit_of_bytes(word | word >> 1, 0);
}

/// False: no byte of the word has more than one bit. True: one may have. (A byte that is 0 borrows from the next, which
/// then is compared with two less instead of one: never too little is seen.)
[[nodiscard]] constexpr bool may_have_many(u32 word) { return (word & (word - 0x0101'0101u)) != 0; }

/// Bit k (0..3) of the result: byte k of the word has more than one bit. Halves of a byte are merged until one bit is
/// left, which has two forms: at least one, at least two. (The lowest bit of a byte comes of that byte alone; the
/// others are not looked at.)
[[nodiscard]] constexpr u32 bytes_with_many(u32 word) {
  u32 two = word & word >> 4;
  u32 one = word | word >> 4;
  two = two | two >> 2 | (one & one >> 2);
  one = one | one >> 2;
  return bit_of_bytes(two | two >> 1 | (one & one >> 1), 0);
}

namespace detail {
/// Eight bits, each moved to bit 2i + 1.
struct spread_table {
  u16 of[256]{};
  consteval spread_table() {
    for (u32 byte = 0; byte < 256; ++byte)
      for (u32 i = 0; i < 8; ++i) of[byte] = static_cast<u16>(of[byte] | (byte >> i & 1) << (2 * i + 1));
  }
};
inline constexpr spread_table spread{};
}  // namespace detail

/// Spreads bits 0..15 to bit 2i + 1 of the result: ICFGR's form of sixteen interrupts.
[[nodiscard]] constexpr u32 spread_to_icfgr(u32 half) {
  return detail::spread.of[half & 0xff] | u32{detail::spread.of[half >> 8 & 0xff]} << 16;
}

/// The inverse: bits 2i + 1 to bits 0..15.
[[nodiscard]] constexpr u32 gather_from_icfgr(u32 word) {
  u32 w = (word >> 1) & 0x5555'5555u;
  w = (w | (w >> 1)) & 0x3333'3333u;
  w = (w | (w >> 2)) & 0x0f0f'0f0fu;
  w = (w | (w >> 4)) & 0x00ff'00ffu;
  return (w | (w >> 8)) & 0xffffu;
}

}  // namespace vgic
