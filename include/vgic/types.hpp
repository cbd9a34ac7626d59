// SPDX-License-Identifier: BSL-1.0
/// \file
/// The distinct types of the emulator. Raw integers become one of these in one checked place; none converts
/// silently to another.
#pragma once

#include <cstdint>

namespace vgic {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

/// An interrupt identifier (INTID): 0..15 SGI, 16..31 PPI, 32..1019 SPI (IHI 0069, 2.2.1).
enum class intid : u32 {};
/// The same number as the physical GIC knows it.
enum class physical_intid : u32 {};
/// Index of a vCPU in its VM, from 0. GICv2: also its CPU interface number.
enum class vcpu_id : u16 {};
/// "No vCPU": answer of a search that found none.
inline constexpr vcpu_id no_vcpu{0xffff};
/// Interrupt priority as registers show it: 0 most urgent, 0xff least.
enum class priority : u8 {};
/// Affinity Aff3.Aff2.Aff1.Aff0, packed in this order from the top byte down.
enum class affinity : u32 {};
/// Index of a list register, 0..15.
enum class lr_index : u32 {};
/// A guest-physical address.
enum class guest_address : u64 {};

/// Bytes of a memory access.
enum class width : u8 { byte = 1, half = 2, word = 4, dword = 8 };
enum class direction : u8 { read, write };
/// Interrupt group: 0 arrives as FIQ (GICv2: FIQ if FIQEn), 1 as IRQ.
enum class group : u8 { zero, one };

[[nodiscard]] constexpr u32 raw(intid i) { return static_cast<u32>(i); }
[[nodiscard]] constexpr u32 raw(physical_intid i) { return static_cast<u32>(i); }
[[nodiscard]] constexpr u32 raw(vcpu_id v) { return static_cast<u32>(v); }
[[nodiscard]] constexpr u32 raw(priority p) { return static_cast<u32>(p); }
[[nodiscard]] constexpr u32 raw(affinity a) { return static_cast<u32>(a); }
[[nodiscard]] constexpr u32 raw(lr_index n) { return static_cast<u32>(n); }
[[nodiscard]] constexpr u64 raw(guest_address a) { return static_cast<u64>(a); }
[[nodiscard]] constexpr u32 raw(width w) { return static_cast<u32>(w); }

/// INTID of SGI `n` (0..15), PPI `n` (0..15, INTID 16 + n) and SPI `n` (0..987, INTID 32 + n).
[[nodiscard]] constexpr intid sgi(u32 n) { return intid{n}; }
[[nodiscard]] constexpr intid ppi(u32 n) { return intid{16 + n}; }
[[nodiscard]] constexpr intid spi(u32 n) { return intid{32 + n}; }

/// The bank (32 interrupts) of an INTID, and its bit in the bank's planes.
[[nodiscard]] constexpr u32 bank_of(intid i) { return raw(i) / 32; }
[[nodiscard]] constexpr u32 bit_of(intid i) { return u32{1} << (raw(i) % 32); }

/// Index of the lowest set bit. `word` is not 0.
[[nodiscard]] constexpr u32 lowest(u32 word) { return static_cast<u32>(__builtin_ctz(word)); }
/// Index of the highest set bit. `word` is not 0.
[[nodiscard]] constexpr u32 highest(u32 word) { return static_cast<u32>(__builtin_clz(word)) ^ 31; }

}  // namespace vgic
