// SPDX-License-Identifier: BSL-1.0
/// \file
/// A bank: the state of 32 interrupts as planes that lie side by side in one cache line.
#pragma once

#include <vgic/types.hpp>
#include <vgic/words.hpp>

namespace vgic {

/// Private interrupts are never signalled by messages, nor are those of a configuration without them.
enum class messages : u8 { none, possible };

/// State of 32 interrupts. With five priority bits it is 64 bytes.
///
/// `hold` pairs two planes because they change together: the low word is *listed* (the interrupt is in a list
/// register of one vCPU, which alone may take the bit away), the high word is *carried* (the latch that went into
/// that list register and is not acknowledged; it outlives *listed* when the list register is given up unacknowledged,
/// and anyone may clear it through ICPENDR).
template <class Atomics, u32 PriorityBits>
struct alignas(64) bank {
  template <class T>
  using cell = typename Atomics::template cell<T>;

  cell<u64> hold;
  cell<u32> latch;
  cell<u32> line;
  cell<u32> message;
  cell<u32> edge;
  cell<u32> enabled;
  cell<u32> group;
  cell<u32> active;
  cell<u32> any;
  cell<u32> linked;  ///< LR.HW: ends in the physical GIC too
  cell<u32> slices[PriorityBits];

  static constexpr u64 listed_bit(u32 bit) { return bit; }
  static constexpr u64 carried_bit(u32 bit) { return u64{bit} << 32; }

  [[nodiscard]] planes read() const {
    const u64 h = Atomics::load(hold);
    return {.latch = Atomics::load(latch),
            .carried = static_cast<u32>(h >> 32),
            .line = Atomics::load(line),
            .message = Atomics::load(message),
            .edge = Atomics::load(edge),
            .enabled = Atomics::load(enabled),
            .group = Atomics::load(group),
            .active = Atomics::load(active),
            .listed = static_cast<u32>(h),
            .any = Atomics::load(any)};
  }

  /// What ISPENDR reads: `pending(read())` without the planes that it does not need.
  template <messages M>
  [[nodiscard]] u32 pending_word() const {
    u32 level = Atomics::load(line);
    if constexpr (M == messages::possible) level |= Atomics::load(message);
    return static_cast<u32>(Atomics::load(hold) >> 32) | Atomics::load(latch) | (level & ~Atomics::load(edge));
  }

  [[nodiscard]] u32 listed() const { return static_cast<u32>(Atomics::load(hold)); }

  /// Narrows `candidates` to the most urgent ones.
  [[nodiscard]] u32 urgent(u32 candidates) const {
    return most_urgent<PriorityBits>(candidates, [this](u32 k) { return Atomics::load(slices[k]); });
  }

  /// ICPENDR: drops the latch, then what a list register carries of it. In this order: a claim sets *carried* first
  /// and takes the latch second, so whichever way the two interleave one of them sees the other.
  void clear_latched(u32 mask) {
    if ((Atomics::load(latch) & mask) != 0) Atomics::fetch_and(latch, ~mask);
    if ((Atomics::load(hold) & carried_bit(mask)) != 0) Atomics::fetch_and(hold, ~carried_bit(mask));
  }

  /// Takes interrupt `bit` for a list register of the calling vCPU; false if another vCPU has it. `carry` is `bit` if
  /// a latch goes along: one that was seen in the plane and is taken next (`take_latch`), or one that came just now
  /// and was never put there. `before` gets what `hold` was.
  [[nodiscard]] bool claim(u32 bit, u32 carry, u64& before) {
    before = Atomics::load(hold);
    do {
      if ((before & listed_bit(bit)) != 0) return false;
    } while (!Atomics::compare_exchange(hold, before, before | listed_bit(bit) | carried_bit(carry)));
    return true;
  }

  /// Moves the latch of a claimed interrupt to what its list register carries, *carried* being set already; `before`
  /// is `hold` as it was when that was set. An ICPENDR in the midst of it leaves one of two traces: the latch is gone,
  /// then nothing is carried; or *carried* is gone and a latch was there, which may be an edge that came after the
  /// ICPENDR: it is carried, because an edge is never lost. So an ICPENDR that meets a claim in the act may come too
  /// late; one before or after it does not.
  void take_latch(u32 bit, u64 before) {
    if ((Atomics::fetch_and(latch, ~bit) & bit) == 0) {
      if ((before & carried_bit(bit)) == 0) Atomics::fetch_and(hold, ~carried_bit(bit));
    } else if ((Atomics::load(hold) & carried_bit(bit)) == 0) {
      Atomics::fetch_or(hold, carried_bit(bit));
    }
  }

  /// Adds a latch that came while `bit` was listed to what its list register carries.
  void carry_latch(u32 bit) { take_latch(bit, Atomics::fetch_or(hold, carried_bit(bit))); }

  /// The list register of `bit` is given up: its interrupt ended, or goes back to the planes with what it carried.
  void release(u32 bit) { Atomics::fetch_and(hold, ~listed_bit(bit)); }
  void release_acknowledged(u32 bit) { Atomics::fetch_and(hold, ~(listed_bit(bit) | carried_bit(bit))); }
  void drop_carried(u32 bit) {
    if ((Atomics::load(hold) & carried_bit(bit)) != 0) Atomics::fetch_and(hold, ~carried_bit(bit));
  }
};

}  // namespace vgic
