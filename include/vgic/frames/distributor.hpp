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
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::place;
  using typename base::reach;
  using typename base::s;

  /// May bank `index` be reached through the distributor? The private one is on GICv2 alone: banked by vCPU.
  [[nodiscard]] bool reachable(u32 index) const {
    if constexpr (s::is_v3) return index - 1 < this->spi_banks();
    return index <= this->spi_banks();
  }

  /// The bank that a register of one bit an interrupt is about.
  [[nodiscard]] static u32 index_of(u32 offset) { return (offset & 0x7f) / 4; }

  template <auto Plane>
  [[nodiscard]] u32 read_plane(frame_access a) {
    const u32 n = index_of(a.offset);
    if (!reachable(n)) [[unlikely]]
      return 0;
    return atomics::load(bank_of_register(a.vcpu, n).b.*Plane);
  }
  [[nodiscard]] u32 read_ispendr(frame_access a) {
    const u32 n = index_of(a.offset);
    if (!reachable(n)) [[unlikely]]
      return 0;
    return this->read_pending(bank_of_register(a.vcpu, n));
  }
  [[nodiscard]] u32 read_isactiver(frame_access a) {
    const u32 n = index_of(a.offset);
    if (!reachable(n)) [[unlikely]]
      return 0;
    return this->read_active(bank_of_register(a.vcpu, n));
  }

  /// The bank of a register that is `reachable`.
  [[nodiscard, gnu::always_inline]] inline place bank_of_register(vcpu_id v, u32 index) {
    if constexpr (s::is_v3)
      return this->spi_bank(index);
    else
      return this->bank_at(v, index);
  }

  /// GICv2: SGIs are always enabled, and made pending and not pending by registers of their own (IHI 0048B, 4.3.5 to
  /// 4.3.8).
  [[nodiscard]] static u32 settable(u32 index, u32 value) {
    return s::is_v2 && index == 0 ? value & 0xffff'0000u : value;
  }

  [[gnu::noinline]] void write_igroupr(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->write_group(bank_of_register(a.vcpu, n), value);
  }
  [[gnu::always_inline]] inline void write_isenabler(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->set_enabled(bank_of_register(a.vcpu, n), settable(n, value));
  }
  [[gnu::always_inline]] inline void write_icenabler(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->clear_enabled(a.vcpu, bank_of_register(a.vcpu, n), settable(n, value));
  }
  [[gnu::noinline]] void write_ispendr(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->set_pending(bank_of_register(a.vcpu, n), settable(n, value));
  }
  [[gnu::noinline]] void write_icpendr(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->clear_latches(bank_of_register(a.vcpu, n), settable(n, value));
  }
  [[gnu::noinline]] void write_isactiver(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->set_active(bank_of_register(a.vcpu, n), value);
  }
  [[gnu::noinline]] void write_icactiver(frame_access a, u32 value) {
    const u32 n = index_of(a.offset);
    if (reachable(n)) this->clear_active(bank_of_register(a.vcpu, n), value);
  }

  [[nodiscard]] u32 read_ipriorityr(frame_access a) {
    const u32 word = (a.offset & 0x3fc) / 4;
    if (!reachable(word / 8)) return 0;
    if (s::is_v2 && word < 8) return atomics::load(vcpu(a.vcpu).priorities[word]);
    return atomics::load(st_.priorities[u64{word} - 8]);
  }
  [[gnu::always_inline]] inline void write_ipriorityr(frame_access a, u32 value, u32 bytes) {
    const u32 word = (a.offset & 0x3fc) / 4;
    if (reachable(word / 8)) this->write_priorities(bank_of_register(a.vcpu, word / 8), word % 8, value, bytes);
  }

  [[nodiscard]] u32 read_icfgr(frame_access a) {
    const u32 n = (a.offset - 0xc00) / 4;
    if (!reachable(n / 2)) [[unlikely]]
      return 0;
    return this->read_triggers(bank_of_register(a.vcpu, n / 2), n % 2);
  }
  [[gnu::noinline]] void write_icfgr(frame_access a, u32 value) {
    const u32 n = (a.offset - 0xc00) / 4;
    if (n != 0 && reachable(n / 2)) this->write_triggers(bank_of_register(a.vcpu, n / 2), n % 2, value);
  }
};

}  // namespace vgic::detail
