// SPDX-License-Identifier: BSL-1.0
/// \file
/// The distributor's register maps: GICv2 (IHI 0048B, 4.1.2) and GICv3 with one security state and affinity routing
/// (IHI 0069, 12.8; GICD_CTLR.DS = 1, ARE = 1).
#pragma once

#include <vgic/registers/map.hpp>

namespace vgic::detail {

struct gicd_v2_rows {
  using feature = always;
  static constexpr row rows[] = {
      {0x000, 0x004, reg::gicd_ctlr, access::rw | access::w},
      {0x004, 0x008, reg::gicd_typer, access::ro | access::w},
      {0x008, 0x00c, reg::gicd_iidr, access::ro | access::w},
      {0x080, 0x100, reg::gicd_igroupr, access::rw | access::w},
      {0x100, 0x180, reg::gicd_isenabler, access::rw | access::w},
      {0x180, 0x200, reg::gicd_icenabler, access::rw | access::w},
      {0x200, 0x280, reg::gicd_ispendr, access::rw | access::w},
      {0x280, 0x300, reg::gicd_icpendr, access::rw | access::w},
      {0x300, 0x380, reg::gicd_isactiver, access::rw | access::w},
      {0x380, 0x400, reg::gicd_icactiver, access::rw | access::w},
      {0x400, 0x7fc, reg::gicd_ipriorityr, access::rw | access::w | access::h | access::b},
      {0x800, 0xbfc, reg::gicd_itargetsr, access::rw | access::w | access::h | access::b},
      {0xc00, 0xd00, reg::gicd_icfgr, access::rw | access::w},
      {0xe00, 0xf00, reg::gicd_nsacr, access::rw | access::w},
      {0xf00, 0xf04, reg::gicd_sgir, access::wo | access::w},
      {0xf10, 0xf20, reg::gicd_cpendsgir, access::rw | access::w | access::h | access::b},
      {0xf20, 0xf30, reg::gicd_spendsgir, access::rw | access::w | access::h | access::b},
      {0xfd0, 0x1000, reg::gicd_id, access::ro | access::w},
  };
};

struct gicd_v3_rows {
  using feature = always;
  static constexpr row rows[] = {
      {0x0000, 0x0004, reg::gicd_ctlr, access::rw | access::w},
      {0x0004, 0x0008, reg::gicd_typer, access::ro | access::w},
      {0x0008, 0x000c, reg::gicd_iidr, access::ro | access::w},
      {0x000c, 0x0010, reg::gicd_typer2, access::ro | access::w},
      {0x0080, 0x0100, reg::gicd_igroupr, access::rw | access::w},
      {0x0100, 0x0180, reg::gicd_isenabler, access::rw | access::w},
      {0x0180, 0x0200, reg::gicd_icenabler, access::rw | access::w},
      {0x0200, 0x0280, reg::gicd_ispendr, access::rw | access::w},
      {0x0280, 0x0300, reg::gicd_icpendr, access::rw | access::w},
      {0x0300, 0x0380, reg::gicd_isactiver, access::rw | access::w},
      {0x0380, 0x0400, reg::gicd_icactiver, access::rw | access::w},
      {0x0400, 0x07fc, reg::gicd_ipriorityr, access::rw | access::w | access::b},
      {0x0800, 0x0bfc, reg::gicd_itargetsr, access::rw | access::w | access::b},
      {0x0c00, 0x0d00, reg::gicd_icfgr, access::rw | access::w},
      {0x0d00, 0x0d80, reg::gicd_igrpmodr, access::rw | access::w},
      {0x0e00, 0x0f00, reg::gicd_nsacr, access::rw | access::w},
      {0x0f00, 0x0f04, reg::gicd_sgir, access::wo | access::w},
      {0x0f10, 0x0f20, reg::gicd_cpendsgir, access::rw | access::w | access::b},
      {0x0f20, 0x0f30, reg::gicd_spendsgir, access::rw | access::w | access::b},
      {0x6100, 0x7fe0, reg::gicd_irouter, access::rw | access::d | access::w},
      {0xffd0, 0x10000, reg::gicd_id, access::ro | access::w},
  };
};

struct gicd_v3_statusr_rows {
  using feature = status_registers;
  static constexpr row rows[] = {
      {0x0010, 0x0014, reg::gicd_statusr, access::rw | access::w},
  };
};

struct gicd_v3_message_rows {
  using feature = message_spis;
  static constexpr row rows[] = {
      {0x0040, 0x0044, reg::gicd_setspi_nsr, access::wo | access::w | access::h},
      {0x0048, 0x004c, reg::gicd_clrspi_nsr, access::wo | access::w | access::h},
  };
};

template <class Features>
using gicd_v2_map = register_map<0x1000, Features, gicd_v2_rows>;
template <class Features>
using gicd_v3_map = register_map<0x1'0000, Features, gicd_v3_rows, gicd_v3_statusr_rows, gicd_v3_message_rows>;

}  // namespace vgic::detail
