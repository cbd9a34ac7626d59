// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a compiler prints when a layout breaks a rule. Each broken rule instantiates one class of namespace `broken`,
/// whose name is the rule's and whose arguments are the numbers in conflict: g++ shows both in its first line, clang++
/// shows the arguments in the requirement that failed and the name in the message. Counts are decimal; addresses and
/// sizes are hexadecimal, digit by digit, because compilers print numbers in decimal only.
///
/// <vgic/vgic.hpp> includes this header before all others: g++ puts a line for each file of the chain of includes
/// before the error.
#pragma once

#include <cstdint>

namespace layout {

enum class part : std::uint8_t;

namespace broken {

template <char... Digits>
struct base;  ///< an address, digit by digit
template <char... Digits>
struct size;  ///< bytes
template <char... Digits>
struct alignment;  ///< bytes
template <std::uint64_t Number>
struct bits;  ///< of a guest-physical address
template <unsigned Version>
struct gic;
template <char... Letters>
struct name;  ///< a neighbour's name

/// A frame; `Number` counts redistributor regions from 0.
template <part What, std::uint32_t Number, class Base, class Size>
struct frame;
template <class Name, class Base, class Size>
struct neighbour;

template <class... InConflict>
inline constexpr bool kept = false;

template <class Layout, class Gic>
struct frames_present {
  static_assert(kept<Layout, Gic>, "frames_present: the layout has no frames for this version of the GIC");
};
template <class Layout>
struct frames_constant {
  static_assert(kept<Layout>,
                "frames_constant: the frames are not constexpr; a layout whose values come from the machine says "
                "static constexpr bool at_run_time = true");
};
template <class Gic, std::uint64_t Vcpus, std::uint64_t Limit>
struct vcpu_count {
  static_assert(Vcpus >= 1 && Vcpus <= Limit, "vcpu_count: 1..8 vCPUs on a GICv2, 1..512 on a GICv3 (vCPUs, limit)");
};
template <std::uint64_t Spis, std::uint64_t Allowed>
struct spi_count {
  static_assert(Spis == Allowed, "spi_count: a multiple of 32 from 32 to 960, or 988 (SPIs, nearest that is allowed)");
};
template <std::uint64_t Bits, std::uint64_t Limit>
struct guest_physical_bits {
  static_assert(Bits == Limit, "guest_physical_bits: stage 2 translates 32..52 (bits of the layout, limit)");
};
template <class Found, class Xens>
struct xen_abi_address {
  static_assert(kept<Found, Xens>,
                "xen_abi_address: the layout claims layout::xen_abi, but its distributor is not where Xen's is "
                "(found, Xen's)");
};
template <class Found, class Least>
struct distributor_size {
  static_assert(kept<Found, Least>,
                "distributor_size: 4 KiB on a GICv2, 64 KiB on a GICv3, or more (found, at least wanted)");
};
template <class Found, class Least>
struct cpu_interface_size {
  static_assert(kept<Found, Least>, "cpu_interface_size: must reach up to GICC_DIR (found, at least wanted)");
};
template <std::uint64_t Regions, std::uint64_t Limit>
struct redistributor_regions {
  static_assert(Regions != 0 && Regions <= Limit,
                "redistributor_regions: at least one, at most as many as the layout's policy allows (regions, limit)");
};
template <class Stride, class Nearest>
struct redistributor_stride_power_of_two {
  static_assert(kept<Stride, Nearest>,
                "redistributor_stride_power_of_two (stride, nearest power of two that is legal)");
};
template <class Stride, class Least>
struct redistributor_stride_covers_frames {
  static_assert(kept<Stride, Least>,
                "redistributor_stride_covers_frames: an RD and an SGI frame of 64 KiB (stride, at least wanted)");
};
template <class Region, class Stride>
struct redistributor_region_whole {
  static_assert(kept<Region, Stride>,
                "redistributor_region_whole: a region is a nonzero multiple of the stride (region, stride)");
};
template <std::uint64_t Available, std::uint64_t Vcpus>
struct redistributor_capacity {
  static_assert(
      Available >= Vcpus,
      "redistributor_capacity: the regions hold fewer redistributors than there are vCPUs (available, vCPUs)");
};
template <class Frame, class Found, class Wanted>
struct frame_alignment {
  static_assert(kept<Frame, Found, Wanted>,
                "frame_alignment: frames are 4 KiB aligned on a GICv2, 64 KiB on a GICv3 (frame, found, wanted)");
};
template <class Frame, std::uint64_t Bits>
struct frame_in_guest_range {
  static_assert(kept<Frame, bits<Bits>>,
                "frame_in_guest_range: a frame ends above the guest-physical range (frame, bits)");
};
template <class Frame, class Other>
struct frames_disjoint {
  static_assert(kept<Frame, Other>, "frames_disjoint: two frames of one GIC overlap");
};
template <class Frame, class Neighbour>
struct frames_clear_of_neighbours {
  static_assert(kept<Frame, Neighbour>, "frames_clear_of_neighbours: a frame overlaps a neighbour");
};
template <class Neighbour, std::uint64_t Bits>
struct neighbour_in_guest_range {
  static_assert(kept<Neighbour, bits<Bits>>,
                "neighbour_in_guest_range: a neighbour ends above the guest-physical range (neighbour, bits)");
};
template <class Neighbour, class Other>
struct neighbours_disjoint {
  static_assert(kept<Neighbour, Other>, "neighbours_disjoint: two neighbours overlap");
};

}  // namespace broken
}  // namespace layout
