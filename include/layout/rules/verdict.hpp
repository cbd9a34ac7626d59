// SPDX-License-Identifier: BSL-1.0
/// \file
/// What an examination of a layout comes to: which rule is broken first, and the two numbers or places in conflict.
#pragma once

#include <layout/layout.hpp>

#include <cstdint>

namespace layout {

/// The rules, in the order in which they are examined. Each is named for what holds while it is kept.
enum class rule : std::uint8_t {
  none,                                ///< no rule is broken
  vcpu_count,                          ///< 1..8 vCPUs on a GICv2, 1..512 on a GICv3
  spi_count,                           ///< a multiple of 32 SPIs from 32 to 960, or 988
  guest_physical_bits,                 ///< 32..52 bits of guest-physical address
  xen_abi_address,                     ///< who claims Xen's exceptions has Xen's distributor
  distributor_size,                    ///< GICD: 4 KiB on a GICv2, 64 KiB on a GICv3, or more
  cpu_interface_size,                  ///< GICC: 8 KiB, up to GICC_DIR, or more
  redistributor_regions,               ///< as many regions as the layout's policy allows
  redistributor_stride_power_of_two,   ///< GICR_TYPER's frames are a power of two apart
  redistributor_stride_covers_frames,  ///< RD frame and SGI frame, 64 KiB each
  redistributor_region_whole,          ///< a region is a multiple of the stride, and not empty
  redistributor_capacity,              ///< a redistributor for each vCPU
  frame_alignment,                     ///< 4 KiB on a GICv2, 64 KiB on a GICv3
  frame_in_guest_range,                ///< below 1 << guest_physical_bits
  frames_disjoint,                     ///< frames of one GIC overlap one another nowhere
  frames_clear_of_neighbours,          ///< nor what else is in the guest's address space
  neighbour_in_guest_range,            ///< neighbours are below 1 << guest_physical_bits
  neighbours_disjoint,                 ///< and overlap one another nowhere
};

/// The rule's name as compilers show it.
[[nodiscard]] constexpr const char* name(rule r) {
  switch (r) {
    case rule::none: break;
    case rule::vcpu_count: return "vcpu_count";
    case rule::spi_count: return "spi_count";
    case rule::guest_physical_bits: return "guest_physical_bits";
    case rule::xen_abi_address: return "xen_abi_address";
    case rule::distributor_size: return "distributor_size";
    case rule::cpu_interface_size: return "cpu_interface_size";
    case rule::redistributor_regions: return "redistributor_regions";
    case rule::redistributor_stride_power_of_two: return "redistributor_stride_power_of_two";
    case rule::redistributor_stride_covers_frames: return "redistributor_stride_covers_frames";
    case rule::redistributor_region_whole: return "redistributor_region_whole";
    case rule::redistributor_capacity: return "redistributor_capacity";
    case rule::frame_alignment: return "frame_alignment";
    case rule::frame_in_guest_range: return "frame_in_guest_range";
    case rule::frames_disjoint: return "frames_disjoint";
    case rule::frames_clear_of_neighbours: return "frames_clear_of_neighbours";
    case rule::neighbour_in_guest_range: return "neighbour_in_guest_range";
    case rule::neighbours_disjoint: return "neighbours_disjoint";
  }
  return "none";
}

/// What a place in the address space is.
enum class part : std::uint8_t { none, distributor, cpu_interface, redistributors, neighbour };

/// A frame or a neighbour, and where it lies.
struct place {
  part what = part::none;
  std::uint32_t number = 0;  ///< which redistributor region, or which neighbour; 0 for the others
  const char* name = "";     ///< a neighbour's name
  range where{0, 0};         ///< all of it
};

/// The first broken rule and what is in conflict. Rules about counts and sizes have `found` and `wanted`, rules about
/// addresses one or two places; the rest is zero.
struct verdict {
  rule broken = rule::none;
  std::uint64_t found = 0;   ///< what the layout has: a count, a size or an alignment in bytes, a number of bits
  std::uint64_t wanted = 0;  ///< the limit that it misses
  place first{};
  place second{};

  [[nodiscard]] constexpr bool kept() const { return broken == rule::none; }
};

}  // namespace layout
