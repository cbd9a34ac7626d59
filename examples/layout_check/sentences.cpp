// SPDX-License-Identifier: BSL-1.0
/// \file
/// Broken rules in sentences.
#include "map.hpp"

namespace layout_map {
namespace {

std::string of(const layout::place& p) {
  std::string what;
  switch (p.what) {
    case layout::part::none: return "nothing";
    case layout::part::distributor: what = "the distributor"; break;
    case layout::part::cpu_interface: what = "the CPU interface"; break;
    case layout::part::redistributors: what = "redistributor region " + std::to_string(p.number); break;
    case layout::part::neighbour: what = p.name; break;
  }
  return what + " (" + address(p.where.base) + ", " + bytes(p.where.size) + ")";
}

std::string count(u64 n, const std::string& one) { return std::to_string(n) + " " + one + (n == 1 ? "" : "s"); }

std::string what_is_wrong(const layout::verdict& v) {
  using layout::rule;
  switch (v.broken) {
    case rule::none: return "nothing is wrong";
    case rule::vcpu_count: return count(v.found, "vCPU") + "; the limit is " + std::to_string(v.wanted);
    case rule::spi_count: return count(v.found, "SPI") + "; the nearest number allowed is " + std::to_string(v.wanted);
    case rule::guest_physical_bits:
      return "a guest-physical address of " + count(v.found, "bit") + "; the limit is " + std::to_string(v.wanted);
    case rule::xen_abi_address:
      return "the layout claims Xen's exceptions, but its distributor is at " + address(v.found) + " and Xen's at " +
             address(v.wanted);
    case rule::distributor_size:
    case rule::cpu_interface_size: return of(v.first) + " is smaller than " + bytes(v.wanted);
    case rule::redistributor_regions:
      return count(v.found, "redistributor region") + "; the limit is " + std::to_string(v.wanted);
    case rule::redistributor_stride_power_of_two:
      return "the stride is " + bytes(v.found) + "; the nearest power of two is " + bytes(v.wanted);
    case rule::redistributor_stride_covers_frames:
      return "the stride is " + bytes(v.found) + "; an RD and an SGI frame take " + bytes(v.wanted);
    case rule::redistributor_region_whole:
      return of(v.first) + " is not a multiple of the stride of " + bytes(v.wanted);
    case rule::redistributor_capacity:
      return "the regions hold " + count(v.found, "redistributor") + "; there are " + count(v.wanted, "vCPU");
    case rule::frame_alignment:
      return of(v.first) + " is aligned to " + bytes(v.found) + "; it must be to " + bytes(v.wanted);
    case rule::frame_in_guest_range:
    case rule::neighbour_in_guest_range:
      return of(v.first) + " reaches above the guest's " + count(v.wanted, "bit") + " of address";
    case rule::frames_disjoint:
    case rule::frames_clear_of_neighbours:
    case rule::neighbours_disjoint: return of(v.first) + " overlaps " + of(v.second);
  }
  return "";
}

}  // namespace

std::string sentence(const layout::verdict& v) { return std::string{name(v.broken)} + ": " + what_is_wrong(v); }

}  // namespace layout_map
