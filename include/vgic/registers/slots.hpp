// SPDX-License-Identifier: BSL-1.0
/// \file
/// What each word of the distributor's first 4 KiB is in one configuration, so that the one byte that a trap looks up
/// says all: the register group, whether its interrupts exist, whether they are private.
#pragma once

#include <vgic/registers/map.hpp>

namespace vgic::detail {

/// What the words of interrupts 0..31 are in a distributor: RAZ/WI with affinity routing, or banked by vCPU (GICv2).
enum class private_words : u8 { raz_wi, banked };

/// A word's slot: its group, and 0x80 if it is about the private interrupts of the vCPU that accesses it.
[[nodiscard]] constexpr u8 of_spis(reg r) { return static_cast<u8>(r); }
[[nodiscard]] constexpr u8 of_private(reg r) { return static_cast<u8>(0x80 | static_cast<u32>(r)); }
static_assert(static_cast<u32>(reg::count) < 0x80);

/// Bits that the registers of a row have for each of the 1024 INTIDs; 0: it has no such registers. (IPRIORITYR and
/// ITARGETSR have none for 1020..1023.)
[[nodiscard]] constexpr u32 bits_of_each(const row& r) {
  const u32 bytes = r.end - r.first;
  return bytes == 0x80 ? 1 : bytes == 0x100 ? 2 : bytes == 0x3fc ? 8 : 0;
}

/// The slots of a map. Registers of SPI banks beyond `spi_banks` are RAZ/WI.
template <class Map>
[[nodiscard]] consteval auto make_slots(u32 spi_banks, private_words first) {
  table<u8, Map::low_words> slots = Map::low_groups;
  for (u32 i = 0; i < Map::rows.size; ++i) {
    const row& r = Map::rows[i];
    if (const u32 bits = bits_of_each(r); bits != 0 && r.first < low_bytes)
      for (u32 at = r.first; at < r.end; at += 4) {
        const u32 bank = (at - r.first) / (4 * bits);
        if (bank > spi_banks || (bank == 0 && first == private_words::raz_wi))
          slots[at / 4] = of_spis(reg::raz_wi);
        else if (bank == 0)
          slots[at / 4] = of_private(r.what);
      }
  }
  return slots;
}

}  // namespace vgic::detail
