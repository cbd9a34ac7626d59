// SPDX-License-Identifier: BSL-1.0
/// \file
/// The fields of every memory-mapped register. A bit that no field names is RES0: it reads zero and ignores writes. The
/// first field that fits a bit is its own. The tests of this folder walk all of it, docs/conformance.md shows it.
#pragma once

#pragma once

#include "field.hpp"

namespace conformance {

inline u64 ones(const facts&) { return ~u64{0}; }
inline u64 group_at_reset(const facts& f) { return f.reset_to_group1 ? 1 : 0; }
inline bool with_one_of_n(const facts& f, u32) { return f.one_of_n; }
inline bool priority_bit(const facts& f, u32 bit) { return bit >= 8 - f.priority_bits; }
inline bool bit_of_vcpu(const facts& f, u32 bit) { return bit < f.vcpus; }
inline u64 own_bit(const facts& f) { return u64{1} << f.vcpu; }
inline u64 lines(const facts& f) { return (f.spis + 31) / 32; }
inline u64 product(const facts&) { return 0x56; }
inline u64 implementer(const facts&) { return 0x43b; }
inline u64 aff0(const facts& f) { return f.affinity & 0xff; }
inline u64 aff1(const facts& f) { return f.affinity >> 8 & 0xff; }
inline u64 aff2(const facts& f) { return f.affinity >> 16 & 0xff; }
inline u64 aff3(const facts& f) { return f.affinity >> 24; }
/// PIDR4..7, PIDR0..3, CIDR0..3.
inline u64 id(const facts& f, u64 part) {
  const u64 revision = f.version == 2 ? 0x2b : 0x3b;
  const u64 size = f.version == 2 ? 0x04 : 0x44;  // of a frame: 4 or 64 KiB
  const u64 ids[12] = {size, 0, 0, 0, part, 0xb4, revision, 0, 0x0d, 0xf0, 0x05, 0xb1};
  return ids[f.id_index];
}

// clang-format off
inline const field fields[] = {
    // register, version, interrupts, bits, name, access, reset (and as a value), where it is there, what it does

    // --- the distributor ---
    {reg::gicd_ctlr, in::both, which::all, 0, 0, "EnableGrp0", kind::rw, "0", zeros, always, "group 0 is forwarded"},
    {reg::gicd_ctlr, in::both, which::all, 1, 1, "EnableGrp1", kind::rw, "0", zeros, always, "group 1 is forwarded"},
    {reg::gicd_ctlr, in::v3, which::all, 4, 4, "ARE", kind::ro, "1", ones, always, "affinity routing, always"},
    {reg::gicd_ctlr, in::v3, which::all, 6, 6, "DS", kind::ro, "1", ones, always, "one security state, always"},
    {reg::gicd_ctlr, in::v3, which::all, 7, 7, "E1NWF", kind::zero, "0", zeros, always,
     "a sleeping vCPU is no 1-of-N target"},
    {reg::gicd_ctlr, in::v3, which::all, 31, 31, "RWP", kind::ro, "0", zeros, always,
     "1 while what this vCPU disabled may still be acknowledged on another CPU"},

    {reg::gicd_typer, in::both, which::all, 4, 0, "ITLinesNumber", kind::ro, "SPIs / 32, rounded up", lines, always,
     "banks of SPIs, as started"},
    {reg::gicd_typer, in::v2, which::all, 7, 5, "CPUNumber", kind::ro, "vCPUs - 1",
     [](const facts& f) -> u64 { return f.vcpus - 1; }, always, "as started"},
    {reg::gicd_typer, in::v3, which::all, 7, 5, "CPUNumber", kind::zero, "0", zeros, always, "ARE is 1"},
    {reg::gicd_typer, in::v3, which::all, 8, 8, "ESPI", kind::zero, "0", zeros, always, "no extended SPIs"},
    {reg::gicd_typer, in::v3, which::all, 9, 9, "NMI", kind::zero, "0", zeros, always, "no NMIs"},
    {reg::gicd_typer, in::both, which::all, 10, 10, "SecurityExtn", kind::zero, "0", zeros, always,
     "one security state"},
    {reg::gicd_typer, in::v3, which::all, 16, 16, "MBIS", kind::ro, "1 with `message_spis`",
     [](const facts& f) -> u64 { return f.message_spis ? 1 : 0; }, always, "SETSPI_NSR and CLRSPI_NSR are there"},
    {reg::gicd_typer, in::v3, which::all, 17, 17, "LPIS", kind::zero, "0", zeros, always, "no LPIs"},
    {reg::gicd_typer, in::v3, which::all, 18, 18, "DVIS", kind::zero, "0", zeros, always, "no LPIs"},
    {reg::gicd_typer, in::v3, which::all, 23, 19, "IDbits", kind::ro, "9", [](const facts&) -> u64 { return 9; },
     always, "INTIDs of 10 bits"},
    {reg::gicd_typer, in::v3, which::all, 24, 24, "A3V", kind::ro, "1", ones, always, "Aff3 may be other than 0"},
    {reg::gicd_typer, in::v3, which::all, 25, 25, "No1N", kind::ro, "0 with `one_of_n`, else 1",
     [](const facts& f) -> u64 { return f.one_of_n ? 0 : 1; }, always, "IROUTER.IRM is RAZ/WI"},
    {reg::gicd_typer, in::v3, which::all, 26, 26, "RSS", kind::ro, "1 if the affinity policy has Aff0 above 15",
     [](const facts& f) -> u64 { return f.highest_aff0 > 15 ? 1 : 0; }, always, "SGI targets by range selector"},

    {reg::gicd_iidr, in::both, which::all, 31, 24, "ProductID", kind::ro, "0x56", product, always, ""},
    {reg::gicd_iidr, in::both, which::all, 19, 12, "Variant, Revision", kind::ro, "0", zeros, always, ""},
    {reg::gicd_iidr, in::both, which::all, 11, 0, "Implementer", kind::ro, "0x43B", implementer, always, "Arm"},
    {reg::gicd_typer2, in::v3, which::all, 31, 0, "VID, VIL, nASSGIcap", kind::zero, "0", zeros, always, "no GICv4.1"},

    {reg::gicd_statusr, in::v3, which::all, 0, 0, "RRD", kind::sticky, "0", zeros, always,
     "a reserved place was read, or a register at a width that it does not have"},
    {reg::gicd_statusr, in::v3, which::all, 1, 1, "WRD", kind::sticky, "0", zeros, always, "the same, written"},
    {reg::gicd_statusr, in::v3, which::all, 2, 2, "RWOD", kind::sticky, "0", zeros, always,
     "a write-only register was read"},
    {reg::gicd_statusr, in::v3, which::all, 3, 3, "WROD", kind::sticky, "0", zeros, always,
     "a read-only register was written"},

    {reg::gicd_setspi_nsr, in::v3, which::all, 12, 0, "INTID", kind::wo, "-", zeros, always,
     "makes that SPI pending: an edge, or a level of its own; nothing if it is none of the VM's"},
    {reg::gicd_clrspi_nsr, in::v3, which::all, 12, 0, "INTID", kind::wo, "-", zeros, always, "takes that back"},

    {reg::gicd_igroupr, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_igroupr, in::v2, which::all, 0, 0, "group", kind::rw, "0", zeros, always, "n = 0 banked by vCPU"},
    {reg::gicd_igroupr, in::v3, which::all, 0, 0, "group", kind::rw, "0; 1 with `reset_to_group1`", group_at_reset,
     always, "a pending one moves between FIQ and IRQ"},

    {reg::gicd_isenabler, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_isenabler, in::v2, which::sgis, 0, 0, "SGI enable", kind::ro, "1", ones, always, "always enabled"},
    {reg::gicd_isenabler, in::both, which::all, 0, 0, "enable", kind::set, "0", zeros, always,
     "what is pending is signalled"},
    {reg::gicd_icenabler, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_icenabler, in::v2, which::sgis, 0, 0, "SGI enable", kind::ro, "1", ones, always, "always enabled"},
    {reg::gicd_icenabler, in::both, which::all, 0, 0, "enable", kind::clear, "0", zeros, always,
     "what is pending stays so; GICv3: tracked by RWP"},

    {reg::gicd_ispendr, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_ispendr, in::v2, which::sgis, 0, 0, "SGI pending", kind::ro, "0", zeros, always,
     "of any source; written by SPENDSGIR"},
    {reg::gicd_ispendr, in::both, which::all, 0, 0, "pending", kind::set, "0", zeros, always,
     "a latch beside the line; reads latch, line or message, list registers included"},
    {reg::gicd_icpendr, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_icpendr, in::v2, which::sgis, 0, 0, "SGI pending", kind::ro, "0", zeros, always,
     "of any source; written by CPENDSGIR"},
    {reg::gicd_icpendr, in::both, which::all, 0, 0, "pending", kind::clear, "0", zeros, always,
     "clears the latch; a line or message that is high keeps it pending"},

    {reg::gicd_isactiver, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_isactiver, in::both, which::all, 0, 0, "active", kind::set, "0", zeros, always,
     "no running priority is touched"},
    {reg::gicd_icactiver, in::v3, which::private_ones, 0, 0, "", kind::zero, "0", zeros, always, "n = 0: in GICR"},
    {reg::gicd_icactiver, in::both, which::all, 0, 0, "active", kind::clear, "0", zeros, always,
     "what waits behind it is signalled; a linked one ends in the physical GIC"},

    {reg::gicd_ipriorityr, in::v3, which::private_ones, 7, 0, "", kind::zero, "0", zeros, always, "n < 8: in GICR"},
    {reg::gicd_ipriorityr, in::both, which::all, 7, 0, "priority", kind::rw, "0", zeros, priority_bit,
     "the upper `priority_bits` bits of each byte, the others RAZ/WI; a pending one is compared anew"},

    {reg::gicd_itargetsr, in::v3, which::all, 7, 0, "", kind::zero, "0", zeros, always, "ARE is 1"},
    {reg::gicd_itargetsr, in::v2, which::private_ones, 7, 0, "targets", kind::ro, "the reader's bit", own_bit, always,
     "how software learns its number"},
    {reg::gicd_itargetsr, in::v2, which::all, 7, 0, "targets", kind::rw, "0; 1 in a VM with one vCPU",
     [](const facts& f) -> u64 { return f.vcpus == 1 ? 1 : 0; }, bit_of_vcpu,
     "bits of vCPUs that are not there RAZ/WI; none: it waits; several: 1-of-N, or the lowest without `one_of_n`"},

    {reg::gicd_icfgr, in::v3, which::private_ones, 1, 0, "", kind::zero, "0", zeros, always, "n < 2: in GICR"},
    {reg::gicd_icfgr, in::v2, which::sgis, 1, 0, "SGI trigger", kind::ro, "0b10",
     [](const facts&) -> u64 { return 2; }, always, "edge-triggered"},
    {reg::gicd_icfgr, in::both, which::all, 1, 1, "trigger", kind::rw, "0", zeros, always,
     "0 level, 1 edge; latches are kept"},
    {reg::gicd_igrpmodr, in::v3, which::all, 31, 0, "", kind::zero, "0", zeros, always, "DS is 1"},
    {reg::gicd_nsacr, in::both, which::all, 31, 0, "", kind::zero, "0", zeros, always, "one security state"},

    {reg::gicd_sgir, in::v3, which::all, 31, 0, "", kind::zero, "-", zeros, always, "ARE is 1"},
    {reg::gicd_sgir, in::v2, which::all, 25, 24, "TargetListFilter", kind::wo, "-", zeros, always,
     "0 the list, 1 all but the writer, 2 the writer, 3 nobody"},
    {reg::gicd_sgir, in::v2, which::all, 23, 16, "CPUTargetList", kind::wo, "-", zeros, always,
     "bits of vCPUs that are not there name nobody"},
    {reg::gicd_sgir, in::v2, which::all, 15, 15, "NSATT", kind::zero, "-", zeros, always, "no Security Extensions"},
    {reg::gicd_sgir, in::v2, which::all, 3, 0, "SGIINTID", kind::wo, "-", zeros, always, ""},
    {reg::gicd_cpendsgir, in::v3, which::all, 7, 0, "", kind::zero, "0", zeros, always, "ARE is 1"},
    {reg::gicd_cpendsgir, in::v2, which::all, 7, 0, "sources", kind::clear, "0", zeros, bit_of_vcpu,
     "pending sources of each SGI of the vCPU that asks"},
    {reg::gicd_spendsgir, in::v3, which::all, 7, 0, "", kind::zero, "0", zeros, always, "ARE is 1"},
    {reg::gicd_spendsgir, in::v2, which::all, 7, 0, "sources", kind::set, "0", zeros, bit_of_vcpu,
     "for the vCPU that writes; sources that are no vCPU RAZ/WI"},

    {reg::gicd_irouter, in::v3, which::spis, 23, 0, "Aff2, Aff1, Aff0", kind::rw, "0", zeros, always,
     "an affinity that nobody has: it waits"},
    {reg::gicd_irouter, in::v3, which::spis, 31, 31, "IRM", kind::rw, "0", zeros, with_one_of_n,
     "with `one_of_n`: any vCPU that takes part; the affinity reads 0 meanwhile. Else RAZ/WI"},
    {reg::gicd_irouter, in::v3, which::spis, 39, 32, "Aff3", kind::rw, "0", zeros, always, ""},

    {reg::gicd_id, in::v2, which::all, 7, 0, "PIDR4 to 7, 0 to 3, CIDR0 to 3", kind::ro, "an Arm part, PIDR2 0x2B",
     [](const facts& f) { return id(f, 0x90); }, always, "PIDR2[7:4]: architecture revision 2"},
    {reg::gicd_id, in::v3, which::all, 7, 0, "PIDR4 to 7, 0 to 3, CIDR0 to 3", kind::ro, "an Arm part, PIDR2 0x3B",
     [](const facts& f) { return id(f, 0x92); }, always, "PIDR2[7:4]: architecture revision 3"},

    // --- a redistributor's RD frame ---
    {reg::gicr_ctlr, in::v3, which::all, 0, 0, "EnableLPIs", kind::zero, "0", zeros, always, "no LPIs"},
    {reg::gicr_ctlr, in::v3, which::all, 2, 1, "IR, CES", kind::zero, "0", zeros, always, "no LPIs"},
    {reg::gicr_ctlr, in::v3, which::all, 3, 3, "RWP", kind::ro, "0", zeros, always,
     "1 while a private interrupt that was disabled may still be acknowledged"},
    {reg::gicr_ctlr, in::v3, which::all, 24, 24, "DPG0", kind::rw, "0", zeros, with_one_of_n,
     "no 1-of-N interrupts of group 0; RAZ/WI without `one_of_n`"},
    {reg::gicr_ctlr, in::v3, which::all, 25, 25, "DPG1NS", kind::rw, "0", zeros, with_one_of_n, "the same of group 1"},
    {reg::gicr_ctlr, in::v3, which::all, 26, 26, "DPG1S", kind::zero, "0", zeros, always, "DS is 1"},
    {reg::gicr_ctlr, in::v3, which::all, 31, 31, "UWP", kind::zero, "0", zeros, always, "writes are complete at once"},
    {reg::gicr_iidr, in::v3, which::all, 31, 24, "ProductID", kind::ro, "0x56", product, always, ""},
    {reg::gicr_iidr, in::v3, which::all, 19, 12, "Variant, Revision", kind::ro, "0", zeros, always, ""},
    {reg::gicr_iidr, in::v3, which::all, 11, 0, "Implementer", kind::ro, "0x43B", implementer, always, "Arm"},
    {reg::gicr_typer, in::v3, which::all, 3, 0, "PLPIS, VLPIS, Dirty, DirectLPI", kind::zero, "0", zeros, always,
     "no LPIs"},
    {reg::gicr_typer, in::v3, which::all, 4, 4, "Last", kind::ro, "1 at the end of a region",
     [](const facts& f) -> u64 { return f.last ? 1 : 0; }, always, "or at the last vCPU"},
    {reg::gicr_typer, in::v3, which::all, 5, 5, "DPGS", kind::ro, "1 with `one_of_n`",
     [](const facts& f) -> u64 { return f.one_of_n ? 1 : 0; }, always, "CTLR.DPG0 and DPG1NS are there"},
    {reg::gicr_typer, in::v3, which::all, 23, 8, "Processor_Number", kind::ro, "the vCPU's number",
     [](const facts& f) -> u64 { return f.vcpu; }, always, ""},
    {reg::gicr_typer, in::v3, which::all, 31, 27, "PPInum", kind::zero, "0", zeros, always, "PPIs up to INTID 31"},
    {reg::gicr_typer, in::v3, which::all, 39, 32, "Aff0", kind::ro, "the affinity policy's", aff0, always, ""},
    {reg::gicr_typer, in::v3, which::all, 47, 40, "Aff1", kind::ro, "the affinity policy's", aff1, always, ""},
    {reg::gicr_typer, in::v3, which::all, 55, 48, "Aff2", kind::ro, "the affinity policy's", aff2, always, ""},
    {reg::gicr_typer, in::v3, which::all, 63, 56, "Aff3", kind::ro, "the affinity policy's", aff3, always, ""},
    {reg::gicr_statusr, in::v3, which::all, 0, 0, "RRD", kind::sticky, "0", zeros, always,
     "as GICD_STATUSR, for both frames"},
    {reg::gicr_statusr, in::v3, which::all, 1, 1, "WRD", kind::sticky, "0", zeros, always, ""},
    {reg::gicr_statusr, in::v3, which::all, 3, 3, "WROD", kind::sticky, "0", zeros, always, ""},
    {reg::gicr_waker, in::v3, which::all, 1, 1, "ProcessorSleep", kind::rw, "0", zeros, always,
     "1: the vCPU is sent nothing, and woken when something waits"},
    {reg::gicr_waker, in::v3, which::all, 2, 2, "ChildrenAsleep", kind::follows, "0", zeros, always,
     "follows ProcessorSleep at once"},
    {reg::gicr_lpi, in::v3, which::all, 63, 0, "", kind::zero, "0", zeros, always,
     "SETLPIR, CLRLPIR, PROPBASER, PENDBASER, INVLPIR, INVALLR, SYNCR: no LPIs"},
    {reg::gicr_id, in::v3, which::all, 7, 0, "PIDR4 to 7, 0 to 3, CIDR0 to 3", kind::ro, "an Arm part, PIDR2 0x3B",
     [](const facts& f) { return id(f, 0x93); }, always, "PIDR2[7:4]: architecture revision 3"},

    // --- its SGI frame ---
    {reg::gicr_igroupr0, in::v3, which::all, 0, 0, "group", kind::rw, "0; 1 with `reset_to_group1`", group_at_reset,
     always, ""},
    {reg::gicr_isenabler0, in::v3, which::all, 0, 0, "enable", kind::set, "0", zeros, always, "SGIs too"},
    {reg::gicr_icenabler0, in::v3, which::all, 0, 0, "enable", kind::clear, "0", zeros, always,
     "SGIs too; tracked by GICR_CTLR.RWP"},
    {reg::gicr_ispendr0, in::v3, which::all, 0, 0, "pending", kind::set, "0", zeros, always, "SGIs too"},
    {reg::gicr_icpendr0, in::v3, which::all, 0, 0, "pending", kind::clear, "0", zeros, always, "SGIs too"},
    {reg::gicr_isactiver0, in::v3, which::all, 0, 0, "active", kind::set, "0", zeros, always, ""},
    {reg::gicr_icactiver0, in::v3, which::all, 0, 0, "active", kind::clear, "0", zeros, always, ""},
    {reg::gicr_ipriorityr, in::v3, which::all, 7, 0, "priority", kind::rw, "0", zeros, priority_bit,
     "the upper `priority_bits` bits of each byte, the others RAZ/WI"},
    {reg::gicr_icfgr, in::v3, which::sgis, 1, 0, "SGI trigger", kind::ro, "0b10",
     [](const facts&) -> u64 { return 2; }, always, "ICFGR0: edge-triggered"},
    {reg::gicr_icfgr, in::v3, which::all, 1, 1, "PPI trigger", kind::rw, "0", zeros, always,
     "ICFGR1: 0 level, 1 edge"},
    {reg::gicr_igrpmodr0, in::v3, which::all, 31, 0, "", kind::zero, "0", zeros, always, "DS is 1"},
    {reg::gicr_nsacr, in::v3, which::all, 31, 0, "", kind::zero, "0", zeros, always, "DS is 1"},
};
// clang-format on

}  // namespace conformance
