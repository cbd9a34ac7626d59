// SPDX-License-Identifier: BSL-1.0
#include "differences.hpp"

#include "left_out.hpp"
#include "places.hpp"

namespace differential {

namespace {

bool reads(const observation& o, u64 address, vgic::width w = vgic::width::word) {
  return o.access.address == address && o.access.size == w;
}
bool reads_within(const observation& o, u64 first, u64 bytes) { return inside(o.access.address, first, bytes); }
/// Offset in an RD frame that a read is at, or ~0.
u64 rd_offset(const observation& o) {
  return at_rd_frame(o.machine, o.access.address) ? in_frame(o.machine, o.access.address) : ~u64{0};
}
/// `mask` if the answers have these values in its bits.
u64 exactly(const observation& o, u64 mask, u64 ours, u64 theirs) {
  return (o.access.ours & mask) == ours && (o.theirs & mask) == theirs ? mask : 0;
}

u64 repeated(u64 byte, vgic::width w) { return byte * (0x0101'0101'0101'0101 >> (64 - 8 * raw(w))); }

constexpr difference rows[] = {
    // --- identification ---
    {.version = 0,
     .where = "GICD_IIDR and GICR_IIDR, ProductID",
     .why = "identifies the implementation: 0x56 here, 0 there; docs/behaviour.md, IIDR",
     .bits = [](const observation& o) -> u64 {
       const bool iidr = reads(o, gicd + 8) || (rd_offset(o) == 4 && o.access.size == vgic::width::word);
       return iidr ? exactly(o, 0xff00'0000, 0x5600'0000, 0) : 0;
     }},
    {.version = 3,
     .where = "GICD_TYPER.ITLinesNumber",
     .why = "N for INTIDs up to 32(N+1)-1 (IHI 0069, GICD_TYPER): 8 for 256 SPIs; QEMU says one too few",
     .bits = [](const observation& o) -> u64 { return reads(o, gicd + 4) ? exactly(o, 0x1f, 8, 7) : 0; }},
    {.version = 3,
     .where = "GICD_TYPER.IDbits",
     .why = "INTIDs have 10 bits without LPIs here (9), 16 there (15); IHI 0069, GICD_TYPER: implementation defined",
     .bits = [](const observation& o) -> u64 {
       return reads(o, gicd + 4) ? exactly(o, 0x1f << 19, 9 << 19, 15 << 19) : 0;
     }},
    {.version = 3,
     .where = "GICD_TYPER.LPIS",
     .why = "QEMU's has LPIs, ours has none; docs/behaviour.md, limits",
     .bits = [](const observation& o) -> u64 { return reads(o, gicd + 4) ? exactly(o, 1 << 17, 0, 1 << 17) : 0; }},
    {.version = 3,
     .where = "GICR_TYPER.PLPIS and CommonLPIAff",
     .why = "QEMU's has LPIs, ours has none; docs/behaviour.md, limits",
     .bits = [](const observation& o) -> u64 {
       const bool low =
           rd_offset(o) == 8 && (o.access.size == vgic::width::word || o.access.size == vgic::width::dword);
       return low ? exactly(o, 0x0300'0001, 0, 0x0100'0001) : 0;
     }},
    {.version = 3,
     .where = "GICR_CTLR.CES",
     .why = "QEMU lets EnableLPIs be cleared; ours has no LPIs; docs/behaviour.md, limits",
     .bits = [](const observation& o) -> u64 {
       return rd_offset(o) == 0 && o.access.size == vgic::width::word ? exactly(o, 2, 0, 2) : 0;
     }},
    {.version = 3,
     .where = "GICR_PROPBASER and GICR_PENDBASER",
     .why = "RES0 without LPIs (IHI 0069, GICR_PROPBASER); QEMU's are live; docs/behaviour.md, limits",
     .bits = [](const observation& o) -> u64 {
       return inside(rd_offset(o), 0x70, 0x10) && !misaligned(o.access.address, o.access.size) && o.access.ours == 0
                  ? ~u64{0}
                  : 0;
     }},
    {.version = 3,
     .where = "GICR_CTLR.EnableLPIs",
     .why = "RES0 without LPIs (IHI 0069, GICR_CTLR); QEMU's would read a pending table",
     .avoided = left_out::enables_lpis},

    // --- what registers keep ---
    {.version = 3,
     .where = "GICD_IROUTER, bits that are RES0, and IRM",
     .why = "[30:24] and [63:40] are RES0 (IHI 0069, GICD_IROUTER<n>), and so may IRM be with GICD_TYPER.No1N = 1; "
            "QEMU keeps all 64",
     .bits = [](const observation& o) -> u64 {
       if (!reads_within(o, gicd + 0x6100, 988 * 8)) return 0;
       const u64 both = ~u64{0xff'00ff'ffff};
       const u64 res0 = o.access.size == vgic::width::dword ? both
                        : o.access.address % 8 == 0         ? both & 0xffff'ffff
                                                            : both >> 32;
       return (o.access.ours & res0) == 0 ? res0 : 0;
     }},
    {.version = 3,
     .where = "GICD_IPRIORITYR and GICR_IPRIORITYR of five bits",
     .why = "unimplemented low bits are RAZ/WI (IHI 0069, GICD_IPRIORITYR<n>); QEMU's GICv3 has eight",
     .bits = [](const observation& o) -> u64 {
       const auto* r = o.machine.priority_bits == 5 ? find(o.machine, o.access.address) : nullptr;
       if (r == nullptr || (r->first != 0x400 || r->what != tests::kind::rw)) return 0;
       const u64 low = repeated(7, o.access.size);
       return (o.access.ours & low) == 0 ? low : 0;
     }},
    {.version = 2,
     .where = "GICD_ITARGETSR with one CPU",
     .why = "live here, and every SPI begins with CPU 0 as its target; RAZ/WI there; docs/behaviour.md, GICv2 with one "
            "CPU",
     .bits = [](const observation& o) -> u64 {
       if (!reads_within(o, gicd + 0x800, intids) ||
           !legal(o.machine, o.access.address, o.access.size, vgic::direction::read))
         return 0;
       return o.access.ours == repeated(1, o.access.size) && o.theirs == 0 ? o.access.ours : 0;
     }},
    {.version = 2,
     .where = "GICD_ITARGETSR without CPU 0, with one CPU",
     .why = "such an SPI is forwarded to nobody (IHI 0048B, 4.3.12); with one CPU QEMU's is RAZ/WI",
     .avoided = left_out::targets_nobody},
    {.version = 2,
     .where = "GICC_BPR and GICC_ABPR",
     .why = "a GICV with five bits of priority has binary points of 2 and 3 at least (IHI 0048B, 5.5.3); QEMU's GICC 0 "
            "and 1",
     .bits = [](const observation& o) -> u64 {
       if (reads(o, gicc + 8)) return o.theirs < 2 ? exactly(o, 7, 2, o.theirs) : 0;
       return reads(o, gicc + 0x1c) && o.theirs < 3 ? exactly(o, 7, 3, o.theirs) : 0;
     }},

    // --- widths ---
    {.version = 2,
     .where = "reads of an illegal width",
     .why = "UNPREDICTABLE (IHI 0048B, 4.1.4), 0 here; QEMU takes all accesses apart into bytes; docs/behaviour.md, "
            "illegal width",
     .bits = [](const observation& o) -> u64 {
       const bool ill = at_distributor(o.machine, o.access.address) &&
                        !legal(o.machine, o.access.address, o.access.size, vgic::direction::read);
       return ill && o.access.ours == 0 ? ~u64{0} : 0;
     }},
    {.version = 2,
     .where = "writes of an illegal width to a register that is not read-only",
     .why = "UNPREDICTABLE (IHI 0048B, 4.1.4), ignored here; QEMU takes them apart into bytes; docs/behaviour.md, "
            "illegal width",
     .avoided = left_out::disturbs_by_width},
    {.version = 3,
     .where = "misaligned reads",
     .why = "UNPREDICTABLE (IHI 0069, 12.1.3), 0 here; QEMU's bus makes aligned ones of them; docs/behaviour.md, "
            "misaligned",
     .bits = [](const observation& o) -> u64 {
       return misaligned(o.access.address, o.access.size) && o.access.ours == 0 ? ~u64{0} : 0;
     }},
    {.version = 3,
     .where = "misaligned writes",
     .why = "UNPREDICTABLE (IHI 0069, 12.1.3), ignored here; QEMU's bus makes aligned ones of them; docs/behaviour.md, "
            "misaligned",
     .avoided = left_out::writes_in_pieces},

    // --- SGIs of a GICv2 ---
    {.version = 2,
     .where = "GICD_SPENDSGIR, a byte that is not 1",
     .why =
         "sets the pending bits of the sources that are 1 (IHI 0048B, 4.3.17), of CPUs that exist; QEMU makes the SGI "
         "pending at once, without a source if the byte is 0, and ends when that one is acknowledged",
     .avoided = left_out::sends_from_others},
    {.version = 2,
     .where = "GICD_SGIR, TargetListFilter 3",
     .why = "reserved (IHI 0048B, 4.3.15): does nothing here; QEMU sends to all",
     .avoided = left_out::uses_reserved_filter},

    // --- delivery ---
    {.version = 2,
     .where = "GICC_IAR and GICC_HPPIR while the most urgent pending interrupt's group is off and the other is on",
     .why = "one that is not forwarded hides none that is (IHI 0048B, 3.2.1, 4.3.1); QEMU looks for the most urgent of "
            "both "
            "groups first, and gives it to the guest though its group is off",
     .avoided = left_out::group_is_off},
    {.version = 2,
     .where = "GICC_IAR and GICC_HPPIR with several that are equally urgent",
     .why = "which one comes first is implementation defined (IHI 0048B, 3.2.1): ours is the first of those in list "
            "registers, QEMU's the lowest INTID",
     .avoided = left_out::equals_are_ordered_otherwise},
    {.version = 2,
     .where = "GICC_IAR and GICC_HPPIR while every list register holds an active interrupt",
     .why = "nothing else is delivered then; docs/behaviour.md, active interrupts keep their list registers",
     .avoided = left_out::no_list_register_is_left},
    {.version = 0,
     .where = "IGROUPR, of an interrupt that was acknowledged and has not ended",
     .why = "UNPREDICTABLE which group's running priority its end drops (IHI 0048B, 4.3.4; IHI 0069, GICD_IGROUPR<n>)",
     .avoided = left_out::moves_group_of_active},
    {.version = 2,
     .where = "GICD_ISACTIVER of an SPI that was acknowledged and has not ended",
     .why = "changes nothing, the SPI is active (IHI 0048B, 4.3.9); QEMU has an active bit for each CPU that there may "
            "be, "
            "sets all of them, and its end clears one",
     .avoided = left_out::activates_taken_spi},
    {.version = 2,
     .where = "GICC_IAR when only the sub-priority of what is pending is higher than what runs",
     .why = "sub-priorities do not preempt (IHI 0048B, 3.3.3); QEMU compares whole priorities with the group priority "
            "that runs",
     .avoided = left_out::preempts_by_sub_priority},
    {.version = 0,
     .where = "an end of what is not active in a list register of its vCPU any more (ICACTIVER), while another active "
              "interrupt is in none, or the same is active again, maybe for another vCPU",
     .why = "EOIcount carries no INTID; docs/behaviour.md, limits",
     .avoided = left_out::ends_another},
    {.version = 3,
     .where = "GICD_CTLR.RWP and GICR_CTLR.RWP before the vCPUs that were kicked have passed",
     .why = "a disable is in flight until then (IHI 0069, GICD_CTLR.RWP); in QEMU it has ended at once; "
            "docs/behaviour.md, "
            "GICD_CTLR.RWP",
     .bits = [](const observation& o) -> u64 {
       if (!o.access.in_flight || o.access.size != vgic::width::word) return 0;
       if (o.access.address == gicd) return exactly(o, 1u << 31, 1u << 31, 0);
       return rd_offset(o) == 0 ? exactly(o, 1u << 3, 1u << 3, 0) : 0;
     }},
};

}  // namespace

std::span<const difference> differences() { return rows; }

bool explained(const observation& o, row_counts& counts) {
  u64 left = o.access.ours ^ o.theirs;
  for (std::size_t i = 0; i < std::size(rows) && left != 0; ++i) {
    if (rows[i].bits == nullptr || !rows[i].applies_to(o.machine.version)) continue;
    const u64 bits = rows[i].bits(o) & left;
    if (bits != 0) ++counts[i];
    left &= ~bits;
  }
  return left == 0;
}

int avoided(const operation& op, const situation& now) {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (rows[i].avoided != nullptr && rows[i].applies_to(now.machine_of().version) && rows[i].avoided(op, now))
      return static_cast<int>(i);
  return played::no_row;
}

}  // namespace differential
