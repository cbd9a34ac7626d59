// SPDX-License-Identifier: BSL-1.0
/// \file
/// The owner's side of delivery where nothing is in the way, which is nearly always: an interrupt that came and went
/// since the last entry; one bank to look at, and room for all that it holds. What these do not answer is left, with
/// nothing changed, to the general code (delivery/listing.hpp, delivery/entry.hpp).
#pragma once

#include <vgic/delivery/listing.hpp>

namespace vgic::detail {

template <configuration C>
class quick : public listing<C> {
 protected:
  using base = listing<C>;
  using base::backend_;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::format;
  using typename base::lr_word;
  using typename base::owner;
  using typename base::place;
  using typename base::s;
  using typename base::taking;

  /// Folds what the guest did since the last entry from the list registers into the planes.
  [[gnu::noinline]] void fold(vcpu_id v) {
    owner& o = vcpu(v);
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      const lr_word now = backend_.read(v, lr_index{r});
      const lr_word was = o.lr[r];
      if (now == was) continue;
      if ((now ^ was) == taken_and_ended && (was & (format::state_mask | format::hw)) == taken_and_ended &&
          (o.software_ends >> r & 1) == 0) [[likely]]
        ended(v, o, r, now);
      else
        this->fold_one(v, o, r, now);
    }
    if (o.used == 0 && atomics::load(o.mine) != 0) atomics::store(o.mine, u32{0});
    if ((o.armed & hcr::lrenpie) != 0) this->count_ends(v, o);
  }

  /// Lists all that waits for `v` in bank `w`, if there is room for it: then no priorities need comparing. False if
  /// there is not, or if there is more to it.
  [[nodiscard, gnu::always_inline]] inline bool list_all_of(vcpu_id v, owner& o, u32 w) {
    return w == 0 ? list_private(v, o) : list_spis(v, o, w);
  }

 private:
  [[nodiscard, gnu::noinline]] bool list_private(vcpu_id v, owner& o) {
    auto& b = st_.priv[raw(v)];
    const u64 low = atomics::load(b.moving[0]);
    const u64 high = atomics::load(b.moving[1]);
    const u32 d = ready(b, low, high) & ~busy(low, high);
    return list_these(v, o, {b, 0, v}, d, low, high);
  }
  [[nodiscard, gnu::noinline]] bool list_spis(vcpu_id v, owner& o, u32 w) {
    auto& b = st_.spi[w - 1];
    const u64 low = atomics::load(b.moving[0]);
    const u64 high = atomics::load(b.moving[1]);
    const u32 d = ready(b, low, high) & ~busy(low, high) & this->routed_here(v, w, atomics::load(b.group), b);
    return list_these(v, o, {b, w, v}, d, low, high);
  }

  template <class Bank>
  [[nodiscard, gnu::always_inline]] inline u32 ready(const Bank& b, u64 low, u64 high) const {
    return (both(low, high) | b.template asserted<base::message_lines>()) & atomics::load(b.enabled) &
           gated(atomics::load(b.group), gates());
  }
  [[nodiscard]] static constexpr u32 busy(u64 low, u64 high) {
    return both(low >> 32 | low >> 48, high >> 32 | high >> 48);
  }

  [[nodiscard, gnu::always_inline]] inline bool list_these(vcpu_id v, owner& o, place at, u32 d, u64 low, u64 high) {
    if (atomics::load(st_.strays) != 0 && (has_strays(low) || has_strays(high))) [[unlikely]]
      return false;
    if (d == 0) return true;
    if ((d & (d - 1)) != 0) return list_several(v, o, at, d);
    if (this->free_list_registers(o) == 0) [[unlikely]]
      return false;
    const u32 n = lowest(d);
    list_pending(v, o, at, n, n < 16 ? low : high);
    return true;
  }
  [[nodiscard, gnu::noinline]] bool list_several(vcpu_id v, owner& o, place at, u32 d) {
    u32 room = this->free_list_registers(o);
    for (u32 rest = d; rest != 0; rest &= rest - 1) {
      if (room == 0) return false;
      room &= room - 1;
    }
    for (; d != 0; d &= d - 1) {
      const u32 n = lowest(d);
      list_pending(v, o, at, n, atomics::load(at.b.moving[n / 16]));
    }
    return true;
  }

  /// What a list register differs in when the guest has acknowledged and ended its interrupt.
  static constexpr lr_word taken_and_ended = format::state(0, lr_state::pending);

  /// The lowest sixteen bits of each, side by side.
  [[nodiscard]] static constexpr u32 both(u64 low, u64 high) {
    return (static_cast<u32>(low) & 0xffff) | static_cast<u32>(high) << 16;
  }
  /// Is anything active that is in no list register?
  [[nodiscard]] static constexpr bool has_strays(u64 words) {
    return (lanes::of(words, lane::active) & ~lanes::of(words, lane::listed)) != 0;
  }

  [[gnu::always_inline]] inline void ended(vcpu_id v, owner& o, u32 r, lr_word now) {
    const u32 i = raw(format::id(now));
    const u32 n = i % 32;
    place at = this->bank_at(v, i / 32);
    o.used &= ~(u32{1} << r);
    o.lr[r] = now;
    // A latch came since, or it may be a level that is still high (others have no maintenance interrupt).
    if (at.b.release_acknowledged(n).latched() || (now & format::eoi) != 0) [[unlikely]]
      ended_for_now(v, o, r, at, n);
  }

  [[gnu::noinline]] void ended_for_now(vcpu_id v, owner& o, u32 r, place at, u32 n) {
    if ((o.lr[r] & format::eoi) != 0) this->put(v, o, r, 0);
    this->settle(v, o, at, n);
  }

  /// As listing::stands, of one that was pending in the word that it was claimed in.
  [[nodiscard, gnu::always_inline]] inline bool still_stands(vcpu_id v, place at, u32 n, u64 latched) {
    if (!this->is_forwarded(at, n)) return false;
    if (latched == 0 && (at.b.template asserted<base::message_lines>() >> n & 1) == 0) return false;
    return at.index == 0 || this->may_take(v, at.index, n, atomics::load(at.b.group));
  }
  [[gnu::noinline]] void give_back(vcpu_id v, owner& o, place at, u32 n) {
    at.b.release(n);
    if (at.index != 0 && !this->may_take(v, at.index, n, atomics::load(at.b.group)))
      this->forget_stale_route(v, at.index, n, u32{1} << n);
    this->settle(v, o, at, n);
  }

  /// `list` of a pending interrupt, whose lanes were `word` when they were looked at.
  [[gnu::always_inline]] inline void list_pending(vcpu_id v, owner& o, place at, u32 n, u64 word) {
    if (s::is_v2 && at.index == 0 && n < 16) {  // its source goes along
      this->list(v, o, at, n, taking::latch);
      return;
    }
    const u32 bank_bit = u32{1} << at.index;
    if (const u32 mine = atomics::load(o.mine); (mine & bank_bit) == 0) atomics::store(o.mine, mine | bank_bit);
    const u32 bit = u32{1} << (n % 16);
    const u64 claimed = (word & ~lanes::bits(lane::fresh, bit)) | lanes::bits(lane::listed, bit);
    const u64 taken = lanes::bits(lane::listed, bit) | lanes::bits(lane::active, bit);
    if ((word & taken) != 0 || !atomics::compare_exchange(at.b.moving[n / 16], word, claimed)) [[unlikely]] {
      this->list(v, o, at, n, taking::latch);  // something else in this word has moved
      return;
    }
    atomics::order();
    if (!still_stands(v, at, n, claimed & lanes::bits(lane::latch, bit))) [[unlikely]]
      return give_back(v, o, at, n);
    const u32 r = lowest(this->free_list_registers(o));
    lr_word w = this->compose(v, at, n, lr_state::pending);
    o.used |= u32{1} << r;
    if constexpr (host_ends_interrupts<typename s::host>)
      if ((w & format::hw) != 0 && !host_.ends_in_hardware(v, intid{at.index * 32 + n})) this->end_by_software(o, r, w);
    this->put(v, o, r, w);
    if constexpr (traces_listing<typename s::host>) host_.on_listed(v, intid{at.index * 32 + n});
  }
};

}  // namespace vgic::detail
