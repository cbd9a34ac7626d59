// SPDX-License-Identifier: BSL-1.0
/// \file
/// How interrupts come in: lines of devices, messages, physical interrupts, and software-generated ones.
#pragma once

#include <vgic/delivery/quick.hpp>
#include <vgic/result.hpp>

namespace vgic::detail {

template <configuration C>
class lines : public quick<C> {
 protected:
  using base = quick<C>;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::place;
  using typename base::s;
  using by = typename base::pending_by;
  using whose = typename base::whose;

  // What comes in cannot fail; `ok` is returned so that the host's call ends in the last of these calls.

  /// An input goes high. An edge-triggered interrupt latches the transition, also while it is disabled or active.
  result raise_line(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::load(at.b.line) & bit) != 0) return result::ok;
    atomics::fetch_or(at.b.line, bit);
    return (atomics::load(at.b.edge) & bit) != 0 ? latch(at, n) : rose(at.b, at.index, at.owner, n);
  }

  /// An input goes low. A level-sensitive interrupt that a list register shows as pending must go; one that is active
  /// there has no pending part.
  result lower_line(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::load(at.b.line) & bit) == 0) return result::ok;
    atomics::fetch_and(at.b.line, ~bit);
    return fell(at, n);
  }

  /// Up and down at once.
  result pulse_line(place at, u32 n) { return (atomics::load(at.b.edge) >> n & 1) != 0 ? latch(at, n) : result::ok; }

  /// A latched event: an edge, an SGI, a forwarded physical interrupt. Several before the guest acknowledges are one.
  result latch(place at, u32 n) { return at.index == 0 ? latch_private(at.owner, n) : latch_spi(at.b, at.index, n); }

  /// GICD_SETSPI_NSR, GICD_CLRSPI_NSR (IHI 0069): edge-triggered: sets or clears the latch; level-sensitive: a level of
  /// its own.
  void set_message(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::load(at.b.edge) & bit) != 0) {
      (void)latch(at, n);
    } else if ((atomics::fetch_or(at.b.message, bit) & bit) == 0) {
      (void)rose(at.b, at.index, at.owner, n);
    }
  }
  void clear_message(place at, u32 n) {
    const u32 bit = u32{1} << n;
    if ((atomics::load(at.b.edge) & bit) != 0) {
      clear_pending(at, bit);
    } else if ((atomics::fetch_and(at.b.message, ~bit) & bit) != 0) {
      (void)fell(at, n);
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
    for (u32 gone = pending(before) & ~pending(p) & ~p.listed & ~p.active & mask & at.b.linked(); gone != 0;
         gone &= gone - 1)
      this->end_physical(owner_of(at), at, lowest(gone));
  }

  /// SGI `n` (0..15) to vCPU `to`. `source` counts on GICv2 only.
  [[gnu::always_inline]] inline void send_sgi(vcpu_id from, vcpu_id to, u32 n) {
    if constexpr (traces_sgis<typename s::host>) host_.on_sgi(from, to, sgi(n));
    // The guest's barrier before its write to the SGI register orders its stores before this look.
    if (!s::is_v2 && progress{atomics::load(this->based(st_.vcpu)[raw(to)].priv.moving[0]) >> n}.fresh()) return;
    auto& o = vcpu(to);
    auto& b = o.priv;
    if constexpr (s::is_v2) {
      const u8 source = static_cast<u8>(1u << raw(from));
      if (b.of(n).fresh() && (atomics::load(o.sgi_sources[n]) & source) != 0) return;
      // The source is there before the latch: whoever takes the latch finds it.
      atomics::fetch_or(o.sgi_sources[n], source);
    } else if (host_.current() == to) {
      (void)came_here<by::latch, whose::vcpu>(to, b, 0, n);
      return;
    }
    b.latch(n);
    (void)deliver({b, 0, to}, n);
  }

 private:
  [[nodiscard]] vcpu_id owner_of(place at) { return at.index == 0 ? at.owner : host_.current(); }

  [[gnu::noinline]] result latch_private(vcpu_id of, u32 n) {
    auto& b = vcpu(of).priv;
    return host_.current() == of ? came_here<by::latch, whose::vcpu>(of, b, 0, n) : came<by::latch>(of, b, 0, n);
  }
  [[gnu::noinline]] result latch_spi(bank_type& b, u32 index, u32 n) {
    if (index == 0) __builtin_unreachable();
    if (const vcpu_id here = host_.current(); raw(here) < st_.vcpus)
      return came_here<by::latch, whose::nobody>(here, b, index, n);
    // Always the RMW: it orders what the device has written before whoever takes the interrupt.
    b.latch(n);
    return deliver({b, index, no_vcpu}, n);
  }

  /// A level-sensitive input or message rose.
  [[gnu::noinline]] result rose(bank_type& b, u32 index, vcpu_id of, u32 n) {
    const vcpu_id here = host_.current();
    if (index == 0) {
      if (here == of) return came_here<by::level, whose::vcpu>(here, b, 0, n);
    } else if (raw(here) < st_.vcpus) {
      return came_here<by::level, whose::nobody>(here, b, index, n);
    }
    return deliver({b, index, of}, n);
  }

  /// Interrupt `n` of a bank came on the CPU that runs `v`, whose bank that is if it is a private one.
  template <by By, whose Whose>
  [[gnu::noinline]] result came_here(vcpu_id v, bank_type& b, u32 index, u32 n) {
    if (this->template list_directly<By, Whose>(v, b, index, n)) return result::ok;
    return came<By>(Whose == whose::vcpu ? v : no_vcpu, b, index, n);
  }
  template <by By>
  [[gnu::noinline]] result came(vcpu_id of, bank_type& b, u32 index, u32 n) {
    if (By == by::latch) b.latch(n);
    return deliver({b, index, of}, n);
  }
  /// It fell.
  result fell(place at, u32 n) {
    atomics::order();
    const progress now = at.b.of(n);
    if (now.listed() && !now.latched() && (atomics::load(at.b.active) >> n & 1) == 0 && !this->is_asserted(at.b, n))
      this->recheck(at);
    return result::ok;
  }

  /// Something made interrupt `n` pending: its target is told.
  [[gnu::always_inline]] inline result deliver(place at, u32 n) {
    atomics::order();
    const progress now = at.b.of(n);
    if (now.listed() ? !now.fresh() && !now.linked() : !this->is_forwarded(at.b, n)) return result::ok;
    if (at.index == 0) return this->post(at.owner, 1);
    if (now.listed()) [[unlikely]]
      return came_again(at.b, at.index);
    if (const u32 v = this->only_target_of(at.index, n); v < st_.vcpus) [[likely]]
      return this->post(vcpu_id{static_cast<u16>(v)}, u32{1} << at.index);
    return tell_one_of_n(at.b, at.index, n);
  }
  /// The list register of an SPI may hold it as active: the new event is added behind it. And where it ends in the
  /// physical GIC, its end would not be seen.
  [[gnu::noinline]] result came_again(bank_type& b, u32 index) {
    this->recheck({b, index, no_vcpu});
    return result::ok;
  }
  [[gnu::noinline]] result tell_one_of_n(bank_type& b, u32 index, u32 n) {
    this->tell({b, index, no_vcpu}, u32{1} << n, atomics::load(b.group));
    return result::ok;
  }
};

}  // namespace vgic::detail
