// SPDX-License-Identifier: BSL-1.0
/// \file
/// The register groups that a guest can reach, and their names.
#pragma once

#include <vgic/types.hpp>

namespace vgic {

/// A register group. `reserved` answers zero and ignores writes, as `raz_wi` does; an access to the former is one
/// that GICD_STATUSR records, the latter is a register that this configuration defines as RAZ/WI.
enum class reg : u8 {
  reserved,
  raz_wi,
  gicd_ctlr,
  gicd_typer,
  gicd_iidr,
  gicd_typer2,
  gicd_statusr,
  gicd_setspi_nsr,
  gicd_clrspi_nsr,
  gicd_igroupr,
  gicd_isenabler,
  gicd_icenabler,
  gicd_ispendr,
  gicd_icpendr,
  gicd_isactiver,
  gicd_icactiver,
  gicd_ipriorityr,
  gicd_itargetsr,
  gicd_icfgr,
  gicd_igrpmodr,
  gicd_nsacr,
  gicd_sgir,
  gicd_cpendsgir,
  gicd_spendsgir,
  gicd_irouter,
  gicd_id,
  gicr_ctlr,
  gicr_iidr,
  gicr_typer,
  gicr_statusr,
  gicr_waker,
  gicr_lpi,
  gicr_igroupr0,
  gicr_isenabler0,
  gicr_icenabler0,
  gicr_ispendr0,
  gicr_icpendr0,
  gicr_isactiver0,
  gicr_icactiver0,
  gicr_ipriorityr,
  gicr_icfgr,
  gicr_igrpmodr0,
  gicr_nsacr,
  gicr_id,
  icc_sgi1r,
  icc_asgi1r,
  icc_sgi0r,
  icc_dir,
  count
};

/// The architecture's name of a register group.
[[nodiscard]] constexpr const char* name(reg r) {
  constexpr const char* names[] = {
      "(reserved)",    "(RAZ/WI)",        "GICD_CTLR",       "GICD_TYPER",      "GICD_IIDR",       "GICD_TYPER2",
      "GICD_STATUSR",  "GICD_SETSPI_NSR", "GICD_CLRSPI_NSR", "GICD_IGROUPR",    "GICD_ISENABLER",  "GICD_ICENABLER",
      "GICD_ISPENDR",  "GICD_ICPENDR",    "GICD_ISACTIVER",  "GICD_ICACTIVER",  "GICD_IPRIORITYR", "GICD_ITARGETSR",
      "GICD_ICFGR",    "GICD_IGRPMODR",   "GICD_NSACR",      "GICD_SGIR",       "GICD_CPENDSGIR",  "GICD_SPENDSGIR",
      "GICD_IROUTER",  "GICD_PIDR/CIDR",  "GICR_CTLR",       "GICR_IIDR",       "GICR_TYPER",      "GICR_STATUSR",
      "GICR_WAKER",    "GICR_(LPI)",      "GICR_IGROUPR0",   "GICR_ISENABLER0", "GICR_ICENABLER0", "GICR_ISPENDR0",
      "GICR_ICPENDR0", "GICR_ISACTIVER0", "GICR_ICACTIVER0", "GICR_IPRIORITYR", "GICR_ICFGR",      "GICR_IGRPMODR0",
      "GICR_NSACR",    "GICR_PIDR/CIDR",  "ICC_SGI1R_EL1",   "ICC_ASGI1R_EL1",  "ICC_SGI0R_EL1",   "ICC_DIR_EL1"};
  static_assert(sizeof names / sizeof *names == static_cast<u32>(reg::count), "each register group has a name");
  return names[static_cast<u32>(r) < static_cast<u32>(reg::count) ? static_cast<u32>(r) : 0];
}

}  // namespace vgic
