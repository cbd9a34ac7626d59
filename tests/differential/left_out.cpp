// SPDX-License-Identifier: BSL-1.0
#include "left_out.hpp"

#include "places.hpp"

namespace differential::left_out {

namespace {

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

/// Is an active interrupt that is not `id` in no list register?
bool another_is_in_none(const situation& now, u32 v, u32 id) {
  for (u32 w = 0; w < intids / 32; ++w) {
    const vgic::planes p = now.planes_of(v, w);
    if ((p.active & ~p.listed & ~(id / 32 == w ? 1u << (id % 32) : 0)) != 0) return true;
  }
  return false;
}

}  // namespace

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

}  // namespace differential::left_out
