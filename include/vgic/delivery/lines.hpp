// SPDX-License-Identifier: BSL-1.0
/// \file
/// How interrupts come in: lines of devices, messages, physical interrupts, and software-generated ones.
#pragma once

#include <vgic/delivery/entry.hpp>
#include <vgic/result.hpp>

namespace vgic::detail {

template <configuration C>
class lines : public entering<C> {
 protected:
  using base = entering<C>;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::place;
  using typename base::s;
  using typename base::taking;

  /// An input goes high. An edge-triggered interrupt latches the transition, also while it is disabled or active.
  void raise_line(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::fetch_or(at.b.line, bit) & bit) != 0) return;
    if ((atomics::load(at.b.edge) & bit) != 0)
      latch_now(at, n);
    else
      deliver(at, n);
  }

  /// An input goes low. A level-sensitive interrupt that a list register shows as pending must go; one that is active
  /// there has no pending part.
  void lower_line(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::fetch_and(at.b.line, ~bit) & bit) == 0) return;
    withdraw_level(at, bit);
  }

  /// A latched event: an edge, an SGI, a forwarded physical interrupt. Several before the guest acknowledges are one.
  void latch_now(place at, u32 n) {
    if (const vcpu_id v = host_.current(); raw(v) < st_.vcpus && this->lists_directly(v) && goes_to(v, at, n)) {
      const progress now = at.b.of(n);
      if (now.idle() && !this->is_pending(at, n) && this->is_forwarded(at, n) &&
          this->list_directly(v, at, n, taking::edge))
        return;
    }
    // Always the RMW: it orders what the device has written before whoever takes the interrupt.
    if (at.b.latch(n).fresh()) return;
    deliver(at, n);
  }

  /// GICD_SETSPI_NSR, GICD_CLRSPI_NSR (IHI 0069): edge-triggered: sets or clears the latch; level-sensitive: a level of
  /// its own.
  void set_message(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::load(at.b.edge) & bit) != 0) {
      latch_now(at, n);
    } else if ((atomics::fetch_or(at.b.message, bit) & bit) == 0) {
      deliver(at, n);
    }
  }
  void clear_message(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::load(at.b.edge) & bit) != 0) {
      clear_pending(at, bit);
    } else if ((atomics::fetch_and(at.b.message, ~bit) & bit) != 0) {
      withdraw_level(at, bit);
    }
  }

  /// ICPENDR: drops latches; the level of an input stays.
  void clear_pending(place at, u32 mask) {
    const planes before = at.b.read();
    at.b.unlatch_all(mask);
    atomics::order();
    const planes p = at.b.read();
    if ((p.listed & mask) != 0) this->recheck(at);
    // A forwarded physical interrupt that will not be taken any more has to end in the physical GIC.
    for (u32 gone = pending(before) & ~pending(p) & ~p.listed & ~p.active & mask & atomics::load(at.b.linked);
         gone != 0; gone &= gone - 1)
      this->end_physical(owner_of(at), at, lowest(gone));
  }

  /// SGI `n` (0..15) to vCPU `to`. `source` counts on GICv2 only.
  void send_sgi(vcpu_id from, vcpu_id to, u32 n) {
    if constexpr (traces_sgis<typename s::host>) host_.on_sgi(from, to, sgi(n));
    place at = this->private_bank(to);
    if constexpr (s::is_v2) {
      const u8 source = static_cast<u8>(1u << raw(from));
      // The source is there before the latch: whoever takes the latch finds it.
      if ((atomics::load(vcpu(to).sgi_sources[n]) & source) != 0 && at.b.of(n).fresh()) return;
      atomics::fetch_or(vcpu(to).sgi_sources[n], source);
      at.b.latch(n);
      deliver(at, n);
    } else {
      // The guest's barrier before its write to the SGI register orders its stores before this look.
      if (at.b.of(n).fresh()) return;
      if (host_.current() == to) [[unlikely]]
        return latch_now(at, n);
      at.b.latch(n);
      atomics::order();
      const progress now = at.b.of(n);
      if (!now.active() && !now.listed() ? this->is_forwarded(at, n) : now.listed()) this->poke(to, 1);
    }
  }

 private:
  [[nodiscard]] vcpu_id target(place at, u32 n) {
    return at.index == 0 ? at.owner : this->target_of(at.index, n, atomics::load(at.b.group));
  }
  [[nodiscard]] bool goes_to(vcpu_id v, place at, u32 n) {
    return at.index == 0 ? at.owner == v : this->may_take(v, at.index, n, atomics::load(at.b.group));
  }
  [[nodiscard]] vcpu_id owner_of(place at) { return at.index == 0 ? at.owner : host_.current(); }

  /// Something made interrupt `n` pending: to a list register at once if its target runs here, else through maybe.
  void deliver(place at, u32 n) {
    atomics::order();
    const progress now = at.b.of(n);
    if (now.listed()) {
      if (now.fresh()) this->recheck(at);  // its list register may hold it as active: add the new event behind it
      return;
    }
    if (now.active() || !this->is_pending(at, n) || !this->is_forwarded(at, n)) return;
    const vcpu_id v = target(at, n);
    if (v == no_vcpu) return;
    if (v == host_.current() && this->lists_directly(v) && this->list_directly(v, at, n, taking::latch)) return;
    this->poke(v, u32{1} << at.index);
  }

  void withdraw_level(place at, u32 bit) {
    atomics::order();
    const planes p = at.b.read();
    if ((p.listed & ~p.active & ~p.latch & ~asserted(p) & bit) != 0) this->recheck(at);
  }
};

}  // namespace vgic::detail
