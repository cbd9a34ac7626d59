// SPDX-License-Identifier: BSL-1.0
/// \file
/// A bank: the state of 32 interrupts as planes that lie side by side in one cache line.
#pragma once

#include <vgic/types.hpp>
#include <vgic/words.hpp>

namespace vgic {

/// Private interrupts are never signalled by messages, nor are those of a configuration without them.
enum class messages : u8 { none, possible };

/// The planes that change while an interrupt is on its way. They are lanes of one word, sixteen interrupts each, so
/// that every step of an interrupt is one atomic change.
enum class lane : u8 {
  fresh,   ///< latched (an edge, an SGI, a write to ISPENDR), and no list register has taken the latch
  taken,   ///< latched, and a list register has it, which the guest has not acknowledged; a subset of *listed*
  listed,  ///< in a list register of one vCPU, which alone may take the bit away
  linked,  ///< LR.HW: ends in the physical GIC too; only the host changes it
};

/// The word of sixteen interrupts, all lanes.
struct lanes {
  /// Bits of interrupts `of16` (0..0xffff) in lane `l`.
  [[nodiscard]] static constexpr u64 bits(lane l, u64 of16) { return of16 << (16 * static_cast<u32>(l)); }
  /// Bits of one lane.
  [[nodiscard]] static constexpr u32 of(u64 word, lane l) {
    return static_cast<u32>(word >> (16 * static_cast<u32>(l))) & 0xffff;
  }
  /// One lane of the words of interrupts 0..15 and 16..31 as a plane.
  [[nodiscard]] static constexpr u32 plane(u64 low, u64 high, lane l) { return of(low, l) | of(high, l) << 16; }

  /// The word after list registers have taken the interrupts `of16`, with their latches: fresh ones become taken.
  [[nodiscard]] static constexpr u64 claimed(u64 word, u64 of16) {
    const u64 latches = word & of16;
    return (word ^ latches) | latches << 16 | bits(lane::listed, of16);
  }
  /// The same of interrupts that are fresh all, and not listed.
  [[nodiscard]] static constexpr u64 claimed_fresh(u64 word, u64 of16) {
    return word ^ (bits(lane::fresh, of16) | bits(lane::taken, of16) | bits(lane::listed, of16));
  }
  static_assert(static_cast<u32>(lane::fresh) == 0 && static_cast<u32>(lane::taken) == 1);
};

/// The lanes of one interrupt.
struct progress {
  u64 word;  ///< `lanes`, shifted so that bit 0 of each is that interrupt's

  [[nodiscard]] constexpr bool has(lane l) const { return (word & lanes::bits(l, 1)) != 0; }
  [[nodiscard]] constexpr bool fresh() const { return has(lane::fresh); }
  [[nodiscard]] constexpr bool listed() const { return has(lane::listed); }
  [[nodiscard]] constexpr bool linked() const { return has(lane::linked); }
  [[nodiscard]] constexpr bool latched() const {
    return (word & (lanes::bits(lane::fresh, 1) | lanes::bits(lane::taken, 1))) != 0;
  }
};

/// State of 32 interrupts. With five priority bits it is 64 bytes.
template <class Atomics, u32 PriorityBits>
struct alignas(64) bank {
  template <class T>
  using cell = typename Atomics::template cell<T>;

  cell<u64> moving[2];  ///< lanes of interrupts 0..15 and 16..31
  cell<u32> active;     ///< ISACTIVER, as of the last exit of the vCPU that holds it
  cell<u32> line;
  cell<u32> message;
  cell<u32> edge;
  cell<u32> enabled;
  cell<u32> group;
  cell<u32> any;
  cell<u32> slices[PriorityBits];

  /// One reading of a lane as a plane of 32 interrupts.
  template <lane L>
  [[nodiscard]] u32 plane() const {
    const u64 low = Atomics::load(moving[0]);
    return lanes::plane(low, Atomics::load(moving[1]), L);
  }
  [[nodiscard]] u32 fresh() const { return plane<lane::fresh>(); }
  [[nodiscard]] u32 listed() const { return plane<lane::listed>(); }
  [[nodiscard]] u32 linked() const { return plane<lane::linked>(); }
  [[nodiscard]] u32 latched() const {
    const u64 low = Atomics::load(moving[0]);
    const u64 high = Atomics::load(moving[1]);
    return lanes::plane(low | low >> 16, high | high >> 16, lane::fresh);
  }

  [[nodiscard]] planes read() const {
    const u64 low = Atomics::load(moving[0]);
    const u64 high = Atomics::load(moving[1]);
    return {.latch = lanes::plane(low | low >> 16, high | high >> 16, lane::fresh),
            .fresh = lanes::plane(low, high, lane::fresh),
            .line = Atomics::load(line),
            .message = Atomics::load(message),
            .edge = Atomics::load(edge),
            .enabled = Atomics::load(enabled),
            .group = Atomics::load(group),
            .active = Atomics::load(active),
            .listed = lanes::plane(low, high, lane::listed),
            .any = Atomics::load(any)};
  }

  /// Where interrupt `n` is on its way.
  [[nodiscard]] progress of(u32 n) const { return {Atomics::load(moving[n / 16]) >> (n % 16)}; }

  /// Inputs and messages that are high, of edge-triggered interrupts too.
  template <messages M>
  [[nodiscard, gnu::always_inline]] inline u32 inputs() const {
    if constexpr (M == messages::possible)
      return Atomics::load(line) | Atomics::load(message);
    else
      return Atomics::load(line);
  }
  /// Interrupts that are asserted and level-sensitive.
  template <messages M>
  [[nodiscard, gnu::always_inline]] inline u32 asserted() const {
    return inputs<M>() & ~Atomics::load(edge);
  }
  /// What ISPENDR reads: `pending(read())` without the planes that it does not need.
  template <messages M>
  [[nodiscard, gnu::always_inline]] inline u64 pending_word() const {
    const u64 latches = (Atomics::load(moving[0]) | Atomics::load(moving[1])) << 32;  // the two lower lanes
    if (latches == 0) [[likely]]
      return asserted<M>();
    return some_pending<M>();
  }
  template <messages M>
  [[nodiscard, gnu::noinline]] u64 some_pending() const {
    return latched() | asserted<M>();
  }

  /// Narrows `candidates` to the most urgent ones.
  [[nodiscard]] u32 urgent(u32 candidates) const {
    return most_urgent<PriorityBits>(candidates, [this](u32 k) { return Atomics::load(slices[k]); });
  }

  /// Are interrupts of `mask` in list registers?
  [[nodiscard]] bool any_listed(u32 mask) const { return (listed() & mask) != 0; }
  /// Is any of the 32? Costs less.
  [[nodiscard, gnu::always_inline]] inline bool any_listed() const {
    return lanes::of(Atomics::load(moving[0]) | Atomics::load(moving[1]), lane::listed) != 0;
  }

  /// Interrupt `n` (0..31) is latched.
  void latch(u32 n) { Atomics::fetch_or(moving[n / 16], lanes::bits(lane::fresh, u64{1} << (n % 16))); }
  /// ISPENDR.
  void latch_all(u32 mask) {
    each_half(mask, [](cell<u64>& word, u64 of16) { Atomics::fetch_or(word, lanes::bits(lane::fresh, of16)); });
  }
  /// ICPENDR: latches go, those that list registers have taken as well, in one step each sixteen interrupts.
  void unlatch_all(u32 mask) {
    each_half(mask, [](cell<u64>& word, u64 of16) {
      Atomics::fetch_and(word, ~(lanes::bits(lane::fresh, of16) | lanes::bits(lane::taken, of16)));
    });
  }
  /// The host's link to a physical interrupt.
  void link(u32 n) { Atomics::fetch_or(moving[n / 16], lanes::bits(lane::linked, u64{1} << (n % 16))); }

  /// How a claim treats latches.
  enum class taking : u8 {
    latch,   ///< a latch goes along if there is one
    active,  ///< none: the list register will show the interrupt as active only
  };

  /// Takes interrupt `n` for a list register of the calling vCPU; false if another vCPU has it.
  [[nodiscard]] bool claim(u32 n, taking t) {
    const u64 bit = u64{1} << (n % 16);
    auto& word = moving[n / 16];
    u64 now = Atomics::load(word);
    u64 then;
    do {
      if ((now & lanes::bits(lane::listed, bit)) != 0) return false;
      then = t == taking::active ? now | lanes::bits(lane::listed, bit) : lanes::claimed(now, bit);
    } while (!Atomics::compare_exchange(word, now, then));
    return true;
  }

  /// A latch that came while `n` was listed is its list register's from now on.
  void take_latch(u32 n) {
    const u64 bit = u64{1} << (n % 16);
    step(moving[n / 16], [bit](u64 now) { return (now & bit) != 0 ? (now ^ bit) | bit << 16 : now; });
  }
  /// The guest took `n`: it is active, and what its list register had of a latch is over.
  void acknowledge(u32 n) {
    Atomics::fetch_or(active, u32{1} << n);
    drop_taken(n);
  }
  /// The latch that the list register of `n` has is over.
  void drop_taken(u32 n) { Atomics::fetch_and(moving[n / 16], ~lanes::bits(lane::taken, u64{1} << (n % 16))); }
  /// The list register of `n` is given up: its interrupt goes back to the planes, with the latch it had taken.
  void release(u32 n) {
    const u64 bit = u64{1} << (n % 16);
    const u64 taken = lanes::bits(lane::taken, bit);
    step(moving[n / 16], [bit, taken](u64 now) {
      return (now & ~(taken | lanes::bits(lane::listed, bit))) | ((now & taken) != 0 ? bit : 0);
    });
  }
  /// It ended, and was acknowledged before; a latch behind it goes back to the planes. *active* goes first: while
  /// *listed* is there nobody else takes it.
  void release_ended(u32 n) {
    clear_active(u32{1} << n);
    release(n);
  }
  /// It ended, and was acknowledged since it was listed.
  void release_acknowledged(u32 n) {
    clear_active(u32{1} << n);
    release_acknowledged(n / 16, u64{1} << (n % 16));
  }
  /// Those interrupts of half `half` ended, were acknowledged since they were listed, and were not active before.
  void release_acknowledged(u32 half, u64 of16) {
    Atomics::fetch_and(moving[half], ~(lanes::bits(lane::taken, of16) | lanes::bits(lane::listed, of16)));
  }

  void set_active(u32 mask) { Atomics::fetch_or(active, mask); }
  void clear_active(u32 mask) {
    if ((Atomics::load(active) & mask) != 0) Atomics::fetch_and(active, ~mask);
  }

 private:
  template <class F>
  void each_half(u32 mask, F f) {
    if ((mask & 0xffff) != 0) f(moving[0], u64{mask & 0xffff});
    if (mask >> 16 != 0) f(moving[1], u64{mask >> 16});
  }
  template <class F>
  static void step(cell<u64>& word, F next) {
    u64 now = Atomics::load(word);
    while (!Atomics::compare_exchange(word, now, next(now))) {
    }
  }
};

}  // namespace vgic
