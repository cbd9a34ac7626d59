// SPDX-License-Identifier: BSL-1.0
/// \file
/// The owner's side of delivery: one vCPU, on the CPU that runs it, between exit and entry.
///
/// A list register is a cache of the planes. `lr[n]` remembers what was last written or read: where the hardware
/// differs from it the guest has acted (acknowledged, ended), where the planes differ from it somebody else has
/// (ICPENDR, ICACTIVER, a disable, a new route or priority). Both are folded in here and nowhere else.
#pragma once

#include <vgic/delivery/offer.hpp>

namespace vgic::detail {

/// What an entry may do, and the exit before it, in units of some thirty instructions, and what the parts cost: so that
/// no trap takes long, whatever the state. What is left is for another entry, which the host is asked for.
namespace effort {
constexpr u32 most = 32;  ///< all banks may be looked at in vain, as after CPU_ON
constexpr u32 least = 4;  ///< that an entry may do, whatever the exit did
constexpr u32 to_fold = 4;
constexpr u32 to_tell = 8;
constexpr u32 to_count_end = 24;
constexpr u32 to_look = 1;
constexpr u32 to_compare_bank = 4;
constexpr u32 banks_found_at_once = 2;
constexpr u32 to_step = 7;
constexpr u32 to_list_one = 2;
constexpr u32 to_list_alone = 8;
constexpr u32 to_revalidate = 8;
constexpr u32 to_rewrite = 10;  ///< four list registers fit into one entry
constexpr u32 to_make_way = 10;
}  // namespace effort

template <configuration C>
class listing : public offering<C> {
 protected:
  using base = offering<C>;
  using base::backend_;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::format;
  using typename base::lr_word;
  using typename base::place;
  using typename base::s;
  using owner = vcpu_state<C>;

  /// The exit, or the host between exit and entry, does something that takes its time.
  static void spend(owner& o, u32 much) {
    const u32 sum = o.spent + much;
    o.spent = static_cast<u8>(sum < effort::most ? sum : effort::most);
  }

  [[nodiscard]] u32 free_list_registers(const owner& o) const { return st_.all_list_registers & ~o.used; }

  /// GICR_WAKER.ProcessorSleep: nothing is sent to this vCPU.
  [[nodiscard]] bool sleeps(const owner& o) const { return s::is_v3 && atomics::load(o.asleep) != 0; }

  /// The physical interrupt that a linked INTID stands for: the host's choice, else the same number.
  [[nodiscard]] physical_intid physical_of(vcpu_id v, intid i) {
    if constexpr (host_numbers_interrupts<typename s::host>)
      return host_.physical(v, i);
    else
      return physical_intid{raw(i)};
  }

  /// Priority and group of interrupt `n` of a bank, as a list register has them.
  [[nodiscard, gnu::always_inline]] inline lr_word attributes_of(const owner& o, place at, u32 n) const {
    return format::priority_field(this->priority_of(o, at.index, n)) |
           lr_word{atomics::load(at.b.group) >> n & 1} * format::group1;
  }

  /// A list register's word for interrupt `n` of bank `w`, which has no physical one; `group` and `edge` are planes.
  [[nodiscard, gnu::always_inline]] inline lr_word compose(const owner& o, u32 w, u32 n, u32 group, u32 edge,
                                                           lr_state state) const {
    const lr_word all = static_cast<lr_word>(w * 32 + n) | format::priority_field(this->priority_of(o, w, n)) |
                        lr_word{group >> n & 1} * format::group1;
    // A level is sampled again when its interrupt ends.
    return format::state(all | lr_word{~edge >> n & 1} * format::eoi, state);
  }
  /// The word of an interrupt that may have a physical one.
  [[nodiscard]] lr_word in_hardware(vcpu_id v, owner& o, u32 r, place at, u32 n, lr_word w) {
    if (!at.b.of(n).linked()) return w;
    const intid i{at.index * 32 + n};
    lr_word linked = (w & ~format::eoi) | format::physical(physical_of(v, i));
    // A level that software holds high does not come again by the physical interrupt: its end has to be seen.
    bool by_software = this->is_asserted(at.b, n);
    if constexpr (host_ends_interrupts<typename s::host>) by_software = by_software || !host_.ends_in_hardware(v, i);
    if (by_software) end_by_software(o, r, linked);
    return linked;
  }

  void put(vcpu_id v, owner& o, u32 n, lr_word w) {
    o.lr[n] = w;
    backend_.write(v, lr_index{n}, w);
  }

  /// GICv2: moves one pending source of an SGI into its list register; more sources wait behind it.
  [[nodiscard]] lr_word with_source(owner& o, place at, u32 n, lr_word w) {
    const u32 sources = atomics::load(o.sgi_sources[n]);
    if (sources == 0) return w;
    const u32 first = lowest(sources);
    const u32 rest = atomics::fetch_and(o.sgi_sources[n], static_cast<u8>(~(1u << first))) & ~(1u << first);
    w |= format::source(first);
    if (rest != 0) {
      at.b.latch(n);
      w |= format::eoi;
    }
    return w;
  }

  /// GICv2: the source of an SGI whose list register is not pending any more, though it was not acknowledged, waits
  /// in the planes.
  void return_source(owner& o, u32 n, lr_word w) {
    if constexpr (s::is_v2) atomics::fetch_or(o.sgi_sources[n], static_cast<u8>(1u << format::source_of(w)));
  }

  /// GICv2: an SGI of the source that is pending in the list register already is the same one. Whether nothing of
  /// another source is left.
  [[nodiscard]] bool merge_source(owner& o, place at, u32 n, lr_word w) {
    if constexpr (s::is_v2) {
      const u32 source = 1u << format::source_of(w);
      if ((atomics::fetch_and(o.sgi_sources[n], static_cast<u8>(~source)) & ~source) != 0) return false;
      at.b.take_latch(n);
      atomics::order();
      // A sender sets its source first and the latch second: one that came meanwhile shows here.
      if (atomics::load(o.sgi_sources[n]) == 0) return true;
      at.b.latch(n);
    }
    return false;
  }

  /// What listing an interrupt came to: it is in a list register; another vCPU has it, nothing was changed; or it was
  /// claimed and given back, because what made it deliverable had just been taken away.
  enum class outcome : u8 { listed, lost, given_back };

  using taking = typename bank_type::taking;

  /// Claims interrupt `n` of a bank and puts it into a free list register.
  [[gnu::noinline]] outcome list(vcpu_id v, owner& o, place at, u32 n, taking t) {
    remember_bank(o, at.index);
    return at.b.claim(n, t) ? finish_listing(v, o, at, n, t) : outcome::lost;
  }

  /// The same of an interrupt that was claimed.
  [[gnu::noinline]] outcome finish_listing(vcpu_id v, owner& o, place at, u32 n, taking t) {
    atomics::order();
    if (!stands(v, o, at, n, t)) {
      give_back(v, o, at, n);
      return outcome::given_back;
    }
    const u32 r = lowest(free_list_registers(o));
    const lr_state state = t == taking::active ? lr_state::active : lr_state::pending;
    lr_word w = in_hardware(v, o, r, at, n,
                            compose(o, at.index, n, atomics::load(at.b.group), atomics::load(at.b.edge), state));
    if constexpr (s::is_v2)
      if (at.index == 0 && n < 16 && has_pending(state)) w = with_source(o, at, n, w);
    o.used |= u32{1} << r;
    put(v, o, r, w);
    if (state == lr_state::active && this->is_pending(at.b, n)) revalidate_one(v, o, r, at, n);
    if constexpr (traces_listing<typename s::host>)
      if (has_pending(state)) host_.on_listed(v, intid{at.index * 32 + n});
    return outcome::listed;
  }

  /// This vCPU is about to list an interrupt of bank `w`: before a claim, so that whoever sees *listed* sees this.
  [[gnu::always_inline]] static inline void remember_bank(owner& o, u32 w) {
    if (const u32 mine = atomics::load(o.mine); (mine >> w & 1) == 0) atomics::store(o.mine, mine | u32{1} << w);
  }

  /// A claimed interrupt goes back to the planes: it was changed before the claim was seen.
  [[gnu::noinline]] void give_back(vcpu_id v, owner& o, place at, u32 n) {
    at.b.release(n);
    end_physical_if_over(v, at, n);
    settle(v, o, at, n);
  }

  /// Gives up list register `r`, whose interrupt was not acknowledged: it is pending in the planes again.
  [[gnu::noinline]] void withdraw(vcpu_id v, owner& o, u32 r) {
    const lr_word w = o.lr[r];
    const u32 i = raw(format::id(w));
    place at = this->bank_at(v, i / 32);
    o.used &= ~(u32{1} << r);
    o.software_ends &= ~(u32{1} << r);
    put(v, o, r, 0);
    if (i < 16 && has_pending(format::state(w))) return_source(o, i, w);
    at.b.release(i % 32);
    end_physical_if_over(v, at, i % 32);
    settle(v, o, at, i % 32);
  }

  /// After interrupt `n` left its list register: if it is deliverable again, this vCPU remembers it, or, if it goes
  /// elsewhere now, its new target is told.
  void settle(vcpu_id v, owner& o, place at, u32 n) { settle(v, o, at.b, at.index, n); }
  [[gnu::noinline]] void settle(vcpu_id v, owner& o, bank_type& b, u32 index, u32 n) {
    const place at{b, index, v};
    atomics::order();
    const planes p = at.b.read();
    if ((deliverable(p, gates()) >> n & 1) == 0) return;
    if (at.index == 0 || this->may_take(v, at.index, n, at.b)) return waits(o, u32{1} << at.index);
    this->tell(at, u32{1} << n, p.group);
    spend(o, effort::to_tell);
  }

  /// Interrupts of these banks wait for a list register of this vCPU: it looks on its next entry.
  static void waits(owner& o, u32 banks) {
    o.left.add(banks);
    o.unlisted = 1;
  }

  /// A linked interrupt in list register `r` will end by software: LR.HW and LR.EOI exclude each other.
  static void end_by_software(owner& o, u32 r, lr_word& w) {
    w = (w & ~(format::hw | format::physical(physical_intid{0x3ff}))) | format::eoi;
    o.software_ends |= u32{1} << r;
  }

  /// A linked interrupt left its list register without LR.HW: its physical interrupt ends with it, unless it is still
  /// pending or active in the planes.
  void end_physical_if_over(vcpu_id v, place at, u32 n) {
    if (!at.b.of(n).linked()) return;
    atomics::order();
    const planes p = at.b.read();
    if (((pending(p) | p.active) >> n & 1) == 0) end_physical(v, at, n);
  }

  /// Ends a linked interrupt in the physical GIC that will not end through a list register.
  void end_physical(vcpu_id v, place at, u32 n) {
    if (at.b.of(n).linked()) host_.deactivate(v, physical_of(v, intid{at.index * 32 + n}));
  }

  /// After a claim: is the interrupt still what it was claimed for? What does not move with it (enable, group, route,
  /// level) may have changed before the claim was seen.
  [[nodiscard]] bool stands(vcpu_id v, owner& o, place at, u32 n, taking t) {
    const bool active = (atomics::load(at.b.active) >> n & 1) != 0;
    if (t == taking::active) return active;
    if (active || !this->is_pending(at.b, n) || !this->is_forwarded(at.b, n)) return false;
    if (at.index != 0) return this->may_take(v, at.index, n, at.b);
    if constexpr (s::is_v2) {
      // A sender sets its source first and the latch second: if the source was taken in between, with the latch of
      // another, the sender's latch stands for nothing.
      if (n < 16 && atomics::load(o.sgi_sources[n]) == 0) {
        at.b.drop_taken(n);
        return false;
      }
    }
    return true;
  }

  void fold_one(vcpu_id v, owner& o, u32 r, lr_word now) {
    const u32 i = raw(format::id(now));
    place at = this->bank_at(v, i / 32);
    const lr_state was = format::state(o.lr[r]);
    const lr_state is = format::state(now);
    const bool acknowledged = has_pending(was) && !has_pending(is);
    o.lr[r] = now;
    spend(o, effort::to_fold);
    const u32 n = i % 32;
    if (is != lr_state::invalid) {
      if (acknowledged)
        at.b.acknowledge(n);
      else if (!has_active(is))
        at.b.clear_active(u32{1} << n);
      return;
    }
    o.used &= ~(u32{1} << r);
    if ((now & format::eoi) != 0 && (now & format::hw) == 0) put(v, o, r, 0);
    // LR.HW has ended the physical interrupt; it may have been forwarded again since, and taken back by ICPENDR.
    const bool changed = (atomics::load(o.maybe) >> at.index & 1) != 0;
    const bool may_be_left = (o.software_ends >> r & 1) != 0 || ((now & format::hw) != 0 && changed);
    o.software_ends &= ~(u32{1} << r);
    if (acknowledged)
      at.b.release_acknowledged(n);
    else
      at.b.release_ended(n);
    if (may_be_left) end_physical_if_over(v, at, n);
    settle(v, o, at, n);
  }

  /// EOIcount: the guest ended interrupts that are active but in no list register, the most urgent first: of four
  /// banks at most, so that an exit stays short. Nearly always it is one; more are carried out one an exit, which the
  /// host is asked for.
  [[gnu::noinline]] void count_ends(vcpu_id v, owner& o) {
    const u32 now = backend_.read_hcr(v);
    if (now >> hcr::eoicount_shift != 0) {
      backend_.write_hcr(v, o.armed);
      o.ends_owed += now >> hcr::eoicount_shift;
    }
    if (o.ends_owed != 0) carry_out_end(v, o);
  }
  /// Ends one of those.
  [[gnu::noinline]] void carry_out_end(vcpu_id v, owner& o) {
    u32 best_priority = 0x100;
    u32 best_index = 0;
    u32 best = 0;
    u32 looks = 4;
    for (u32 rest = o.strays; rest != 0 && looks != 0; rest &= rest - 1, --looks) {
      const u32 w = lowest(rest);
      place at = this->bank_at(v, w);
      const u32 top = at.b.urgent(unlisted_actives(v, at));
      if (top == 0) continue;
      if (const u32 q = this->priority_of(v, w, lowest(top)); q < best_priority) {
        best_priority = q;
        best_index = w;
        best = top & (~top + 1);
      }
    }
    o.ends_owed = best == 0 ? 0 : o.ends_owed - 1;
    if (o.ends_owed != 0) host_.kick(v);
    spend(o, effort::to_count_end);
    if (best == 0) return;
    place at = this->bank_at(v, best_index);
    at.b.clear_active(best);
    end_physical(v, at, lowest(best));
    this->changed(at, best);
  }
  /// Active interrupts of a bank that are in no list register, and this vCPU's to end.
  [[nodiscard]] u32 unlisted_actives(vcpu_id v, place at) {
    const u32 rest = atomics::load(at.b.active) & ~at.b.listed();
    return at.index == 0 ? rest : rest & this->routed_here(v, at.index, at.b);
  }

  /// Whether a list register was written.
  enum class compared : u8 { as_it_was, written };

  /// Compares list register `r`, which holds interrupt `n` of a bank, with the planes, and writes it where they differ.
  compared revalidate_one(vcpu_id v, owner& o, u32 r, place at, u32 n) {
    const u32 bit = u32{1} << n;
    planes p = at.b.read();
    lr_word w = o.lr[r];
    lr_state state = format::state(w);
    const bool linked = (w & format::hw) != 0 || (o.software_ends >> r & 1) != 0;

    // ISACTIVER and ICACTIVER from elsewhere show as a plane that differs from what we folded.
    if (has_active(state) && (p.active & bit) == 0)
      state = without_active(state);
    else if (!has_active(state) && (p.active & bit) != 0)
      state = with_active(state);

    // ICPENDR, or a line that fell.
    if (has_pending(state) && (pending(p) & bit) == 0) state = without_pending(state);

    const bool open = (forwarded(p, gates()) & bit) != 0 && !this->sleeps(o);
    const bool here = at.index == 0 || this->may_take(v, at.index, n, at.b);
    if (state == lr_state::pending && !(open && here)) {
      withdraw(v, o, r);
      return compared::written;
    }

    // Active and pending: only an edge that this vCPU may take again as soon as it ended, with the priority and group
    // that the list register has from its acknowledge. Any other pending part waits in the planes for the end.
    const bool sgi_with_source = s::is_v2 && at.index == 0 && n < 16;
    const lr_word attributes = attributes_of(o, at, n);
    bool behind = false;  // something is pending that this list register cannot hold beside what it has
    if (has_active(state)) {
      const bool both = (p.edge & bit) != 0 && open && here && !linked && !sgi_with_source &&
                        (w & (format::priority_mask | format::group1)) == attributes;
      if (both && (p.latch & bit) != 0) {
        state = lr_state::active_and_pending;
      } else if (!both) {
        if (sgi_with_source && has_pending(state)) return_source(o, n, w);
        state = lr_state::active;
        behind = open && (pending(p) & bit) != 0;
      }
    }
    if (has_pending(state) && (p.fresh & bit) != 0) {
      if (sgi_with_source)
        behind = !merge_source(o, at, n, w);
      else
        at.b.take_latch(n);
    }

    if (state == lr_state::invalid) {
      forget(v, o, r, at, n);
      return compared::written;
    }
    if ((w & format::hw) != 0 && (behind || (asserted(p) & bit) != 0)) end_by_software(o, r, w);
    if ((w & format::hw) == 0 && (behind || linked || (p.edge & bit) == 0)) w |= format::eoi;
    if (state == lr_state::pending) w = (w & ~(format::priority_mask | format::group1)) | attributes;
    w = format::state(w, state);
    if (w == o.lr[r]) return compared::as_it_was;
    put(v, o, r, w);
    return compared::written;
  }

 private:
  /// List register `r` holds nothing any more, by somebody else's doing.
  void forget(vcpu_id v, owner& o, u32 r, place at, u32 n) {
    const bool linked = (o.lr[r] & format::hw) != 0 || (o.software_ends >> r & 1) != 0;
    o.used &= ~(u32{1} << r);
    o.software_ends &= ~(u32{1} << r);
    put(v, o, r, 0);
    at.b.release(n);
    if (linked) end_physical_if_over(v, at, n);
    settle(v, o, at, n);
  }
};

}  // namespace vgic::detail
