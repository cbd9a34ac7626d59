// SPDX-License-Identifier: BSL-1.0
/// \file
/// Frames as values that a test changes, and what a verdict on them says.
#pragma once

#include <layout/rules.hpp>

#include <cstddef>
#include <cstdint>

namespace tests {

using u64 = std::uint64_t;

/// Frames of a GICv3 whose number of regions is a value, as one that a machine describes.
struct machine_frames {
  layout::range distributor{0x0300'0000, 0x1'0000};
  u64 stride = 0x2'0000;
  std::size_t regions = 1;
  layout::range redistributors[32]{};
};

/// Regions of so many redistributors, one 16 MiB behind the other.
inline machine_frames gicv3(std::size_t regions = 1, u64 each = 16) {
  machine_frames f;
  f.regions = regions;
  for (std::size_t r = 0; r < regions; ++r) f.redistributors[r] = {0x0400'0000 + r * 0x100'0000, each * f.stride};
  return f;
}

inline layout::gicv2_frames gicv2() {
  return {.distributor = {0x0300'0000, 0x1000}, .cpu_interface = {0x0300'2000, 0x2000}};
}

/// Does the verdict name this rule and these two numbers?
inline bool says(const layout::verdict& v, layout::rule broken, u64 found, u64 wanted) {
  return v.broken == broken && v.found == found && v.wanted == wanted && !v.kept();
}

/// Does the verdict name this rule and, as the first place, this part and range?
inline bool says(const layout::verdict& v, layout::rule broken, layout::part what, layout::range where) {
  return v.broken == broken && v.first.what == what && v.first.where == where && !v.kept();
}

}  // namespace tests
