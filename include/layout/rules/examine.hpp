// SPDX-License-Identifier: BSL-1.0
/// \file
/// All rules on one set of frames, as constants or at run time.
#pragma once

#include <layout/rules/addresses.hpp>
#include <layout/rules/redistributors.hpp>
#include <layout/rules/sizes.hpp>

namespace layout {

/// The first rule that these frames break with so many vCPUs in these surroundings; sizes before addresses, because
/// overlap says little about a region whose size is wrong.
template <frames_like F>
[[nodiscard]] constexpr verdict examine(const F& f, std::uint64_t vcpus, const surroundings& s = {}) {
  verdict v = check::vcpu_count(detail::version_of<F>, vcpus);
  if (v.kept()) v = check::guest_physical_bits(s.guest_physical_bits);
  if (v.kept()) v = check::xen_abi_address(f, s.claimed);
  if (v.kept()) v = check::distributor_size(f);
  if constexpr (gicv3_like<F>) {
    if (v.kept()) v = check::redistributor_regions(f, s.most_redistributor_regions);
    if (v.kept()) v = check::redistributor_stride_power_of_two(f);
    if (v.kept()) v = check::redistributor_stride_covers_frames(f);
    if (v.kept()) v = check::redistributor_region_whole(f);
    if (v.kept()) v = check::redistributor_capacity(f, vcpus);
  } else {
    if (v.kept()) v = check::cpu_interface_size(f, s.claimed);
  }
  if (v.kept()) v = check::frame_alignment(f, s.claimed);
  if (v.kept()) v = check::frame_in_guest_range(f, s.guest_physical_bits);
  if (v.kept()) v = check::frames_disjoint(f);
  if (v.kept()) v = check::frames_clear_of_neighbours(f, s);
  if (v.kept()) v = check::neighbour_in_guest_range(s);
  if (v.kept()) v = check::neighbours_disjoint(s);
  return v;
}

/// The frames of a layout for one version of the GIC.
template <class L, gic_version V>
[[nodiscard]] constexpr const auto& frames_of() {
  if constexpr (V == gic_version::v2)
    return L::v2;
  else
    return L::v3;
}

/// The first rule that layout `L` breaks as a GIC of version `V` with so many vCPUs.
template <class L, gic_version V>
[[nodiscard]] constexpr verdict examine(std::uint64_t vcpus) {
  return examine(frames_of<L, V>(), vcpus, surroundings_of<L>());
}

}  // namespace layout
