// SPDX-License-Identifier: BSL-1.0
/// \file
/// What both distributors share: registers with one bit (or two, or eight) an SPI. The version's own header adds the
/// private bank (GICv2) or IROUTER and messages (GICv3).
#pragma once

#include <vgic/frames/common.hpp>
#include <vgic/registers/slots.hpp>

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
  using typename base::s;

  // Registers are named by the index of their word in the frame: offset / 4. What a word is, its slot says
  // (registers/slots.hpp): words that are looked at here without a check are those of banks that there is memory for.
  // A VM may have fewer: what cannot be written there reads as zero.

  /// May bank `index` be reached through the distributor? The private one is on GICv2 alone: banked by vCPU.
  [[nodiscard]] bool reachable(u32 index) const {
    if constexpr (s::is_v3) return index - 1 < this->spi_banks();
    return index <= this->spi_banks();
  }

  /// The bank that a register of one bit an interrupt is about; of two bits; of a byte.
  [[nodiscard]] static constexpr u32 bank_of_bits(u32 word) { return word % 32; }
  [[nodiscard]] static constexpr u32 bank_of_pairs(u32 word) { return word % 64 / 2; }
  [[nodiscard]] static constexpr u32 bank_of_bytes(u32 word) { return word % 256 / 8; }

  /// The bank of a register that is `reachable`.
  [[nodiscard, gnu::always_inline]] inline place bank_of_register(vcpu_id v, u32 index) {
    if constexpr (s::is_v3)
      return this->spi_bank(index);
    else
      return this->bank_at(v, index);
  }

  /// A write by `v` to the bank of a register, if the VM has it.
  template <class F>
  [[gnu::always_inline]] inline void with_bank(vcpu_id v, u32 index, F f) {
    if (reachable(index)) f(bank_of_register(v, index));
  }
  /// The same of a register whose slot says that it is about SPIs.
  template <class F>
  [[gnu::always_inline]] inline void with_spi_bank(u32 index, F f) {
    if (index <= this->spi_banks()) f(this->spi_bank(index));
  }

  /// GICv2: SGIs are always enabled, and made pending and not pending by registers of their own (IHI 0048B, 4.3.5 to
  /// 4.3.8).
  static constexpr u32 settable_private = 0xffff'0000u;
  [[nodiscard]] static u32 settable(u32 index, u32 value) {
    return s::is_v2 && index == 0 ? value & settable_private : value;
  }

  [[gnu::noinline]] void write_igroupr(vcpu_id v, u32 word, u32 value) {
    with_bank(v, bank_of_bits(word), [&](place at) { this->write_group(at, value); });
  }
  [[gnu::noinline]] void write_ispendr(vcpu_id v, u32 word, u32 value) {
    with_bank(v, bank_of_bits(word), [&](place at) { this->set_pending(at, settable(at.index, value)); });
  }
  [[gnu::noinline]] void write_icpendr(vcpu_id v, u32 word, u32 value) {
    with_bank(v, bank_of_bits(word), [&](place at) { this->clear_latches(at, settable(at.index, value)); });
  }
  [[gnu::noinline]] void write_isactiver(vcpu_id v, u32 word, u32 value) {
    with_bank(v, bank_of_bits(word), [&](place at) { this->set_active(at, value); });
  }
  [[gnu::noinline]] void write_icactiver(vcpu_id v, u32 word, u32 value) {
    with_bank(v, bank_of_bits(word), [&](place at) { this->clear_active(at, value); });
  }
  [[gnu::noinline]] void write_icfgr(vcpu_id v, u32 word, u32 value) {
    if (word % 64 != 0)  // SGIs are edge-triggered
      with_bank(v, bank_of_pairs(word), [&](place at) { this->write_triggers(at, word % 2, value); });
  }

  // Those that guests write most, of SPIs.
  [[gnu::always_inline]] inline void write_isenabler(u32 word, u32 value) {
    with_spi_bank(
        bank_of_bits(word), [&](place at) __attribute__((always_inline)) { this->set_enabled(at, value); });
  }
  [[gnu::always_inline]] inline void write_icenabler(vcpu_id v, u32 word, u32 value) {
    with_spi_bank(
        bank_of_bits(word), [&](place at) __attribute__((always_inline)) { this->clear_enabled(v, at, value); });
  }
  [[nodiscard]] u32 read_ipriorityr(u32 word) const { return atomics::load(st_.priorities[u64{word} - 0x108]); }
  [[gnu::always_inline]] inline void write_ipriorityr(u32 word, u32 value, u32 bytes) {
    const u32 index = bank_of_bytes(word);
    if (index <= this->spi_banks() && this->differs(st_.priorities[u64{word} - 0x108], value, bytes))
      change_ipriorityr(index, word % 8, bytes, value);
  }
  /// `value` comes last, in the register in which a write has it: nothing is moved on the way to its other cases.
  [[gnu::noinline]] void change_ipriorityr(u32 index, u32 word, u32 bytes, u32 value) {
    this->change_priorities(st_.priorities[(u64{index} - 1) * 8 + word], this->spi_bank(index).b, no_vcpu, word, value,
                            bytes);
  }
};

}  // namespace vgic::detail
