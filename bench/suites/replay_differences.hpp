// SPDX-License-Identifier: BSL-1.0
/// \file
/// Where a guest may read something else from this library than from QEMU's GIC, and why. All else must be the same.
#pragma once

#include <bench/suites/trace_names.hpp>

namespace bench {

/// Bits of a register that may differ.
struct difference {
  vgic::u32 version;
  subject about;
  vgic::u32 at;  ///< offset; of a redistributor, in it
  vgic::u64 bits;
  const char* why;
  vgic::u64 answer = any;  ///< only where QEMU's was this

  static constexpr vgic::u64 any = ~vgic::u64{0};
};

/// All deliberate differences.
inline constexpr difference differences[] = {
    {3, subject::distributor, 0x4, 1u << 16, "GICD_TYPER.MBIS: message SPIs are a feature that QEMU has not"},
    {3, subject::distributor, 0x4, 1u << 17, "GICD_TYPER.LPIS: there are no LPIs"},
    {3, subject::distributor, 0x4, 0x1fu << 19, "GICD_TYPER.IDbits: without LPIs INTIDs have 10 bits, not 16"},
    {3, subject::distributor, 0x4, 1u << 25, "GICD_TYPER.No1N: 1-of-N is a feature that QEMU has not"},
    {3, subject::distributor, 0x4, 1u << 26, "GICD_TYPER.RSS: affinities may have more than 16 CPUs in a cluster"},
    {3, subject::distributor, 0x4, 0x1f,
     "GICD_TYPER.ITLinesNumber: a configuration may have fewer SPIs than the trace"},
    {2, subject::distributor, 0x4, 0x1f,
     "GICD_TYPER.ITLinesNumber: a configuration may have fewer SPIs than the trace"},
    {3, subject::distributor, 0x8, 0xffff'ffff, "GICD_IIDR: the product is another"},
    {3, subject::redistributors, 0x0, 1u << 1, "GICR_CTLR.CES: LPIs that can be disabled again; there are none"},
    {3, subject::redistributors, 0x0, 1u << 0, "GICR_CTLR.EnableLPIs: there are no LPIs"},
    {3, subject::redistributors, 0x8, 1u << 0, "GICR_TYPER.PLPIS: there are no LPIs"},
    {3, subject::redistributors, 0x8, 1u << 5, "GICR_TYPER.DPGS: comes with 1-of-N, a feature that QEMU has not"},
    {3, subject::redistributors, 0x8, 3u << 24, "GICR_TYPER.CommonLPIAff: there are no LPIs"},
    {3, subject::redistributors, 0x14, 0x6, "GICR_WAKER: redistributors start awake, QEMU's asleep", 0x6},
    {3, subject::redistributors, 0x70, ~vgic::u64{0}, "GICR_PROPBASER: there are no LPIs"},
    {3, subject::redistributors, 0x78, ~vgic::u64{0}, "GICR_PENDBASER: there are no LPIs"},
};
inline constexpr std::size_t difference_count = std::size(differences);

/// Is it about this read of this version?
[[nodiscard]] constexpr bool is_about(const difference& d, vgic::u32 version, const event& e) {
  const vgic::u32 at = e.about == subject::redistributors ? in_redistributor(e.at) : e.at;
  return d.version == version && d.about == e.about && d.at == at &&
         (d.answer == difference::any || d.answer == e.value);
}

}  // namespace bench
