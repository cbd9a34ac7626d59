// SPDX-License-Identifier: BSL-1.0
/// \file
/// What both distributors share: registers with one bit (or two, or eight) an SPI. The version's own header adds the
/// private bank (GICv2) or IROUTER and messages (GICv3).
#pragma once

#include <vgic/frames/common.hpp>

namespace vgic::detail {

/// One access, inside its frame, of a width and direction that its register allows.
struct frame_access {
  vcpu_id vcpu;
  u32 offset;
  width size;
};

template <configuration C>
class distributor : public common_registers<C> {
 protected:
  using base = common_registers<C>;
  using typename base::atomics;
  using typename base::place;
  using typename base::reach;
  using typename base::s;
  using base::st_;
  using base::vcpu;


  /// May `index` be reached through the distributor? The private bank is, on GICv2 alone: banked by vCPU.
  [[nodiscard]] bool reachable(u32 index) const {
    if constexpr (s::is_v3) return index != 0 && index < this->banks();
    return index < this->banks();
  }

  [[nodiscard]] u32 read_interrupts(vcpu_id v, reg what, u32 offset) {
    const u32 n = (offset & 0x7f) / 4;
    if (!reachable(n)) return 0;
    place at = this->bank_at(v, n);
    switch (what) {
      case reg::gicd_igroupr: return atomics::load(at.b.group) & this->implemented(n);
      case reg::gicd_isenabler:
      case reg::gicd_icenabler: return atomics::load(at.b.enabled);
      case reg::gicd_ispendr:
      case reg::gicd_icpendr: return this->read_pending(at);
      default: return this->read_active(at);
    }
  }

  void write_interrupts(vcpu_id v, reg what, u32 offset, u32 value) {
    const u32 n = (offset & 0x7f) / 4;
    if (!reachable(n)) return;
    place at = this->bank_at(v, n);
    // GICv2: SGIs are always enabled, and made pending and not pending by their own registers (IHI 0048B, 4.3.5-4.3.8).
    const u32 settable = s::is_v2 && n == 0 ? value & 0xffff'0000u : value;
    switch (what) {
      case reg::gicd_igroupr: return this->write_group(at, value);
      case reg::gicd_isenabler: return this->set_enabled(at, settable);
      case reg::gicd_icenabler:
        if (this->clear_enabled(at, settable) == reach::another_vcpu) vcpu(v).write_pending |= u32{1} << n;
        return;
      case reg::gicd_ispendr: return this->set_pending(at, settable);
      case reg::gicd_icpendr: return this->write_icpendr(at, settable);
      case reg::gicd_isactiver: return this->set_active(at, value);
      default: return this->clear_active(at, value);
    }
  }

  [[nodiscard]] u32 read_priorities(vcpu_id v, u32 offset) {
    const u32 word = (offset - 0x400) / 4;
    if (!reachable(word / 8)) return 0;
    return atomics::load(word < 8 ? vcpu(v).priorities[word] : st_.priorities[word - 8]);
  }
  void write_ipriorityr(vcpu_id v, u32 offset, u32 value, u32 bytes) {
    const u32 word = (offset - 0x400) / 4;
    if (reachable(word / 8)) this->write_priorities(this->bank_at(v, word / 8), word % 8, value, bytes);
  }

  [[nodiscard]] u32 read_configuration(vcpu_id v, u32 offset) {
    const u32 n = (offset - 0xc00) / 4;
    return reachable(n / 2) ? this->read_icfgr(this->bank_at(v, n / 2), n % 2) : 0;
  }
  void write_configuration(vcpu_id v, u32 offset, u32 value) {
    const u32 n = (offset - 0xc00) / 4;
    if (n != 0 && reachable(n / 2)) this->write_icfgr(this->bank_at(v, n / 2), n % 2, value);
  }
};

}  // namespace vgic::detail
