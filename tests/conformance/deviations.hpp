// SPDX-License-Identifier: BSL-1.0
/// \file
/// Where the architecture leaves a choice, or this library deliberately does something else, and why. IHI 0069 is the
/// GICv3's specification, IHI 0048B the GICv2's; places are named by what they describe.
#pragma once

namespace conformance {

struct deviation {
  const char* where;  ///< registers
  const char* says;   ///< the architecture, and where it says so
  const char* here;   ///< this library
  const char* argument;
  const char* test;
};

inline constexpr deviation choices[] = {
    {"GICD_CTLR.DS, ARE", "may be fixed (IHI 0069, GICD_CTLR)", "both 1: one security state, affinity routing",
     "what guests of hypervisors are given; nothing of the rest would be reached",
     "registers/v3: GICD_CTLR has the group enables, ARE and DS are fixed"},
    {"interrupts at reset", "enables, triggers, priorities, routes UNKNOWN (IHI 0069, each register)",
     "disabled, level, group 0, priority 0, route 0.0.0.0; group 1 with the feature `reset_to_group1`",
     "one answer each time; the feature is for guests that never write IGROUPR",
     "registers/reset values of the interrupt registers"},
    {"GICR_WAKER", "ProcessorSleep is 1 at reset (IHI 0069, GICR_WAKER)", "0: redistributors start awake",
     "firmware that does not touch WAKER works; the handshake works from there",
     "registers/GICR_WAKER: ChildrenAsleep follows ProcessorSleep"},
    {"accesses that a register does not define", "CONSTRAINED UNPREDICTABLE (IHI 0069 and 0048B, register access)",
     "RAZ/WI, recorded in STATUSR where that is there", "no guest is ended by a width; sweeps of all offsets are total",
     "registers/v3: STATUSR records each access that the distributor does not define"},
    {"IROUTER of an affinity that nobody has",
     "CONSTRAINED UNPREDICTABLE, one choice: pending and forwarded to nobody (IHI 0069, GICD_IROUTER)",
     "that choice; it reads as written", "the halves of a route may be written one after the other",
     "registers/v3: an SPI with an affinity that nobody has waits, and the register keeps it"},
    {"IROUTER.IRM", "may be RAZ/WI where GICD_TYPER.No1N is 1 (IHI 0069, GICD_IROUTER)",
     "1-of-N with the feature `one_of_n`, RAZ/WI without", "No1N says which",
     "registers/v3: IROUTER.IRM is RAZ/WI without 1-of-N"},
    {"ITARGETSR with several bits", "1-of-N (IHI 0048B, 1-N model)", "1-of-N with `one_of_n`; the lowest bit without",
     "a VM without the feature keeps one target an SPI, and software cannot rely on which CPU takes it",
     "delivery/GICv2 without 1-of-N: the lowest target"},
    {"GICD_ISENABLER0 of a GICv2, SGIs", "RAO/WI or programmable (IHI 0048B, GICD_ISENABLER)", "RAO/WI",
     "as the common implementations", "registers/v2: SGIs are always enabled and edge-triggered"},
    {"GICD_ITARGETSR with one CPU", "RAZ/WI (IHI 0048B, GICD_ITARGETSR)", "live; SPIs begin with that CPU as target",
     "software that writes it anyway reads what it wrote",
     "registers/v2: one CPU gets every SPI without being asked, and ITARGETSR is live"},
    {"GICR_ICFGR1, GICD_ICFGR1", "PPI triggers may be programmable (IHI 0069, GICR_ICFGR1)", "programmable",
     "a device's PPI is what its driver says", "registers/the SGI frame's ICFGR0 is read-only, ICFGR1 is not"},
    {"ICFGR of a pending interrupt", "pending state UNKNOWN (IHI 0069, GICD_ICFGR)",
     "latches are kept, the line is no edge", "nothing is lost or made up",
     "delivery/edge and level may be exchanged while an interrupt is pending or active"},
    {"ICC_SGI1R of an SGI in group 0",
     "which register reaches which group (IHI 0069, ICC_SGI1R_EL1), where implementations differ with DS 1",
     "reaches it", "KVM, Gunyah and gem5 deliver it, QEMU drops it; SGI0R and ASGI1R reach group 0 alone",
     "registers/which register reaches an SGI of which group"},
    {"GICD_SGIR.TargetListFilter 0b11", "reserved (IHI 0048B, GICD_SGIR)", "nobody", "a reserved value sends nothing",
     "disasters/XSA-117, CVE-2015-0268: GICD_SGIR with the reserved filter 0b11 sends nothing"},
    {"INTID 1020 to 1023 in arrays", "no such interrupts (IHI 0069, INTIDs)", "RAZ/WI",
     "software that counts 1024 writes them", "registers/with 988 SPIs the registers end at INTID 1019"},
};

inline constexpr deviation deviations[] = {
    {"ISPENDR, ICPENDR, ISACTIVER, ICACTIVER",
     "state of every interrupt, at once (IHI 0069, GICD_ISPENDR, GICD_ISACTIVER)",
     "of what a vCPU on another CPU has in list registers: as at its last exit, unless the host supplies `sync`",
     "exact answers cost a kick and a wait for each read; the host chooses",
     "unit/with sync a read sees what a running vCPU did since its last exit"},
    {"GICD_CTLR.RWP", "1 while the effects of a write are not seen everywhere (IHI 0069, GICD_CTLR)",
     "for the vCPU that wrote",
     "who disabled is who polls; it falls when what was disabled cannot be acknowledged any more",
     "registers/v3: GICD_CTLR.RWP while a disabled SPI is still in another vCPU's list register"},
    {"IROUTER 255.255.255.255", "any affinity is kept (IHI 0069, GICD_IROUTER)",
     "with `one_of_n` it reads back as 255.255.255.254",
     "routes are 32 bits, one value of which is 1-of-N; no vCPU has either",
     "registers/v3: IROUTER keeps the affinity, as a whole and by halves"},
    {"an active interrupt without a list register", "EOIR ends the interrupt that it names (IHI 0069, ICC_EOIR1_EL1)",
     "the most urgent active one outside of list registers is taken to be the one that ended",
     "ICH_HCR_EL2.EOIcount carries no INTID; ends in order are right, and only ISACTIVER or a vCPU that was off makes "
     "such interrupts",
     "disasters/KVM 6da5e537f5: an end without a list register ends the interrupt that was ended"},
    {"active interrupts and delivery", "none of an interrupt's state depends on others (IHI 0069, interrupt handling)",
     "as many active as there are list registers: the next is delivered when one ends",
     "the hardware has so many list registers; an active one cannot give way",
     "delivery/active interrupts keep their list registers"},
    {"linked interrupts (LR.HW)", "pending while the line is high (IHI 0069, GICD_ISPENDR)",
     "no pending bit while active and the physical line still high",
     "the physical GIC has it, and hands it over when it is ended",
     "delivery/pending again while linked and active: delivered once more, ended once"},
    {"GICR_TYPER, GICD_TYPER: LPIs, ITS, extended ranges, NMI", "optional (IHI 0069, GICD_TYPER)",
     "not there; RAZ/WI as in an implementation without", "left out, and said so where software looks",
     "registers/LPI registers without LPIs are RAZ/WI and no errors"},
};
}  // namespace conformance
