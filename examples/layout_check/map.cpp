// SPDX-License-Identifier: BSL-1.0
/// \file
/// Pieces of a layout, and how numbers are written.
#include "map.hpp"

#include <algorithm>
#include <cstdio>

namespace layout_map {

std::vector<piece> pieces_of(const description& d) {
  std::vector<piece> taken;
  for (const layout::neighbour& n : d.neighbours) taken.push_back({kind::neighbour, n.name, n.where});
  const std::string gic = d.gic.version == layout::gic_version::v2 ? "GICv2 " : "GICv3 ";
  taken.push_back({kind::distributor, gic + "distributor", d.gic.distributor});
  if (d.gic.version == layout::gic_version::v2)
    taken.push_back({kind::cpu_interface, gic + "CPU interface", d.gic.cpu_interface});
  u64 vcpu = 0;
  for (std::size_t r = 0; r < d.gic.redistributors.size(); ++r) {
    const range region = d.gic.redistributors[r];
    const u64 slots = d.gic.stride == 0 ? 0 : region.size / d.gic.stride;
    const u64 used = std::min(slots, d.vcpus - vcpu);
    taken.push_back({kind::redistributors, "redistributor region " + std::to_string(r), region, vcpu, used, slots});
    vcpu += used;
  }
  std::ranges::stable_sort(taken, {}, [](const piece& p) { return p.where.base; });

  std::vector<piece> all;
  u64 at = 0;
  for (const piece& p : taken) {
    if (p.where.base > at) all.push_back({kind::hole, "hole", {at, p.where.base - at}});
    all.push_back(p);
    at = std::max(at, p.where.end());
  }
  if (const u64 end = u64{1} << d.guest_physical_bits; at < end) all.push_back({kind::hole, "hole", {at, end - at}});
  return all;
}

std::string address(u64 a) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "0x%08llx", static_cast<unsigned long long>(a));
  return digits;
}

std::string bytes(u64 n) {
  constexpr const char* units[]{"KiB", "MiB", "GiB", "TiB"};
  if (n == 0 || n % 1024 != 0) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "0x%llx bytes", static_cast<unsigned long long>(n));
    return digits;
  }
  std::string all;
  for (int unit = 3; unit >= 0 && n != 0; --unit) {
    const u64 whole = n >> (10 * (unit + 1));
    if (whole == 0) continue;
    n -= whole << (10 * (unit + 1));
    all += (all.empty() ? "" : " ") + std::to_string(whole) + " " + units[unit];
  }
  return all;
}

std::string vcpus(u64 first, u64 count) {
  if (count == 1) return "vCPU " + std::to_string(first);
  return "vCPUs " + std::to_string(first) + " to " + std::to_string(first + count - 1);
}

}  // namespace layout_map
