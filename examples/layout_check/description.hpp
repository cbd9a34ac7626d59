// SPDX-License-Identifier: BSL-1.0
/// \file
/// A layout and a GIC version as values: what the program shows and examines.
#pragma once

#include <layout/rules.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace layout_map {

using u64 = std::uint64_t;
using layout::range;

/// The frames of either version; `stride` and `redistributors` are a GICv3's, `cpu_interface` a GICv2's.
struct frames {
  layout::gic_version version;
  range distributor;
  range cpu_interface;
  u64 stride;
  std::vector<range> redistributors;
};

struct description {
  std::string name;
  frames gic;
  u64 vcpus;
  std::vector<layout::neighbour> neighbours;
  unsigned guest_physical_bits;
  std::vector<layout::verdict> broken;  ///< every rule that is broken, in the order of layout::rule
};

/// What this program cannot do with its arguments.
class impossible : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Each rule alone: `layout::examine` stops at the first.
template <class F>
[[nodiscard]] std::vector<layout::verdict> all_broken(const F& f, u64 vcpus, const layout::surroundings& s) {
  namespace check = layout::check;
  std::vector<layout::verdict> all{check::vcpu_count(layout::detail::version_of<F>, vcpus),
                                   check::guest_physical_bits(s.guest_physical_bits),
                                   check::xen_abi_address(f, s.claimed), check::distributor_size(f)};
  if constexpr (layout::gicv2_like<F>) {
    all.push_back(check::cpu_interface_size(f, s.claimed));
  } else {
    all.push_back(check::redistributor_regions(f, s.most_redistributor_regions));
    all.push_back(check::redistributor_stride_power_of_two(f));
    all.push_back(check::redistributor_stride_covers_frames(f));
    all.push_back(check::redistributor_region_whole(f));
    all.push_back(check::redistributor_capacity(f, vcpus));
  }
  all.push_back(check::frame_alignment(f, s.claimed));
  all.push_back(check::frame_in_guest_range(f, s.guest_physical_bits));
  all.push_back(check::frames_disjoint(f));
  all.push_back(check::frames_clear_of_neighbours(f, s));
  all.push_back(check::neighbour_in_guest_range(s));
  all.push_back(check::neighbours_disjoint(s));
  std::erase_if(all, [](const layout::verdict& v) { return v.kept(); });
  return all;
}

/// Layout `L` with a GIC of this version. Without a number of vCPUs: as many as there can be.
template <class L>
[[nodiscard]] description describe(layout::gic_version version, std::optional<u64> vcpus) {
  const layout::surroundings s = layout::surroundings_of<L>();
  description d{.name = L::name,
                .gic = {.version = version, .distributor = {}, .cpu_interface = {}, .stride = 0, .redistributors = {}},
                .vcpus = 0,
                .neighbours = {s.neighbours, s.neighbours + s.neighbour_count},
                .guest_physical_bits = s.guest_physical_bits,
                .broken = {}};
  const auto absent = [&](const char* gic) { return impossible{d.name + " has no frames for a " + gic}; };
  if (version == layout::gic_version::v2) {
    if constexpr (layout::has_gicv2<L>) {
      d.gic.distributor = L::v2.distributor;
      d.gic.cpu_interface = L::v2.cpu_interface;
      d.vcpus = vcpus.value_or(layout::most_vcpus(version));
      d.broken = all_broken(L::v2, d.vcpus, s);
      return d;
    }
    throw absent("GICv2");
  }
  if constexpr (layout::has_gicv3<L>) {
    d.gic.distributor = L::v3.distributor;
    d.gic.stride = L::v3.stride;
    for (std::size_t r = 0; r < L::v3.regions; ++r) d.gic.redistributors.push_back(L::v3.redistributors[r]);
    u64 most = 0;
    for (const range& r : d.gic.redistributors) most += L::v3.stride == 0 ? 0 : r.size / L::v3.stride;
    d.vcpus = vcpus.value_or(std::min(most, layout::most_vcpus(version)));
    d.broken = all_broken(L::v3, d.vcpus, s);
    return d;
  }
  throw absent("GICv3");
}

}  // namespace layout_map
