// SPDX-License-Identifier: BSL-1.0
/// \file
/// State, host and back end of one virtual GIC, and how banks, vCPUs and the host are reached from there.
#pragma once

#include <vgic/result.hpp>
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

  /// The same object, its address in one register: compilers would compute it anew for each kind of access to it.
  template <class T>
  [[nodiscard, gnu::always_inline]] static inline T& based(T& object) {
    T* address = &object;
    __asm__("" : "+r"(address));
    return *address;
  }

  /// The value, computed by here: compilers would load all that a chain of operations takes first, and save registers
  /// for it.
  template <class T>
  [[nodiscard, gnu::always_inline]] static inline T in_turn(T value) {
    __asm__("" : "+r"(value));
    return value;
  }

  /// A bank, and whose: `index` 0 is the private bank of vCPU `owner`; that of SPIs is no_vcpu.
  struct place {
    bank_type& b;
    u32 index;
    vcpu_id owner;
  };

  [[nodiscard, gnu::always_inline]] inline vcpu_state<C>& vcpu(vcpu_id v) { return based(st_.vcpu[raw(v)]); }
  [[nodiscard]] place private_bank(vcpu_id v) { return {vcpu(v).priv, 0, v}; }
  /// SPI bank `index` (INTID / 32), from 1.
  [[nodiscard]] place spi_bank(u32 index) { return {st_.spi[u64{index} - 1], index, no_vcpu}; }
  [[nodiscard]] place bank_at(vcpu_id v, u32 index) { return index == 0 ? private_bank(v) : spi_bank(index); }

  /// The index of a bank, where it is not worth a register on the way there; its owner is a vCPU if it is private.
  [[nodiscard]] u32 index_of(const bank_type& b, vcpu_id owner) const {
    return owner != no_vcpu ? 0 : static_cast<u32>(&b - st_.spi) + 1;
  }

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
    return {.zero = atomics::load(st_.gate[0]), .one = atomics::load(st_.gate[1])};
  }

  static constexpr messages message_lines = s::has_message_spis ? messages::possible : messages::none;

  /// Is interrupt `n` enabled, and its group forwarded?
  [[nodiscard, gnu::always_inline]] inline bool is_forwarded(const bank_type& b, u32 n) const {
    return (atomics::load(b.enabled) >> n & 1) != 0 && atomics::load(st_.gate[atomics::load(b.group) >> n & 1]) != 0;
  }
  /// Is interrupt `n` level-sensitive, and its input or message high?
  [[nodiscard]] static bool is_asserted(const bank_type& b, u32 n) {
    return (b.template asserted<message_lines>() >> n & 1) != 0;
  }
  /// Does ISPENDR show interrupt `n`?
  [[nodiscard]] static bool is_pending(const bank_type& b, u32 n) { return b.of(n).latched() || is_asserted(b, n); }

  /// Priority of an interrupt, from the byte that IPRIORITYR reads.
  [[nodiscard, gnu::always_inline]] inline u32 priority_of(vcpu_id v, u32 index, u32 n) {
    return priority_of(vcpu(v), index, n);
  }
  [[nodiscard, gnu::always_inline]] inline u32 priority_of(const vcpu_state<C>& o, u32 index, u32 n) const {
    return priority_in(index == 0 ? o.priorities : &st_.priorities[(u64{index} - 1) * 8], n);
  }
  template <class Cell>
  [[nodiscard, gnu::always_inline]] static inline u32 priority_in(const Cell* words, u32 n) {
    if constexpr (loads_bytes<atomics>)
      return atomics::load_byte(words, n);
    else
      return atomics::load(words[n / 4]) >> (8 * (n % 4)) & 0xff;
  }

  /// Tells vCPU `v` to look at a bank. Its maybe word is set before it is kicked, and only the first bit kicks: the
  /// word is emptied as a whole, so whoever set the first bit has a kick under way that serves them all.
  void poke(vcpu_id v, u32 banks_to_see) { (void)post(v, banks_to_see); }
  /// The same, whose answer `ok` is that of the host's call that ends in it.
  [[gnu::always_inline]] inline result post(vcpu_id v, u32 banks_to_see) {
    auto& maybe = vcpu(v).maybe;
    u32 now = atomics::load(maybe);
    if (now == 0 && atomics::compare_exchange(maybe, now, banks_to_see)) [[likely]] {
      if (host_.current() != v) host_.kick(v);
      return result::ok;
    }
    if ((now & banks_to_see) == banks_to_see) return result::ok;
    return post_more(v, banks_to_see);
  }
  [[gnu::noinline]] result post_more(vcpu_id v, u32 banks_to_see) {
    if (atomics::fetch_or(vcpu(v).maybe, banks_to_see) == 0 && host_.current() != v) host_.kick(v);
    return result::ok;
  }

  state<C> st_{};
  [[no_unique_address]] backend_type backend_{};
  [[no_unique_address]] host_type host_{};
};

}  // namespace vgic::detail
