// SPDX-License-Identifier: BSL-1.0
/// \file
/// Rules about where frames and neighbours lie: alignment, range and overlap.
#pragma once

#include <layout/rules/frames.hpp>

namespace layout::check {

/// A layout that claims Xen's exceptions has its distributor where Xen's ABI has it.
template <frames_like F>
[[nodiscard]] constexpr verdict xen_abi_address(const F& f, exceptions claimed) {
  if (claimed != exceptions::xen_abi || f.distributor.base == xen_abi::distributor_base) return {};
  return {.broken = rule::xen_abi_address,
          .found = f.distributor.base,
          .wanted = xen_abi::distributor_base,
          .first = detail::frame_at(f, 0)};
}

/// GICv2: 4 KiB. GICv3: 64 KiB, but for Xen's distributor, an exception by name. `found` is the alignment that the
/// frame has.
template <frames_like F>
[[nodiscard]] constexpr verdict frame_alignment(const F& f, exceptions claimed = exceptions::none) {
  constexpr std::uint64_t granule = frame_granule(detail::version_of<F>);
  for (std::size_t i = 0; i < detail::frame_count(f); ++i) {
    const place frame = detail::frame_at(f, i);
    const std::uint64_t base = frame.where.base;
    if (base % granule == 0) continue;
    if (gicv3_like<F> && i == 0 && claimed == exceptions::xen_abi && frame.where == xen_abi::gicv3_distributor)
      continue;
    return {.broken = rule::frame_alignment, .found = base & (~base + 1), .wanted = granule, .first = frame};
  }
  return {};
}

/// Frames do not go around the end of the address space, and end at 1 << `bits` or below.
template <frames_like F>
[[nodiscard]] constexpr verdict frame_in_guest_range(const F& f, unsigned bits = usual_guest_physical_bits) {
  for (std::size_t i = 0; i < detail::frame_count(f); ++i) {
    const place frame = detail::frame_at(f, i);
    if (!detail::below(frame.where, bits))
      return {.broken = rule::frame_in_guest_range, .wanted = bits, .first = frame};
  }
  return {};
}

/// Frames of one GIC do not overlap one another. A GICv2's and a GICv3's may: a guest has one of them.
template <frames_like F>
[[nodiscard]] constexpr verdict frames_disjoint(const F& f) {
  for (std::size_t i = 0; i < detail::frame_count(f); ++i)
    for (std::size_t j = i + 1; j < detail::frame_count(f); ++j) {
      const place one = detail::frame_at(f, i);
      const place other = detail::frame_at(f, j);
      if (one.where.overlaps(other.where)) return {.broken = rule::frames_disjoint, .first = one, .second = other};
    }
  return {};
}

/// No frame covers a neighbour's addresses.
template <frames_like F>
[[nodiscard]] constexpr verdict frames_clear_of_neighbours(const F& f, const surroundings& s) {
  for (std::size_t i = 0; i < detail::frame_count(f); ++i)
    for (std::size_t n = 0; n < s.neighbour_count; ++n) {
      const place frame = detail::frame_at(f, i);
      const place other = detail::neighbour_at(s, n);
      if (frame.where.overlaps(other.where))
        return {.broken = rule::frames_clear_of_neighbours, .first = frame, .second = other};
    }
  return {};
}

/// Neighbours end at 1 << `guest_physical_bits` or below.
[[nodiscard]] constexpr verdict neighbour_in_guest_range(const surroundings& s) {
  for (std::size_t n = 0; n < s.neighbour_count; ++n) {
    const place one = detail::neighbour_at(s, n);
    if (!detail::below(one.where, s.guest_physical_bits))
      return {.broken = rule::neighbour_in_guest_range, .wanted = s.guest_physical_bits, .first = one};
  }
  return {};
}

/// Neighbours do not overlap one another.
[[nodiscard]] constexpr verdict neighbours_disjoint(const surroundings& s) {
  for (std::size_t n = 0; n < s.neighbour_count; ++n)
    for (std::size_t m = n + 1; m < s.neighbour_count; ++m) {
      const place one = detail::neighbour_at(s, n);
      const place other = detail::neighbour_at(s, m);
      if (one.where.overlaps(other.where)) return {.broken = rule::neighbours_disjoint, .first = one, .second = other};
    }
  return {};
}

}  // namespace layout::check
