// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <vgic/registers/names.hpp>

#include <set>
#include <string>

using namespace vgic;

TEST_CASE("each register group has a name of its own") {
  std::set<std::string> seen;
  for (u32 r = 0; r < static_cast<u32>(reg::count); ++r) seen.insert(name(reg{static_cast<u8>(r)}));
  CHECK(seen.size() == static_cast<u32>(reg::count));
}

TEST_CASE("names are the architecture's") {
  struct {
    reg what;
    const char* want;
  } const table[] = {
      {reg::gicd_ctlr, "GICD_CTLR"},
      {reg::gicd_typer, "GICD_TYPER"},
      {reg::gicd_iidr, "GICD_IIDR"},
      {reg::gicd_typer2, "GICD_TYPER2"},
      {reg::gicd_statusr, "GICD_STATUSR"},
      {reg::gicd_setspi_nsr, "GICD_SETSPI_NSR"},
      {reg::gicd_clrspi_nsr, "GICD_CLRSPI_NSR"},
      {reg::gicd_igroupr, "GICD_IGROUPR"},
      {reg::gicd_isenabler, "GICD_ISENABLER"},
      {reg::gicd_icenabler, "GICD_ICENABLER"},
      {reg::gicd_ispendr, "GICD_ISPENDR"},
      {reg::gicd_icpendr, "GICD_ICPENDR"},
      {reg::gicd_isactiver, "GICD_ISACTIVER"},
      {reg::gicd_icactiver, "GICD_ICACTIVER"},
      {reg::gicd_ipriorityr, "GICD_IPRIORITYR"},
      {reg::gicd_itargetsr, "GICD_ITARGETSR"},
      {reg::gicd_icfgr, "GICD_ICFGR"},
      {reg::gicd_igrpmodr, "GICD_IGRPMODR"},
      {reg::gicd_nsacr, "GICD_NSACR"},
      {reg::gicd_sgir, "GICD_SGIR"},
      {reg::gicd_cpendsgir, "GICD_CPENDSGIR"},
      {reg::gicd_spendsgir, "GICD_SPENDSGIR"},
      {reg::gicd_irouter, "GICD_IROUTER"},
      {reg::gicr_ctlr, "GICR_CTLR"},
      {reg::gicr_iidr, "GICR_IIDR"},
      {reg::gicr_typer, "GICR_TYPER"},
      {reg::gicr_statusr, "GICR_STATUSR"},
      {reg::gicr_waker, "GICR_WAKER"},
      {reg::gicr_igroupr0, "GICR_IGROUPR0"},
      {reg::gicr_isenabler0, "GICR_ISENABLER0"},
      {reg::gicr_icenabler0, "GICR_ICENABLER0"},
      {reg::gicr_ispendr0, "GICR_ISPENDR0"},
      {reg::gicr_icpendr0, "GICR_ICPENDR0"},
      {reg::gicr_isactiver0, "GICR_ISACTIVER0"},
      {reg::gicr_icactiver0, "GICR_ICACTIVER0"},
      {reg::gicr_ipriorityr, "GICR_IPRIORITYR"},
      {reg::gicr_icfgr, "GICR_ICFGR"},
      {reg::gicr_igrpmodr0, "GICR_IGRPMODR0"},
      {reg::gicr_nsacr, "GICR_NSACR"},
      {reg::icc_sgi1r, "ICC_SGI1R_EL1"},
      {reg::icc_asgi1r, "ICC_ASGI1R_EL1"},
      {reg::icc_sgi0r, "ICC_SGI0R_EL1"},
      {reg::icc_dir, "ICC_DIR_EL1"},
  };
  for (const auto& t : table) CHECK(std::string{name(t.what)} == t.want);
}

TEST_CASE("a number that is no register group has a name too") {
  CHECK(std::string{name(reg::count)} == "(reserved)");
  CHECK(std::string{name(reg{0xff})} == "(reserved)");
}
