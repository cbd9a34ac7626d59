// SPDX-License-Identifier: BSL-1.0
/// \file
/// A bank: the state of 32 interrupts as planes that lie side by side in one cache line.
#pragma once

#include <vgic/types.hpp>
#include <vgic/words.hpp>

namespace vgic {

/// Private interrupts are never signalled by messages, nor are those of a configuration without them.
enum class messages : u8 { none, possible };

/// The planes that change while an interrupt is on its way: latched, in a list register, taken by the guest. They are
/// lanes of one word, sixteen interrupts each, so that every step of an interrupt is one atomic change.
enum class lane : u8 {
  latch,   ///< an edge, an SGI or a write to ISPENDR that the guest has not acknowledged
  fresh,   ///< one that no list register has taken; a subset of *latch*
  listed,  ///< in a list register of one vCPU, which alone may take the bit away
  active,  ///< as ISACTIVER reads
};

/// The word of sixteen interrupts, all lanes.
struct lanes {
  /// Bits of interrupts `of16` (0..0xffff) in lane `l`.
  [[nodiscard]] static constexpr u64 bits(lane l, u32 of16) { return u64{of16} << (16 * static_cast<u32>(l)); }
  /// Bits of one lane.
  [[nodiscard]] static constexpr u32 of(u64 word, lane l) {
    return static_cast<u32>(word >> (16 * static_cast<u32>(l))) & 0xffff;
  }
};

/// The lanes of one interrupt.
struct progress {
  u64 word;  ///< `lanes`, shifted so that bit 0 of each is that interrupt's

  [[nodiscard]] constexpr bool latched() const { return (word & lanes::bits(lane::latch, 1)) != 0; }
  [[nodiscard]] constexpr bool fresh() const { return (word & lanes::bits(lane::fresh, 1)) != 0; }
  [[nodiscard]] constexpr bool listed() const { return (word & lanes::bits(lane::listed, 1)) != 0; }
  [[nodiscard]] constexpr bool active() const { return (word & lanes::bits(lane::active, 1)) != 0; }
  /// Neither in a list register nor active.
  [[nodiscard]] constexpr bool idle() const {
    return (word & (lanes::bits(lane::listed, 1) | lanes::bits(lane::active, 1))) == 0;
  }
};

/// State of 32 interrupts. With five priority bits it is 64 bytes.
template <class Atomics, u32 PriorityBits>
struct alignas(64) bank {
  template <class T>
  using cell = typename Atomics::template cell<T>;

  cell<u64> moving[2];  ///< lanes of interrupts 0..15 and 16..31
  cell<u32> line;
  cell<u32> message;
  cell<u32> edge;
  cell<u32> enabled;
  cell<u32> group;
  cell<u32> any;
  cell<u32> linked;  ///< LR.HW: ends in the physical GIC too
  cell<u32> slices[PriorityBits];

  /// One reading of a lane as a plane of 32 interrupts.
  template <lane L>
  [[nodiscard]] u32 plane() const {
    return lanes::of(Atomics::load(moving[0]), L) | lanes::of(Atomics::load(moving[1]), L) << 16;
  }
  [[nodiscard]] u32 latched() const { return plane<lane::latch>(); }
  [[nodiscard]] u32 fresh() const { return plane<lane::fresh>(); }
  [[nodiscard]] u32 listed() const { return plane<lane::listed>(); }
  [[nodiscard]] u32 active() const { return plane<lane::active>(); }

  [[nodiscard]] planes read() const {
    const u64 low = Atomics::load(moving[0]);
    const u64 high = Atomics::load(moving[1]);
    const auto both = [&](lane l) { return lanes::of(low, l) | lanes::of(high, l) << 16; };
    return {.latch = both(lane::latch),
            .fresh = both(lane::fresh),
            .line = Atomics::load(line),
            .message = Atomics::load(message),
            .edge = Atomics::load(edge),
            .enabled = Atomics::load(enabled),
            .group = Atomics::load(group),
            .active = both(lane::active),
            .listed = both(lane::listed),
            .any = Atomics::load(any)};
  }

  /// What ISPENDR reads: `pending(read())` without the planes that it does not need.
  template <messages M>
  [[nodiscard]] u32 pending_word() const {
    return latched() | asserted<M>();
  }

  /// Where interrupt `n` is on its way.
  [[nodiscard]] progress of(u32 n) const { return {Atomics::load(moving[n / 16]) >> (n % 16)}; }
  /// Interrupts that are asserted and level-sensitive.
  template <messages M>
  [[nodiscard]] u32 asserted() const {
    u32 level = Atomics::load(line);
    if constexpr (M == messages::possible) level |= Atomics::load(message);
    return level & ~Atomics::load(edge);
  }

  /// Narrows `candidates` to the most urgent ones.
  [[nodiscard]] u32 urgent(u32 candidates) const {
    return most_urgent<PriorityBits>(candidates, [this](u32 k) { return Atomics::load(slices[k]); });
  }

  /// Is any of the 32 in a list register? Costs less than `listed()`.
  [[nodiscard]] bool any_listed() const {
    return lanes::of(Atomics::load(moving[0]) | Atomics::load(moving[1]), lane::listed) != 0;
  }

  /// Sets or clears a lane of the interrupts of `mask`. Latches have steps of their own.
  template <lane L>
  void set(u32 mask) {
    if (const u32 m = mask & 0xffff; m != 0) Atomics::fetch_or(moving[0], lanes::bits(L, m));
    if (const u32 m = mask >> 16; m != 0) Atomics::fetch_or(moving[1], lanes::bits(L, m));
  }
  template <lane L>
  void clear(u32 mask) {
    if (const u32 m = mask & 0xffff; m != 0) Atomics::fetch_and(moving[0], ~lanes::bits(L, m));
    if (const u32 m = mask >> 16; m != 0) Atomics::fetch_and(moving[1], ~lanes::bits(L, m));
  }

  /// Interrupt `n` (0..31) is latched; where it was on its way before.
  progress latch(u32 n) { return {Atomics::fetch_or(moving[n / 16], latch_bits(u32{1} << (n % 16))) >> (n % 16)}; }
  /// ISPENDR.
  void latch_all(u32 mask) {
    if (const u32 m = mask & 0xffff; m != 0) Atomics::fetch_or(moving[0], latch_bits(m));
    if (const u32 m = mask >> 16; m != 0) Atomics::fetch_or(moving[1], latch_bits(m));
  }
  /// ICPENDR: latches go, those that list registers have taken as well, in one step each sixteen interrupts.
  void unlatch_all(u32 mask) {
    if (const u32 m = mask & 0xffff; m != 0) Atomics::fetch_and(moving[0], ~latch_bits(m));
    if (const u32 m = mask >> 16; m != 0) Atomics::fetch_and(moving[1], ~latch_bits(m));
  }

  /// How a claim treats latches.
  enum class taking : u8 {
    latch,   ///< a latch goes along if there is one
    edge,    ///< one that came just now and was never put into the plane goes along
    active,  ///< none: the list register will show the interrupt as active only
  };

  /// Takes interrupt `n` for a list register of the calling vCPU; false if another vCPU has it.
  [[nodiscard]] bool claim(u32 n, taking t) {
    const u32 bit = u32{1} << (n % 16);
    const u64 listed_bit = lanes::bits(lane::listed, bit);
    const u64 taken = t != taking::active ? lanes::bits(lane::fresh, bit) : 0;
    const u64 new_latch = t == taking::edge ? lanes::bits(lane::latch, bit) : 0;
    auto& word = moving[n / 16];
    u64 now = Atomics::load(word);
    do {
      if ((now & listed_bit) != 0) return false;
    } while (!Atomics::compare_exchange(word, now, (now & ~taken) | listed_bit | new_latch));
    return true;
  }

  /// A latch that came while `n` was listed is its list register's from now on.
  void take_latch(u32 n) { Atomics::fetch_and(moving[n / 16], ~lanes::bits(lane::fresh, u32{1} << (n % 16))); }
  /// The guest took `n`: it is active, and what its list register had of a latch is over.
  void acknowledge(u32 n) { step(n, 0, lanes::bits(lane::active, u32{1} << (n % 16))); }
  /// The latch that the list register of `n` has is over.
  void drop_taken(u32 n) { step(n, 0, 0); }
  /// The list register of `n` is given up: its interrupt goes back to the planes.
  void release(u32 n) { Atomics::fetch_and(moving[n / 16], ~lanes::bits(lane::listed, u32{1} << (n % 16))); }
  /// It ended, and was acknowledged before.
  void release_ended(u32 n) {
    const u32 bit = u32{1} << (n % 16);
    Atomics::fetch_and(moving[n / 16], ~(lanes::bits(lane::listed, bit) | lanes::bits(lane::active, bit)));
  }
  /// It was acknowledged and ended. Where it is then: latched again, if a latch came since.
  progress release_acknowledged(u32 n) {
    const u32 bit = u32{1} << (n % 16);
    return step(n, lanes::bits(lane::listed, bit) | lanes::bits(lane::active, bit), 0);
  }

 private:
  [[nodiscard]] static constexpr u64 latch_bits(u32 of16) {
    return lanes::bits(lane::latch, of16) | lanes::bits(lane::fresh, of16);
  }

  /// One step of interrupt `n`: bits go and come, and a latch that is not fresh goes.
  progress step(u32 n, u64 gone, u64 come) {
    const u64 fresh_bit = lanes::bits(lane::fresh, u32{1} << (n % 16));
    const u64 latch_bit = lanes::bits(lane::latch, u32{1} << (n % 16));
    auto& word = moving[n / 16];
    u64 now = Atomics::load(word);
    u64 then;
    do {
      then = (now & ~gone) | come;
      if ((now & fresh_bit) == 0) then &= ~latch_bit;
    } while (!Atomics::compare_exchange(word, now, then));
    return {then >> (n % 16)};
  }
};

}  // namespace vgic
