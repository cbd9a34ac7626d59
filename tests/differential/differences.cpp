// SPDX-License-Identifier: BSL-1.0
#include "differences.hpp"

#include "support/registers.hpp"

namespace differential {

namespace {

using features = vgic::features<>;

// --- where an access goes ---

bool inside(u64 address, u64 first, u64 bytes) { return address - first < bytes; }
bool at_distributor(const setup& s, u64 address) { return inside(address, gicd, s.is_v2() ? 0x1000 : 0x1'0000); }
bool at_redistributor(const setup& s, u64 address) {
  return !s.is_v2() && inside(address, gicr, s.vcpus * gicr_stride);
}
u32 in_frame(const setup& s, u64 address) {
  return static_cast<u32>(at_redistributor(s, address) ? (address - gicr) % 0x1'0000 : address - gicd);
}
bool at_rd_frame(const setup& s, u64 address) {
  return at_redistributor(s, address) && (address - gicr) % gicr_stride < 0x1'0000;
}

const tests::known_register* find(const setup& s, u64 address) {
  const u32 offset = in_frame(s, address);
  if (at_distributor(s, address))
    return s.is_v2() ? tests::find_register(tests::gicv2_distributor, offset)
                     : tests::find_register(tests::gicv3_distributor<features>, offset);
  if (!at_redistributor(s, address)) return nullptr;
  return at_rd_frame(s, address) ? tests::find_register(tests::redistributor_frame<features>, offset)
                                 : tests::find_register(tests::sgi_frame_registers, offset);
}
bool legal(const setup& s, u64 address, vgic::width w, vgic::direction d) {
  return tests::is_legal(find(s, address), in_frame(s, address), w, d);
}
bool misaligned(u64 address, vgic::width w) { return address % raw(w) != 0; }

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

/// The `k`th byte that an access writes.
u32 byte_of(const operation& op, u32 k) { return static_cast<u32>(op.value >> (8 * k) & 0xff); }

bool writes_distributor(const operation& op, const situation& now, u32 first, u32 bytes) {
  return op.what == act::write && at_distributor(now.machine_of(), op.address) &&
         inside(in_frame(now.machine_of(), op.address), first, bytes);
}

// --- interrupts that a guest could be given ---

struct candidates {
  u32 id = 1023;
  u32 priority = 0x100;
};

/// The most urgent interrupt that is enabled, pending and not active, of the groups in `groups`; of equals the one with
/// the lowest INTID.
candidates most_urgent(const situation& now, u32 v, u32 groups) {
  candidates best;
  for (u32 w = 0; w < intids / 32; ++w) {
    const vgic::planes p = now.planes_of(v, w);
    const u32 of_groups = ((groups & 1) != 0 ? ~p.group : 0) | ((groups & 2) != 0 ? p.group : 0);
    for (u32 rest = pending(p) & p.enabled & ~p.active & of_groups; rest != 0; rest &= rest - 1) {
      const u32 id = 32 * w + vgic::lowest(rest);
      if (const u32 urgency = now.priority_of(v, id); urgency < best.priority) best = {id, urgency};
    }
  }
  return best;
}

bool looks_for_interrupts(const operation& op, const situation& now) {
  return now.machine_of().is_v2() && op.what == act::read && (op.address == gicc + 0xc || op.address == gicc + 0x18);
}

// --- steps that are left out ---

bool disturbs_by_width(const operation& op, const situation& now) {
  const setup& s = now.machine_of();
  if (op.what != act::write || !at_distributor(s, op.address)) return false;
  if (legal(s, op.address, op.size, vgic::direction::write)) return false;
  for (u32 k = 0; k < raw(op.size); ++k)
    if (const auto* r = find(s, op.address + k); r != nullptr && r->what != tests::kind::ro) return true;
  return false;
}

bool writes_in_pieces(const operation& op, const situation& now) {
  const setup& s = now.machine_of();
  return op.what == act::write && misaligned(op.address, op.size) &&
         (at_distributor(s, op.address) || at_redistributor(s, op.address));
}

bool targets_nobody(const operation& op, const situation& now) {
  if (!writes_distributor(op, now, 0x820, spis)) return false;
  for (u32 k = 0; k < raw(op.size); ++k)
    if ((byte_of(op, k) & 1) == 0) return true;
  return false;
}

bool sends_from_others(const operation& op, const situation& now) {
  if (!writes_distributor(op, now, 0xf20, 0x10)) return false;
  for (u32 k = 0; k < raw(op.size); ++k)
    if (byte_of(op, k) != 1) return true;
  return false;
}

bool uses_reserved_filter(const operation& op, const situation& now) {
  return writes_distributor(op, now, 0xf00, 4) && (op.value >> 24 & 3) == 3;
}

bool group_is_off(const operation& op, const situation& now) {
  if (!looks_for_interrupts(op, now) || now.gates() == 0 || now.groups_on(op.vcpu) == 0) return false;
  const candidates best = most_urgent(now, op.vcpu, 3);
  if (best.id == 1023) return false;
  const u32 in = now.planes_of(op.vcpu, best.id / 32).group >> (best.id % 32) & 1;
  return (now.gates() & now.groups_on(op.vcpu) & 1u << in) == 0;
}

bool equals_are_ordered_otherwise(const operation& op, const situation& now) {
  if (!looks_for_interrupts(op, now)) return false;
  const u32 found = now.highest(op.vcpu);
  if (found == 1023) return false;
  const candidates best = most_urgent(now, op.vcpu, now.gates() & now.groups_on(op.vcpu));
  const vgic::planes p = now.planes_of(op.vcpu, found / 32);
  return found != best.id && now.priority_of(op.vcpu, found) == best.priority &&
         (pending(p) & p.enabled & ~p.active & 1u << (found % 32)) != 0;
}

bool no_list_register_is_left(const operation& op, const situation& now) {
  return looks_for_interrupts(op, now) && now.list_registers_are_active(op.vcpu) &&
         most_urgent(now, op.vcpu, now.gates() & now.groups_on(op.vcpu)).id != 1023;
}

bool moves_group_of_active(const operation& op, const situation& now) {
  const setup& s = now.machine_of();
  if (op.what != act::write || op.size != vgic::width::word || misaligned(op.address, op.size)) return false;
  const u32 offset = in_frame(s, op.address);
  const bool at_sgi_frame = at_redistributor(s, op.address) && !at_rd_frame(s, op.address);
  if (!at_sgi_frame && !at_distributor(s, op.address)) return false;
  if (!inside(offset, 0x80, at_sgi_frame ? 4 : 0x80)) return false;
  const u32 w = (offset - 0x80) / 4;
  const u32 of = at_sgi_frame ? static_cast<u32>((op.address - gicr) / gicr_stride) : op.vcpu;
  for (u32 v = 0; v < s.vcpus; ++v) {
    if (w == 0 && v != of) continue;
    for (const taken& t : now.taken_by(v))
      if (t.id / 32 == w && (op.value >> (t.id % 32) & 1) != (t.in == vgic::group::one ? 1 : 0)) return true;
  }
  return false;
}

bool activates_taken_spi(const operation& op, const situation& now) {
  if (!writes_distributor(op, now, 0x304, 0x7c)) return false;
  const u32 w = (in_frame(now.machine_of(), op.address) - 0x300) / 4;
  for (const taken& t : now.taken_by(op.vcpu))
    if (t.id / 32 == w && (op.value >> (t.id % 32) & 1) != 0) return true;
  return false;
}

bool preempts_by_sub_priority(const operation& op, const situation& now) {
  return looks_for_interrupts(op, now) && op.address == gicc + 0xc && now.only_sub_priority_is_higher(op.vcpu);
}

/// Is an active interrupt that is not `id` in no list register?
bool another_is_in_none(const situation& now, u32 v, u32 id) {
  for (u32 w = 0; w < intids / 32; ++w) {
    const vgic::planes p = now.planes_of(v, w);
    if ((p.active & ~p.listed & ~(id / 32 == w ? 1u << (id % 32) : 0)) != 0) return true;
  }
  return false;
}

bool ends_another(const operation& op, const situation& now) {
  if (op.what != act::end && op.what != act::deactivate) return false;
  const u32 v = op.vcpu;
  const bool only_dropped = op.what == act::deactivate;
  const bool drops_only = op.what == act::end && (now.interface_control(v) & 1u << 9) != 0;  // EOImode 1
  if (drops_only) return false;
  const auto& all = now.taken_by(v);
  for (auto t = all.rbegin(); t != all.rend(); ++t) {
    if (t->dropped != only_dropped) continue;
    const vgic::planes p = now.planes_of(v, t->id / 32);
    const bool maybe_of_another = t->id >= 32 && now.machine_of().vcpus > 1 && (p.active & 1u << (t->id % 32)) != 0;
    if (!now.is_active_in_list_register(v, t->id) && (now.machine_of().is_v2() || !t->stale) &&
        (maybe_of_another || another_is_in_none(now, v, t->id)))
      return true;
    if (!only_dropped) return false;  // the last one is the one that ends
  }
  return false;
}

bool enables_lpis(const operation& op, const situation& now) {
  return op.what == act::write && at_rd_frame(now.machine_of(), op.address) &&
         in_frame(now.machine_of(), op.address) < 4 && (op.value & 1) != 0;
}

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
     .avoided = enables_lpis},

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
     .avoided = targets_nobody},
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
     .avoided = disturbs_by_width},
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
     .avoided = writes_in_pieces},

    // --- SGIs of a GICv2 ---
    {.version = 2,
     .where = "GICD_SPENDSGIR, a byte that is not 1",
     .why =
         "sets the pending bits of the sources that are 1 (IHI 0048B, 4.3.17), of CPUs that exist; QEMU makes the SGI "
         "pending at once, without a source if the byte is 0, and ends when that one is acknowledged",
     .avoided = sends_from_others},
    {.version = 2,
     .where = "GICD_SGIR, TargetListFilter 3",
     .why = "reserved (IHI 0048B, 4.3.15): does nothing here; QEMU sends to all",
     .avoided = uses_reserved_filter},

    // --- delivery ---
    {.version = 2,
     .where = "GICC_IAR and GICC_HPPIR while the most urgent pending interrupt's group is off and the other is on",
     .why = "one that is not forwarded hides none that is (IHI 0048B, 3.2.1, 4.3.1); QEMU looks for the most urgent of "
            "both "
            "groups first, and gives it to the guest though its group is off",
     .avoided = group_is_off},
    {.version = 2,
     .where = "GICC_IAR and GICC_HPPIR with several that are equally urgent",
     .why = "which one comes first is implementation defined (IHI 0048B, 3.2.1): ours is the first of those in list "
            "registers, QEMU's the lowest INTID",
     .avoided = equals_are_ordered_otherwise},
    {.version = 2,
     .where = "GICC_IAR and GICC_HPPIR while every list register holds an active interrupt",
     .why = "nothing else is delivered then; docs/behaviour.md, active interrupts keep their list registers",
     .avoided = no_list_register_is_left},
    {.version = 0,
     .where = "IGROUPR, of an interrupt that was acknowledged and has not ended",
     .why = "UNPREDICTABLE which group's running priority its end drops (IHI 0048B, 4.3.4; IHI 0069, GICD_IGROUPR<n>)",
     .avoided = moves_group_of_active},
    {.version = 2,
     .where = "GICD_ISACTIVER of an SPI that was acknowledged and has not ended",
     .why = "changes nothing, the SPI is active (IHI 0048B, 4.3.9); QEMU has an active bit for each CPU that there may "
            "be, "
            "sets all of them, and its end clears one",
     .avoided = activates_taken_spi},
    {.version = 2,
     .where = "GICC_IAR when only the sub-priority of what is pending is higher than what runs",
     .why = "sub-priorities do not preempt (IHI 0048B, 3.3.3); QEMU compares whole priorities with the group priority "
            "that runs",
     .avoided = preempts_by_sub_priority},
    {.version = 0,
     .where = "an end of what is not active in a list register of its vCPU any more (ICACTIVER), while another active "
              "interrupt is in none, or the same is active again, maybe for another vCPU",
     .why = "EOIcount carries no INTID; docs/behaviour.md, limits",
     .avoided = ends_another},
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
