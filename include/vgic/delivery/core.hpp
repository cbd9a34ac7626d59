// SPDX-License-Identifier: BSL-1.0
/// \file
/// State, host and back end of one virtual GIC, and how banks, vCPUs and the host are reached from there.
#pragma once

#include <vgic/state.hpp>
#include <vgic/words.hpp>

namespace vgic::detail {

template <configuration C>
class core {
 public:
  using s = settings<C>;
  using host_type = typename s::host;
  using backend_type = typename s::backend;

  constexpr core() = default;
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  [[nodiscard]] constexpr host_type& host() { return host_; }
  [[nodiscard]] constexpr backend_type& list_registers() { return backend_; }
  /// For tests and for saving: the state as it is.
  [[nodiscard]] constexpr const state<C>& inspect() const { return st_; }

 protected:
  using atomics = typename s::atomics;
  using bank_type = bank<atomics, s::max.priority_bits>;
  using format = typename s::format;
  using lr_word = typename format::word;

  /// A bank, and whose: `index` 0 is the private bank of vCPU `owner`; for SPIs `owner` says nothing.
  struct place {
    bank_type& b;
    u32 index;
    vcpu_id owner;
  };

  [[nodiscard]] vcpu_state<C>& vcpu(vcpu_id v) { return st_.vcpu[raw(v)]; }
  [[nodiscard]] place private_bank(vcpu_id v) { return {st_.priv[raw(v)], 0, v}; }
  /// SPI bank `index` (INTID / 32), from 1.
  [[nodiscard]] place spi_bank(u32 index) { return {st_.spi[index - 1], index, vcpu_id{0}}; }
  [[nodiscard]] place bank_at(vcpu_id v, u32 index) { return index == 0 ? private_bank(v) : spi_bank(index); }

  /// Number of SPI banks, as started. start() lets no more pass than there is memory for, which compilers cannot see:
  /// told, they do not warn of what would lie behind.
  [[nodiscard]] u32 spi_banks() const {
    if (st_.spi_banks > s::spi_banks) __builtin_unreachable();
    return st_.spi_banks;
  }
  /// Number of banks including the private one, as started.
  [[nodiscard]] u32 banks() const { return spi_banks() + 1; }
  [[nodiscard]] bool is_spi(intid i) const { return raw(i) - 32 < st_.spis; }
  /// Implemented interrupts of a bank: INTID 1020..1023 do not exist.
  [[nodiscard]] static u32 implemented(u32 index) { return index == 31 ? 0x0fff'ffffu : ~u32{0}; }
  [[nodiscard]] u32 all_banks() const { return ~u32{0} >> (32 - banks()); }

  [[nodiscard]] group_gates gates() const {
    return {.zero = atomics::load(st_.gate_zero), .one = atomics::load(st_.gate_one)};
  }

  static constexpr messages message_lines = s::has_message_spis ? messages::possible : messages::none;

  /// Is interrupt `n` enabled, and its group forwarded?
  [[nodiscard]] bool is_forwarded(place at, u32 n) const {
    const bool in_group_one = (atomics::load(at.b.group) >> n & 1) != 0;
    return (atomics::load(at.b.enabled) >> n & 1) != 0 &&
           atomics::load(in_group_one ? st_.gate_one : st_.gate_zero) != 0;
  }
  /// Does ISPENDR show interrupt `n`?
  [[nodiscard]] static bool is_pending(place at, u32 n) {
    return at.b.of(n).latched() || (at.b.template asserted<message_lines>() >> n & 1) != 0;
  }

  /// Priority of an interrupt, from the byte that IPRIORITYR reads.
  [[nodiscard]] u32 priority_of(vcpu_id v, u32 index, u32 n) {
    const auto& word = index == 0 ? vcpu(v).priorities[n / 4] : st_.priorities[(index - 1) * 8 + n / 4];
    return (atomics::load(word) >> (8 * (n % 4))) & 0xff;
  }

  [[nodiscard]] auto& route_of(u32 index, u32 n) { return st_.routes[(index - 1) * 32 + n]; }

  /// Tells vCPU `v` to look at a bank. Its maybe word is set before it is kicked, and only the first bit kicks: the
  /// word is emptied as a whole, so whoever set the first bit has a kick under way that serves them all.
  void poke(vcpu_id v, u32 banks_to_see) {
    auto& maybe = vcpu(v).maybe;
    if ((atomics::load(maybe) & banks_to_see) == banks_to_see) return;
    if (atomics::fetch_or(maybe, banks_to_see) == 0 && host_.current() != v) host_.kick(v);
  }

  state<C> st_{};
  [[no_unique_address]] backend_type backend_{};
  [[no_unique_address]] host_type host_{};
};

}  // namespace vgic::detail
