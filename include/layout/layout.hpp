// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a guest-physical layout is: frames of GICv2 and GICv3 and their neighbours, as constants of a type.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace layout {

/// A range of guest-physical (intermediate physical) addresses, in bytes.
struct range {
  std::uint64_t base;
  std::uint64_t size;

  [[nodiscard]] constexpr std::uint64_t end() const { return base + size; }
  [[nodiscard]] constexpr bool contains(std::uint64_t address) const { return address - base < size; }
  /// Do they share a byte? Also of ranges that reach the end of the address space; an empty one shares none.
  [[nodiscard]] constexpr bool overlaps(range other) const {
    return size != 0 && other.size != 0 && (other.contains(base) || contains(other.base));
  }
  friend constexpr bool operator==(range, range) = default;
};

/// Which GIC the frames belong to.
enum class gic_version : std::uint8_t { v2 = 2, v3 = 3 };

/// What else lies in a guest's address space, by name: a device, the grant table, a bank of RAM.
struct neighbour {
  const char* name;
  range where;
};

/// The frames of a GICv2: distributor and CPU interface.
struct gicv2_frames {
  range distributor;
  range cpu_interface;
};

/// The frames of a GICv3: distributor, and `Regions` redistributor regions. vCPUs fill the regions in their order,
/// one redistributor (RD frame and SGI frame) every `stride` bytes.
template <std::size_t Regions>
struct gicv3_frames {
  range distributor;
  std::uint64_t stride;
  range redistributors[Regions];

  static constexpr std::size_t regions = Regions;

  /// How many redistributors fit into region `r`.
  [[nodiscard]] constexpr std::uint64_t capacity(std::size_t r) const { return redistributors[r].size / stride; }

  /// How many redistributors fit into all regions: the most vCPUs that this layout can have.
  [[nodiscard]] constexpr std::uint64_t capacity() const {
    std::uint64_t sum = 0;
    for (std::size_t r = 0; r < Regions; ++r) sum += capacity(r);
    return sum;
  }
};

/// A layout with a place for a GICv2's frames: `static constexpr gicv2_frames v2`.
template <class L>
concept has_gicv2 = requires {
  { L::v2.distributor } -> std::convertible_to<range>;
  { L::v2.cpu_interface } -> std::convertible_to<range>;
};

/// A layout with a place for a GICv3's frames: `static constexpr gicv3_frames<N> v3`.
template <class L>
concept has_gicv3 = requires {
  { L::v3.distributor } -> std::convertible_to<range>;
  { L::v3.stride } -> std::convertible_to<std::uint64_t>;
  { L::v3.regions } -> std::convertible_to<std::size_t>;
  { L::v3.redistributors[0] } -> std::convertible_to<range>;
};

/// A layout that says what must not be covered by its frames: `static constexpr neighbour neighbours[]`.
template <class L>
concept has_neighbours = std::extent_v<decltype(L::neighbours)>
!= 0 && requires {
  { L::neighbours[0] } -> std::convertible_to<neighbour>;
};

}  // namespace layout
