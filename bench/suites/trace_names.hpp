// SPDX-License-Identifier: BSL-1.0
/// \file
/// Names of what a trace accesses.
#pragma once

#include <bench/suites/trace.hpp>

#include <cstdio>

namespace bench {

/// Offset in the frames of one redistributor.
[[nodiscard]] constexpr vgic::u32 in_redistributor(vgic::u32 at) { return at % 0x2'0000; }

/// The architecture's name of the register group at an offset of the distributor or of a redistributor; where Linux
/// accesses nothing, "GICD" or "GICR".
[[nodiscard]] inline std::string register_name(subject about, vgic::u32 at) {
  struct row {
    vgic::u32 first, end;
    const char* name;
  };
  constexpr row distributor[] = {
      {0x0, 0x4, "GICD_CTLR"},          {0x4, 0x8, "GICD_TYPER"},         {0x8, 0xc, "GICD_IIDR"},
      {0xc, 0x10, "GICD_TYPER2"},       {0x80, 0x100, "GICD_IGROUPR"},    {0x100, 0x180, "GICD_ISENABLER"},
      {0x180, 0x200, "GICD_ICENABLER"}, {0x200, 0x280, "GICD_ISPENDR"},   {0x280, 0x300, "GICD_ICPENDR"},
      {0x300, 0x380, "GICD_ISACTIVER"}, {0x380, 0x400, "GICD_ICACTIVER"}, {0x400, 0x800, "GICD_IPRIORITYR"},
      {0x800, 0xc00, "GICD_ITARGETSR"}, {0xc00, 0xd00, "GICD_ICFGR"},     {0xf00, 0xf04, "GICD_SGIR"},
      {0x6100, 0x8000, "GICD_IROUTER"}, {0xffe8, 0xffec, "GICD_PIDR2"},
  };
  constexpr row redistributor[] = {
      {0x0, 0x4, "GICR_CTLR"},
      {0x8, 0x10, "GICR_TYPER"},
      {0x14, 0x18, "GICR_WAKER"},
      {0x70, 0x78, "GICR_PROPBASER"},
      {0x78, 0x80, "GICR_PENDBASER"},
      {0xffe8, 0xffec, "GICR_PIDR2"},
      {0x1'0080, 0x1'0084, "GICR_IGROUPR0"},
      {0x1'0100, 0x1'0104, "GICR_ISENABLER0"},
      {0x1'0180, 0x1'0184, "GICR_ICENABLER0"},
      {0x1'0380, 0x1'0384, "GICR_ICACTIVER0"},
      {0x1'0400, 0x1'0420, "GICR_IPRIORITYR"},
      {0x1'0c00, 0x1'0c08, "GICR_ICFGR"},
  };
  if (about == subject::distributor) {
    for (const row& r : distributor)
      if (r.first <= at && at < r.end) return r.name;
    return "GICD";
  }
  if (about != subject::redistributors) return "";
  for (const row& r : redistributor)
    if (r.first <= in_redistributor(at) && in_redistributor(at) < r.end) return r.name;
  return "GICR";
}

/// What kind of event it is: "read GICD_TYPER".
[[nodiscard]] inline std::string kind_of(const event& e) {
  const std::string does = e.dir == vgic::direction::read ? "read " : "write ";
  switch (e.about) {
    case subject::distributor:
    case subject::redistributors: return does + register_name(e.about, e.at);
    case subject::cpu_interface: return does + "GICC";
    case subject::its: return does + "GITS";
    case subject::system_register: return does + std::string(icc_names[static_cast<std::size_t>(e.which)]);
    default: return "INTID " + std::to_string(e.at) + (e.value != 0 ? " rises" : " falls");
  }
}

/// The same and all that tells it from others of its kind.
[[nodiscard]] inline std::string description_of(const event& e) {
  char place[32] = "";
  if (e.about <= subject::its) std::snprintf(place, sizeof place, ", offset 0x%x", e.at);
  char value[32];
  std::snprintf(value, sizeof value, "0x%llx", static_cast<unsigned long long>(e.value));
  return kind_of(e) + place + ", " + std::to_string(raw(e.size)) + " bytes, " + value + ", by vCPU " +
         std::to_string(e.vcpu) + ", line " + std::to_string(e.line) + " of the trace";
}

}  // namespace bench
