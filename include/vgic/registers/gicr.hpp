// SPDX-License-Identifier: BSL-1.0
/// \file
/// The redistributor's register maps: RD frame and SGI frame (IHI 0069, 12.10 and 12.11), without LPIs.
#pragma once

#include <vgic/registers/map.hpp>

namespace vgic::detail {

/// Without LPIs the registers that serve them are RES0 at every width that they would have.
struct gicr_rd_rows {
  using feature = always;
  static constexpr row rows[] = {
      {0x0000, 0x0004, reg::gicr_ctlr, access::rw | access::w},
      {0x0004, 0x0008, reg::gicr_iidr, access::ro | access::w},
      {0x0008, 0x0010, reg::gicr_typer, access::ro | access::d | access::w},
      {0x0014, 0x0018, reg::gicr_waker, access::rw | access::w},
      {0x0040, 0x0050, reg::gicr_lpi, access::rw | access::d | access::w},  // SETLPIR, CLRLPIR
      {0x0070, 0x0080, reg::gicr_lpi, access::rw | access::d | access::w},  // PROPBASER, PENDBASER
      {0x00a0, 0x00a8, reg::gicr_lpi, access::rw | access::d | access::w},  // INVLPIR
      {0x00b0, 0x00b8, reg::gicr_lpi, access::rw | access::d | access::w},  // INVALLR
      {0x00c0, 0x00c4, reg::gicr_lpi, access::rw | access::d | access::w},  // SYNCR
      {0xffd0, 0x10000, reg::gicr_id, access::ro | access::w},
  };
};

struct gicr_rd_statusr_rows {
  using feature = status_registers;
  static constexpr row rows[] = {
      {0x0010, 0x0014, reg::gicr_statusr, access::rw | access::w},
  };
};

struct gicr_sgi_rows {
  using feature = always;
  static constexpr row rows[] = {
      {0x0080, 0x0084, reg::gicr_igroupr0, access::rw | access::w},
      {0x0100, 0x0104, reg::gicr_isenabler0, access::rw | access::w},
      {0x0180, 0x0184, reg::gicr_icenabler0, access::rw | access::w},
      {0x0200, 0x0204, reg::gicr_ispendr0, access::rw | access::w},
      {0x0280, 0x0284, reg::gicr_icpendr0, access::rw | access::w},
      {0x0300, 0x0304, reg::gicr_isactiver0, access::rw | access::w},
      {0x0380, 0x0384, reg::gicr_icactiver0, access::rw | access::w},
      {0x0400, 0x0420, reg::gicr_ipriorityr, access::rw | access::w | access::b},
      {0x0c00, 0x0c08, reg::gicr_icfgr, access::rw | access::w},
      {0x0d00, 0x0d04, reg::gicr_igrpmodr0, access::rw | access::w},
      {0x0e00, 0x0e04, reg::gicr_nsacr, access::rw | access::w},
  };
};

template <class Features>
using gicr_rd_map = register_map<0x1'0000, Features, gicr_rd_rows, gicr_rd_statusr_rows>;
template <class Features>
using gicr_sgi_map = register_map<0x1'0000, Features, gicr_sgi_rows>;

}  // namespace vgic::detail
