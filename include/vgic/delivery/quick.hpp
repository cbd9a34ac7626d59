// SPDX-License-Identifier: BSL-1.0
/// \file
/// The owner's side of delivery where nothing is in the way, which is nearly always: interrupts that came and went
/// since the last entry; a single one that waits, and no other in a list register; several SPIs of one bank, and more
/// of them than list registers. What these do not answer goes to the general code (delivery/listing.hpp,
/// delivery/refill.hpp).
#pragma once

#include <vgic/delivery/refill.hpp>

namespace vgic::detail {

template <configuration C>
class quick : public refilling<C> {
 protected:
  using base = refilling<C>;
  using base::backend_;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::format;
  using typename base::lr_word;
  using typename base::owner;
  using typename base::place;
  using typename base::s;
  using typename base::taking;

  /// Entry with something to do.
  [[gnu::noinline]] void flush(vcpu_id v, owner& o) {
    if ((o.unlisted | o.used | o.refills | atomics::load(o.asleep)) != 0) [[unlikely]]
      return flush_more(v, o);
    const u32 seen = atomics::exchange(o.maybe, u32{0});
    atomics::order();
    // Whoever sets an interrupt active sets `strays` first: to be seen where its maybe bit was.
    if (((seen & (seen - 1)) | atomics::load(st_.strays)) != 0) [[unlikely]]
      return this->refill(v, o, seen);
    // The only bank to look at, and no list register in use.
    if (seen == 1) return flush_private(v, o);
    const u64 w = this->in_turn(u64{lowest(seen)});  // compilers would extend it anew for each address
    flush_bank<whose::nobody>(v, o, st_.spi[w - 1], w);
  }

  /// Folds what the guest did since the last entry from the list registers into the planes.
  [[gnu::noinline]] void fold(vcpu_id v, owner& o) {
    const u32 used = o.used;
    if ((used & (used - 1)) != 0) [[unlikely]]
      return fold_all(v, o);
    const u32 r = lowest(used);
    const lr_word now = backend_.read(v, lr_index{r});
    if (!came_and_went(o.lr[r], now) || (o.left.banks | o.strays | o.software_ends) != 0) [[unlikely]]
      return fold_all(v, o);
    o.used = 0;
    const u32 i = raw(format::id(now));
    if ((now & format::eoi) != 0) [[unlikely]]
      return level_ended(v, o, r, i);
    bank_type& b = i < 32 ? o.priv : this->spi_bank(i / 32).b;
    auto& word = b.moving[i / 16 % 2];
    b.release_acknowledged(i / 16 % 2, u64{1} << (i % 16));
    // The same word: needs no order. (Whoever sent another tells this vCPU, too; so it comes sooner.)
    if (progress{atomics::load(word) >> (i % 16)}.fresh()) [[unlikely]]
      this->settle(v, o, b, i / 32, i % 32);
  }

  /// What makes an interrupt pending.
  enum class pending_by : u8 { latch, level };
  /// Whose bank it is: a vCPU's own, that of SPIs, or what its index says.
  enum class whose : u8 { vcpu, nobody, by_index };

  /// Interrupt `n` of bank `w` just came, on the CPU that runs `v`, whose bank that is if it is a private one: lists it
  /// at once if `v` is its only target and nothing else waits. False, with nothing changed, where that is not so.
  template <pending_by By, whose Whose>
  [[nodiscard, gnu::always_inline]] inline bool list_directly(vcpu_id v, bank_type& b, u64 w, u32 n) {
    owner& o = vcpu(v);
    if ((atomics::load(o.maybe) | o.unlisted | o.left.banks | atomics::load(o.asleep) | atomics::load(st_.strays)) != 0)
      return false;
    if (Whose == whose::nobody && (atomics::load(o.routed[w - 1]) >> n & 1) == 0) return false;
    const u32 free = this->free_list_registers(o);
    if (free == 0) return false;
    auto& word = b.moving[n / 16];
    const u64 bit = u64{1} << (n % 16);
    u64 now = atomics::load(word);
    if ((now & (lanes::bits(lane::fresh, bit) | lanes::bits(lane::listed, bit))) != 0) return false;
    this->remember_bank(o, static_cast<u32>(w));
    const u64 then =
        now | lanes::bits(lane::listed, bit) | (By == pending_by::latch ? lanes::bits(lane::taken, bit) : 0);
    if (!atomics::compare_exchange(word, now, then)) return false;
    list_claimed<By, Whose>(v, o, b, w, n, lowest(free), {now >> (n % 16)});
    return true;
  }

 private:
  [[gnu::noinline]] void flush_private(vcpu_id v, owner& o) { flush_bank<whose::vcpu>(v, o, o.priv, 0); }

  /// Lists what waits in the only bank to look at. No list register is in use.
  template <whose Whose>
  [[gnu::always_inline]] inline void flush_bank(vcpu_id v, owner& o, bank_type& b, u64 w) {
    if (b.template inputs<base::message_lines>() != 0) [[unlikely]]
      return flush_level(v, o, b, static_cast<u32>(w));
    const u64 low = atomics::load(b.moving[0]);
    const u64 high = atomics::load(b.moving[1]);
    const u32 half = lanes::of(low, lane::fresh) == 0 ? 1 : 0;
    u64 now = half != 0 ? high : low;
    const u64 bit = lanes::of(now, lane::fresh);
    if (bit == 0) [[unlikely]]
      return this->forget_bank(o, static_cast<u32>(w));
    // The only latch, and not listed.
    if ((bit & (bit - 1)) != 0 || (half == 0 && lanes::of(high, lane::fresh) != 0) ||
        (now & lanes::bits(lane::listed, bit)) != 0) [[unlikely]]
      return Whose == whose::nobody ? flush_several(v, o, static_cast<u32>(w), u32{1} << w) : this->refill(v, o, 1);
    this->remember_bank(o, static_cast<u32>(w));
    if (!atomics::compare_exchange(b.moving[half], now, lanes::claimed_fresh(now, bit))) [[unlikely]]
      return this->refill(v, o, u32{1} << w);
    const u32 n = lowest(static_cast<u32>(bit));
    list_claimed<pending_by::latch, Whose>(v, o, b, w, n + 16 * half, 0, {now >> n});
  }

  /// As flush, where list registers are in use, or something waits for one. If much waits and nothing else happened,
  /// the most urgent of a bank that `left` remembers take the list registers that became free.
  [[gnu::noinline]] void flush_more(vcpu_id v, owner& o) {
    if (o.unlisted != 1 || (atomics::load(o.maybe) | o.strays | atomics::load(st_.strays)) != 0 || !knows_top(o))
      return this->refill(v, o, 0);
    flush_several(v, o, lowest(o.left.top), 0);
  }

  /// Several latches of bank `w`, and nothing in another one that is more urgent. If its maybe bit was `seen`, `left`
  /// is empty.
  [[gnu::noinline]] void flush_several(vcpu_id v, owner& o, u32 w, u32 seen) {
    const u32 held = o.used;
    if ((o.left.unknown | atomics::load(o.asleep) | atomics::load(o.comparing) | o.passed_over |
         this->closed_groups(v)) != 0)
      return this->refill(v, o, seen);
    while (o.spent < effort::most && top_up(v, o, w, seen)) {
      if (o.left.banks == 0 || this->free_list_registers(o) == 0) return filled(v, o, held);
      this->spend(o, effort::to_step);
      seen = 0;
      if (!knows_top(o)) break;
      w = lowest(o.left.top);
    }
    this->spend(o, effort::to_step);
    this->refill(v, o, seen);
  }
  /// Is it known which banks hold the most urgent that waits?
  [[nodiscard]] static bool knows_top(owner& o) {
    base::spend(o, base::find_top(o));
    return o.left.top != 0;
  }
  /// Nothing is left to list: what has to call back for what waits?
  [[gnu::always_inline]] inline void filled(vcpu_id v, owner& o, u32 held) {
    o.unlisted = 0;
    o.spent = 0;
    this->trace_refill(v, o);
    if (!armed_for(o, held)) this->arm(v, o, held, 0);
  }

  /// Is the CPU interface asked already to call back for what waits, if anything does? Then all list registers are in
  /// use, and what was listed beside `held` is only pending.
  [[nodiscard, gnu::always_inline]] static inline bool armed_for(const owner& o, u32 held) {
    constexpr u32 wanted = hcr::uie | hcr::npie;
    if (o.left.banks == 0) return o.refills == 0;
    if ((o.armed & (wanted | hcr::lrenpie)) != wanted || (held & (held - 1)) != 0) return false;
    return held == 0 || format::state(o.lr[lowest(held)]) != lr_state::active_and_pending;
  }

  /// Lists the most urgent that waits in bank `w`: SPIs of one half, by their latches. False where that is not what
  /// `left` says, which has the bank if it was not `seen`, or something is in the way: then there is still to refill.
  [[nodiscard, gnu::always_inline]] inline bool top_up(vcpu_id v, owner& o, u32 w, u32 seen) {
    if (w == 0) return false;
    bank_type& b = this->based(st_.spi[u64{w} - 1]);
    const u32 free = this->free_list_registers(o);
    if (b.template inputs<base::message_lines>() != 0 || atomics::load(b.any) != 0 || free == 0) return false;
    const u64 low = atomics::load(b.moving[0]);
    const u64 high = atomics::load(b.moving[1]);
    const u32 ready = lanes::plane(low & ~(low >> 32), high & ~(high >> 32), lane::fresh) & standing(o, b, w);
    // A level-sensitive one may wait by its latch, too: then the general code looks.
    if (ready == 0 || (ready & ~atomics::load(b.edge)) != 0) return false;
    const u32 top = b.urgent(ready);
    const u32 priority = this->priority_of(o, w, lowest(top));
    if (seen == 0 && priority != o.left.priority) return false;
    const u32 half = this->half_of(top);
    const u32 chosen = this->some_of(top, half, free);
    u64 now = half != 0 ? high : low;
    const u64 of16 = chosen >> (16 * half);
    if ((now & lanes::bits(lane::linked, of16)) != 0) return false;
    this->remember_bank(o, w);
    if (!atomics::compare_exchange(b.moving[half], now, lanes::claimed_fresh(now, of16))) return false;
    if (!list_chosen(v, o, b, w, chosen, free)) return false;
    if (const u32 behind = ready & ~chosen; behind == 0)
      o.left.drop(w);
    else if (top == chosen)
      o.left.note(w, this->priority_of(o, w, lowest(b.urgent(behind))));
    else if (seen != 0)
      o.left.note(w, priority);
    return true;
  }

  /// What of SPI bank `w` is this vCPU's to take, if it is pending.
  [[nodiscard, gnu::always_inline]] inline u32 standing(owner& o, const bank_type& b, u32 w) const {
    return atomics::load(b.enabled) & gated(atomics::load(b.group), gates()) & ~atomics::load(b.active) &
           atomics::load(o.routed[w - 1]);
  }

  /// Those interrupts of bank `w` were claimed by their latches: do they all still stand? Then into list registers of
  /// `free` with them.
  [[nodiscard, gnu::always_inline]] inline bool list_chosen(vcpu_id v, owner& o, bank_type& bank, u32 w, u32 chosen,
                                                            u32 free) {
    atomics::order();
    bank_type& b = this->based(bank);
    const u32 group = atomics::load(b.group);
    if ((chosen & ~(standing(o, b, w) & atomics::load(b.edge))) != 0 || atomics::load(b.any) != 0) [[unlikely]] {
      list_those_that_stand(v, o, b, w, chosen);
      return false;
    }
    this->put_claimed(v, o, w, chosen, free, group, ~u32{0});
    return true;
  }
  [[gnu::noinline]] void list_those_that_stand(vcpu_id v, owner& o, bank_type& b, u32 w, u32 claimed) {
    for (; claimed != 0; claimed &= claimed - 1, this->spend(o, effort::to_list_one))
      (void)this->finish_listing(v, o, {b, w, v}, lowest(claimed), taking::latch);
  }

  /// As flush, where inputs of the bank are high.
  [[gnu::noinline]] void flush_level(vcpu_id v, owner& o, bank_type& b, u32 w) {
    const u32 d = this->ready(v, {b, w, v}, gates());
    if (d == 0) return this->forget_bank(o, w);
    const u32 n = lowest(d);
    this->remember_bank(o, w);
    if ((d & (d - 1)) == 0 && b.claim(n, taking::latch))
      list_claimed<pending_by::level, whose::by_index>(v, o, b, w, n, 0, b.of(n));
    else
      this->refill(v, o, u32{1} << w);
  }

  /// The only interrupt of the list registers came and went, and is sampled again: it is level-sensitive.
  [[gnu::noinline]] void level_ended(vcpu_id v, owner& o, u32 r, u32 i) {
    this->put(v, o, r, 0);  // its end is not to be reported for ever
    place at = this->bank_at(v, i / 32);
    at.b.release_acknowledged(i / 16 % 2, u64{1} << (i % 16));
    atomics::order();
    if (this->is_pending(at.b, i % 32)) this->settle(v, o, at.b, at.index, i % 32);
  }

  /// The interrupt was claimed, its lanes were `word` before: does it still stand? Then into a list register with it.
  /// The order of the checks does not matter: where one fails the general code looks again. (A latch was claimed in the
  /// act; what becomes of it afterwards, its owner is told.)
  template <pending_by By, whose Whose>
  [[gnu::always_inline]] inline void list_claimed(vcpu_id v, owner& o, bank_type& b, u64 w, u32 n, u32 r,
                                                  progress word) {
    if (word.linked()) [[unlikely]]
      return list_unusual(v, o, b, static_cast<u32>(w), n);
    atomics::order();
    const bool is_private = Whose == whose::by_index ? w == 0 : Whose == whose::vcpu;
    const u32 group = atomics::load(b.group);
    u32 passes = this->in_turn(atomics::load(b.enabled) & gated(group, gates()));
    if (By == pending_by::latch)
      passes &= atomics::load(b.edge);
    else
      passes &= b.template asserted<base::message_lines>();
    if (!is_private) {
      passes = this->in_turn(passes & atomics::load(o.routed[w - 1]));
      // A route of GICv3 names one vCPU or any; a mask of GICv2 several.
      if constexpr (s::is_v2 && s::has_one_of_n) passes &= ~atomics::load(b.any);
    }
    bool usual = (passes >> n & 1) != 0;
    const bool has_source = s::is_v2 && is_private && n < 16;
    if (has_source) usual = usual && atomics::load(o.sgi_sources[n]) != 0;
    if (!usual) [[unlikely]]
      return list_unusual(v, o, b, static_cast<u32>(w), n);
    lr_word lr =
        static_cast<lr_word>(w * 32 + n) |
        format::priority_field(this->priority_in(is_private ? o.priorities : &st_.priorities[(w - 1) * 8], n)) |
        lr_word{group >> n & 1} * format::group1 | format::state(0, lr_state::pending);
    if (By == pending_by::level) lr |= format::eoi;  // sampled again when it ends
    if (has_source) lr = this->with_source(o, {b, 0, v}, n, lr);
    o.used |= u32{1} << r;
    this->put(v, o, r, lr);
    if constexpr (traces_listing<typename s::host>) host_.on_listed(v, intid{static_cast<u32>(w) * 32 + n});
  }
  [[gnu::noinline]] void list_unusual(vcpu_id v, owner& o, bank_type& b, u32 w, u32 n) {
    (void)this->finish_listing(v, o, {b, w, v}, n, taking::latch);
    if (o.unlisted != 0) this->refill(v, o, 0);
  }

  /// Is `now` what a list register shows whose interrupt, pending when it was written, was acknowledged and ended,
  /// which did not end in the physical GIC, and has none of the bits `neither`?
  [[nodiscard]] static constexpr bool came_and_went(lr_word was, lr_word now, lr_word neither = 0) {
    return now == (was ^ format::state(0, lr_state::pending)) &&
           (now & (format::state_mask | format::hw | neither)) == 0;
  }

  [[gnu::noinline]] void fold_all(vcpu_id v, owner& o) {
    o.spent = 0;
    // Interrupts of one word are released together.
    u32 word = 0;
    u32 ended = 0;
    u32 empty = 0;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      const lr_word now = backend_.read(v, lr_index{r});
      if (now == o.lr[r]) continue;
      if (!came_and_went(o.lr[r], now, format::eoi)) {
        this->fold_one(v, o, r, now);
        continue;
      }
      const u32 i = raw(format::id(now));
      if (i / 16 != word) {
        release(v, o, word, ended);
        word = i / 16;
        ended = 0;
      }
      ended |= u32{1} << (i % 16);
      empty |= u32{1} << r;
    }
    o.used &= ~empty;
    release(v, o, word, ended);
    if ((o.armed & hcr::lrenpie) != 0) this->count_ends(v, o);
    if ((o.left.banks | o.strays) != 0 && o.unlisted == 0)
      o.unlisted = 1;  // there is room, or other events have to be asked for
  }
  [[gnu::always_inline]] inline void release(vcpu_id v, owner& o, u32 word, u32 ended) {
    if (ended == 0) return;
    place at = this->bank_at(v, word / 2);
    at.b.release_acknowledged(word % 2, u64{ended});
    const u32 again = static_cast<u32>(atomics::load(at.b.moving[word % 2])) & ended;
    for (u32 rest = again; rest != 0; rest &= rest - 1)
      this->settle(v, o, at.b, at.index, lowest(rest) + 16 * (word % 2));
  }
};

}  // namespace vgic::detail
