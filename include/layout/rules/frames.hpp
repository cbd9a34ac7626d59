// SPDX-License-Identifier: BSL-1.0
/// \file
/// Frames as the rules see them: any object with the members of gicv2_frames or gicv3_frames, whether its values are
/// constants or come from the machine at run time.
#pragma once

#include <layout/rules/surroundings.hpp>
#include <layout/rules/verdict.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace layout {

/// The frames of a GICv3, as values. `regions` may be a constant or a member; `redistributors` has at least so many.
template <class F>
concept gicv3_like = requires(const F& f) {
  { f.distributor } -> std::convertible_to<range>;
  { f.stride } -> std::convertible_to<std::uint64_t>;
  { f.regions } -> std::convertible_to<std::size_t>;
  { f.redistributors[0] } -> std::convertible_to<range>;
};

/// The frames of a GICv2, as values.
template <class F>
concept gicv2_like = !gicv3_like<F> && requires(const F& f) {
  { f.distributor } -> std::convertible_to<range>;
  { f.cpu_interface } -> std::convertible_to<range>;
};

/// The frames of either.
template <class F>
concept frames_like = gicv2_like<F> || gicv3_like<F>;

namespace detail {

template <frames_like F>
inline constexpr gic_version version_of = gicv3_like<F> ? gic_version::v3 : gic_version::v2;

template <gicv2_like F>
[[nodiscard]] constexpr std::size_t frame_count(const F&) {
  return 2;
}
template <gicv3_like F>
[[nodiscard]] constexpr std::size_t frame_count(const F& f) {
  return std::size_t{1} + f.regions;
}

/// Frame `i` of `frame_count`: the distributor first.
template <gicv2_like F>
[[nodiscard]] constexpr place frame_at(const F& f, std::size_t i) {
  return i == 0 ? place{.what = part::distributor, .where = f.distributor}
                : place{.what = part::cpu_interface, .where = f.cpu_interface};
}
template <gicv3_like F>
[[nodiscard]] constexpr place frame_at(const F& f, std::size_t i) {
  if (i == 0) return {.what = part::distributor, .where = f.distributor};
  return {.what = part::redistributors, .number = static_cast<std::uint32_t>(i - 1), .where = f.redistributors[i - 1]};
}

[[nodiscard]] constexpr place neighbour_at(const surroundings& s, std::size_t i) {
  const neighbour& n = s.neighbours[i];
  return {.what = part::neighbour,
          .number = static_cast<std::uint32_t>(i),
          .name = n.name == nullptr ? "" : n.name,
          .where = n.where};
}

/// Is all of `r` below 1 << `bits`? A range that ends at the top is; one that goes around is not.
[[nodiscard]] constexpr bool below(range r, unsigned bits) {
  const std::uint64_t last = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  return r.base <= last && (r.size == 0 || r.size - 1 <= last - r.base);
}

}  // namespace detail
}  // namespace layout
