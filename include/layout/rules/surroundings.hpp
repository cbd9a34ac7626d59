// SPDX-License-Identifier: BSL-1.0
/// \file
/// What frames are examined against: the limits of the architecture, and what a layout says about itself and the
/// guest's address space beside the frames.
#pragma once

#include <layout/layout.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace layout {

/// The most vCPUs: CPU interfaces of a GICv2 (IHI 0048B, 1.1), and what this library's GICv3 can number.
[[nodiscard]] constexpr std::uint64_t most_vcpus(gic_version v) { return v == gic_version::v2 ? 8 : 512; }

/// The fewest SPIs, the most in whole banks, and all of INTID 32..1019.
inline constexpr std::uint64_t spis_a_bank = 32;
inline constexpr std::uint64_t most_spis_in_banks = 960;
inline constexpr std::uint64_t all_spis = 988;

/// Bits of a guest-physical address that stage 2 can translate (ID_AA64MMFR0_EL1.PARange), and the default.
inline constexpr unsigned fewest_guest_physical_bits = 32;
inline constexpr unsigned most_guest_physical_bits = 52;
inline constexpr unsigned usual_guest_physical_bits = 48;

/// Redistributor regions of a layout that sets no limit of its own by `most_redistributor_regions`.
inline constexpr std::size_t usual_most_redistributor_regions = 32;

/// An RD frame and an SGI frame (IHI 0069, 12.10): the smallest stride.
inline constexpr std::uint64_t least_redistributor_stride = 0x2'0000;

/// The least size of a distributor (IHI 0048B, 4.1; IHI 0069, 12.8).
[[nodiscard]] constexpr std::uint64_t least_distributor(gic_version v) {
  return v == gic_version::v2 ? 0x1000 : 0x1'0000;
}
/// The least size of a GICv2's CPU interface: GICC_DIR is at 0x1000 (IHI 0048B, 4.1.3).
inline constexpr std::uint64_t least_cpu_interface = 0x2000;

/// Alignment of a GIC's frames.
[[nodiscard]] constexpr std::uint64_t frame_granule(gic_version v) { return v == gic_version::v2 ? 0x1000 : 0x1'0000; }

/// `using exceptions = layout::xen_abi;` in a layout: its frames are those that Xen fixed in its public ABI, although
/// the architecture asks for others. Two exceptions, for these very addresses and no others: the GICv3 distributor is
/// aligned to 4 KiB and not to 64, and the CPU interface of Xen 4.5 has 0x100 bytes.
struct xen_abi {
  static constexpr std::uint64_t distributor_base = 0x0300'1000;    ///< GUEST_GICD_BASE, GUEST_GICV3_GICD_BASE
  static constexpr range cpu_interface{0x0300'2000, 0x100};         ///< GUEST_GICC_BASE, _SIZE of Xen 4.5
  static constexpr range gicv3_distributor{0x0300'1000, 0x1'0000};  ///< GUEST_GICV3_GICD_BASE, _SIZE
};

/// Which exceptions a layout claims.
enum class exceptions : std::uint8_t { none, xen_abi };

/// What frames are examined against.
struct surroundings {
  const neighbour* neighbours = nullptr;
  std::size_t neighbour_count = 0;
  unsigned guest_physical_bits = usual_guest_physical_bits;
  std::size_t most_redistributor_regions = usual_most_redistributor_regions;
  layout::exceptions claimed = exceptions::none;
};

/// A layout that limits its redistributor regions: `static constexpr std::size_t most_redistributor_regions`.
/// Xen's have 1, the number that its emulator maps.
template <class L>
concept limits_regions = requires {
  { L::most_redistributor_regions } -> std::convertible_to<std::size_t>;
};

/// A layout that says how many bits a guest-physical address has: `static constexpr unsigned guest_physical_bits`.
template <class L>
concept has_guest_physical_bits = requires {
  { L::guest_physical_bits } -> std::convertible_to<unsigned>;
};

/// A layout that claims exceptions by name.
template <class L>
concept claims_xen_abi = std::same_as<typename L::exceptions, xen_abi>;

/// The surroundings that a layout describes.
template <class L>
[[nodiscard]] constexpr surroundings surroundings_of() {
  surroundings s{};
  if constexpr (has_neighbours<L>) {
    s.neighbours = &L::neighbours[0];
    s.neighbour_count = std::extent_v<decltype(L::neighbours)>;
  } else {
    static_assert(
        !requires { L::neighbours; }, "neighbours: must be an array of layout::neighbour");
  }
  if constexpr (has_guest_physical_bits<L>) s.guest_physical_bits = L::guest_physical_bits;
  if constexpr (limits_regions<L>) s.most_redistributor_regions = L::most_redistributor_regions;
  if constexpr (claims_xen_abi<L>) s.claimed = exceptions::xen_abi;
  return s;
}

}  // namespace layout
