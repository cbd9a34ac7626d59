// SPDX-License-Identifier: BSL-1.0
/// \file
/// Rules about the redistributors of a GICv3: regions, stride and capacity.
#pragma once

#include <layout/rules/frames.hpp>

namespace layout::check {

/// At least one region, and no more than the layout's policy: BUILD_BUG_ON(GUEST_GICV3_RDIST_REGIONS != 1), for a
/// policy of one.
template <gicv3_like F>
[[nodiscard]] constexpr verdict redistributor_regions(const F& f, std::size_t most = usual_most_redistributor_regions) {
  const std::size_t regions = f.regions;
  if (regions >= 1 && regions <= most) return {};
  return {.broken = rule::redistributor_regions, .found = regions, .wanted = regions == 0 ? 1 : most};
}

/// vCPU n's redistributor is at n * stride, found with a shift.
template <gicv3_like F>
[[nodiscard]] constexpr verdict redistributor_stride_power_of_two(const F& f) {
  const std::uint64_t stride = f.stride;
  if (stride != 0 && (stride & (stride - 1)) == 0) return {};
  std::uint64_t nearest = least_redistributor_stride;  // the next legal one below, or the smallest
  while (nearest <= stride / 2) nearest *= 2;
  return {.broken = rule::redistributor_stride_power_of_two, .found = stride, .wanted = nearest};
}

/// An RD frame and an SGI frame fit between two redistributors.
template <gicv3_like F>
[[nodiscard]] constexpr verdict redistributor_stride_covers_frames(const F& f) {
  if (f.stride >= least_redistributor_stride) return {};
  return {.broken = rule::redistributor_stride_covers_frames, .found = f.stride, .wanted = least_redistributor_stride};
}

/// Every region is a nonzero multiple of the stride.
template <gicv3_like F>
[[nodiscard]] constexpr verdict redistributor_region_whole(const F& f) {
  for (std::size_t r = 0; r < f.regions; ++r) {
    const std::uint64_t size = f.redistributors[r].size;
    if (f.stride == 0 || size == 0 || size % f.stride != 0)
      return {.broken = rule::redistributor_region_whole,
              .found = size,
              .wanted = f.stride,
              .first = detail::frame_at(f, r + 1)};
  }
  return {};
}

/// A redistributor for each vCPU:
/// BUILD_BUG_ON((GUEST_GICV3_GICR0_SIZE / GUEST_GICV3_RDIST_STRIDE) < MAX_VIRT_CPUS), over all regions.
template <gicv3_like F>
[[nodiscard]] constexpr verdict redistributor_capacity(const F& f, std::uint64_t vcpus) {
  std::uint64_t available = 0;  // counted no further than needed: huge regions do not overflow it
  for (std::size_t r = 0; r < f.regions && f.stride != 0; ++r) {
    const std::uint64_t here = f.redistributors[r].size / f.stride;
    const std::uint64_t missing = vcpus - available;
    available += here < missing ? here : missing;
  }
  if (available >= vcpus) return {};
  return {.broken = rule::redistributor_capacity, .found = available, .wanted = vcpus};
}

}  // namespace layout::check
