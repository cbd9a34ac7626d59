// SPDX-License-Identifier: BSL-1.0
/// \file
/// Which vCPU an interrupt is for.
///
/// The route word (IROUTER, ITARGETSR) is the truth. The *routed* planes of the vCPUs and the bank's *any* plane mirror
/// it so that a vCPU sees 32 interrupts at once. Whoever changes the word applies the difference that it made to the
/// planes, by exclusive or: differences commute, so that the planes are right as soon as all writers are done, and
/// whoever is done offers the interrupt anew. Until then a bit may be wrong, as a maybe bit may be stale.
#pragma once

#include <vgic/delivery/core.hpp>

namespace vgic::detail {

template <configuration C>
class routing : public core<C> {
 protected:
  using base = core<C>;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::place;
  using typename base::s;

  /// Number of the vCPU with an affinity, or one that no vCPU has.
  [[nodiscard, gnu::always_inline]] static inline u32 number_at(u32 route) {
    return s::affinity_is_index ? route : raw(s::affinity::find(affinity{route}));
  }
  /// That vCPU, or no_vcpu.
  [[nodiscard, gnu::always_inline]] inline vcpu_id vcpu_at(u32 route) const {
    const u32 v = number_at(route);
    return v < st_.vcpus ? vcpu_id{static_cast<u16>(v)} : no_vcpu;
  }

  /// The route of SPI `n` of bank `index`: an affinity or route_any (GICv3), a mask of vCPUs (GICv2).
  [[nodiscard]] u32 route_of(u32 index, u32 n) const {
    const u64 i = (u64{index} - 1) * 32 + n;
    if constexpr (s::is_v3)
      return atomics::load(st_.routes[i]);
    else if constexpr (loads_bytes<atomics>)
      return atomics::load_byte(st_.routes, static_cast<u32>(i));
    else
      return atomics::load(st_.routes[i / 4]) >> (8 * (i % 4)) & 0xff;
  }

  /// The one vCPU to offer SPI `n` of bank `index` to; `no_vcpu` if nobody can take it now: it stays pending.
  [[nodiscard]] vcpu_id target_of(u32 index, u32 n, u32 in_group) {
    const u32 r = route_of(index, n);
    if constexpr (s::is_v3) {
      if constexpr (s::has_one_of_n)
        if (r == route_any) [[unlikely]]
          return pick(in_group, ~u32{0});
      return vcpu_at(r);
    } else {
      const u32 targets = effective_targets(r);
      if (targets == 0) return no_vcpu;
      if ((targets & (targets - 1)) == 0) [[likely]]
        return vcpu_id{static_cast<u16>(lowest(targets))};
      return pick(in_group, targets);
    }
  }

  /// Number of the vCPU that alone may take SPI `n` of bank `index`, or one that the VM has not.
  [[nodiscard, gnu::always_inline]] inline u32 only_target_of(u32 index, u32 n) const {
    const u32 r = route_of(index, n);
    if constexpr (s::is_v3) {
      return number_at(r);
    } else {
      const u32 targets = effective_targets(r);
      return targets != 0 && (targets & (targets - 1)) == 0 ? lowest(targets) : raw(no_vcpu);
    }
  }

  /// May vCPU `v` take SPI `n` of bank `index`?
  [[nodiscard]] bool may_take(vcpu_id v, u32 index, u32 n, const typename base::bank_type& b) {
    return (routed_here(v, index, b) >> n & 1) != 0;
  }

  /// The interrupts of an SPI bank that vCPU `v` may take.
  [[nodiscard]] u32 routed_here(vcpu_id v, u32 index, const typename base::bank_type& b) const {
    const u32 mine = atomics::load(st_.vcpu[raw(v)].routed[u64{index} - 1]);
    if constexpr (s::has_one_of_n) {
      if (const u32 any = atomics::load(b.any); any != 0) {
        const u32 shared =
            any & gated(atomics::load(b.group), {.zero = takes(v, 0) ? ~u32{0} : 0, .one = takes(v, 1) ? ~u32{0} : 0});
        return s::is_v3 ? mine | shared : mine & (~any | shared);
      }
    }
    return mine;
  }

  /// Gives SPI `i`, of bank `b`, a new route. False if it has it already. The caller publishes the change.
  [[nodiscard]] bool reroute(typename base::bank_type& b, u32 i, u32 r) requires(s::is_v3) {
    const u32 old = atomics::exchange(st_.routes[u64{i} - 32], r);
    if (old == r) return false;
    // The new target first: in between both may take it, which a claim decides, and never nobody.
    flip(b, i, r);
    flip(b, i, old);
    return true;
  }

  /// ITARGETSR: four SPIs from `first` of a bank on; `bytes` has ones where the write reaches, `value` names vCPUs of
  /// the VM only. Bits of those whose targets changed. The caller publishes the change.
  [[nodiscard]] u32 retarget(place p, u32 first, u32 value, u32 bytes) requires(s::is_v2) {
    auto& word = st_.routes[(p.index - 1) * 8 + first / 4];
    u32 old = atomics::load(word);
    u32 now;
    do {
      now = (old & ~bytes) | (value & bytes);
      if (now == old) return 0;
    } while (!atomics::compare_exchange(word, old, now));
    const u32 flipped = effective_words(old) ^ effective_words(now);
    u32 vcpus = flipped | flipped >> 16;
    for (vcpus = (vcpus | vcpus >> 8) & 0xff; vcpus != 0; vcpus &= vcpus - 1) {
      const u32 v = lowest(vcpus);
      atomics::fetch_xor(st_.vcpu[v].routed[u64{p.index} - 1], bit_of_bytes(flipped, v) << first);
    }
    if constexpr (s::has_one_of_n)
      if (may_have_many(old) || may_have_many(now))
        if (const u32 many = bytes_with_many(old) ^ bytes_with_many(now); many != 0)
          atomics::fetch_xor(p.b.any, many << first);
    return bytes_not_zero(old ^ now) << first;
  }

  /// Does vCPU `v` take 1-of-N interrupts of a group now?
  [[nodiscard]] bool takes(vcpu_id v, u32 in_group) const {
    return (atomics::load(st_.takes[in_group][raw(v) / 32]) >> (raw(v) % 32) & 1) != 0;
  }

  /// Asked where `pick` has found no vCPU for a 1-of-N interrupt of a group: those of its bank that one may take all
  /// the same, because their routes name others (GICv2).
  [[nodiscard]] u32 taken_by_some(u32 in_group, place p) const {
    u32 all = 0;
    if constexpr (s::is_v2)
      for (u32 rest = atomics::load(st_.takes[in_group][0]); rest != 0; rest &= rest - 1)
        all |= atomics::load(st_.vcpu[lowest(rest)].routed[u64{p.index} - 1]);
    return all;
  }

  /// Recomputes what `v` takes. Its inputs may change under us from another CPU, which may have recomputed before we
  /// write what we read before: then once more. Each round but the first takes another CPU's whole trap in the midst of
  /// ours, so that the bound is not met; it is there because a guest must not hold us.
  void update_takes(vcpu_id v) {
    for (u32 round = 0; round < 64; ++round) {
      const u32 in = take_inputs(v);
      set_takes(st_.takes[0], v, in & 1);
      set_takes(st_.takes[1], v, in & 2);
      atomics::order();
      if (take_inputs(v) == in) return;
    }
  }

  /// 1-of-N: the vCPU of this CPU if it takes part, else the next one in turn. `allowed` restricts the first 32.
  [[nodiscard, gnu::noinline]] vcpu_id pick(u32 in_group, u32 allowed) {
    const auto& words = st_.takes[in_group];
    const vcpu_id here = host_.current();
    // The first condition follows from the second; it is for compilers that know current() to be constant and warn.
    if (here != no_vcpu && raw(here) < st_.vcpus && takes(here, in_group) &&
        (raw(here) >= 32 || (allowed >> raw(here) & 1) != 0))
      return here;
    if (s::vcpu_words == 1 && (atomics::load(words[0]) & allowed) == 0) return no_vcpu;
    const u32 start = (atomics::load(st_.turn) + 1) % (s::vcpu_words * 32);
    u32 word = start / 32;
    u32 from = ~u32{0} << (start % 32);
    for (u32 k = 0; k <= s::vcpu_words; ++k) {
      u32 found = atomics::load(words[word]) & from;
      if (word == 0) found &= allowed;
      if (found != 0) {
        const u32 v = word * 32 + lowest(found);
        atomics::store(st_.turn, v);
        return vcpu_id{static_cast<u16>(v)};
      }
      word = word + 1 == s::vcpu_words ? 0 : word + 1;
      from = ~u32{0};
    }
    return no_vcpu;
  }

 private:
  /// A route came to name its target, or ceased to.
  void flip(typename base::bank_type& b, u32 i, u32 route) {
    const u32 bit = u32{1} << (i % 32);
    if constexpr (s::has_one_of_n)
      if (route == route_any) {
        atomics::fetch_xor(b.any, bit);
        return;
      }
    if (const u32 v = number_at(route); v < st_.vcpus) atomics::fetch_xor(st_.vcpu[v].routed[u64{i} / 32 - 1], bit);
  }

  [[nodiscard]] static constexpr u32 effective_targets(u32 targets) {
    return s::has_one_of_n ? targets : targets & (~targets + 1);
  }
  /// The same of four bytes.
  [[nodiscard]] static constexpr u32 effective_words(u32 word) {
    if constexpr (s::has_one_of_n) return word;
    u32 all = 0;
    for (u32 k = 0; k < 32; k += 8) all |= effective_targets(word >> k & 0xff) << k;
    return all;
  }

  /// Bit g: `v` takes part in 1-of-N of group g (IHI 0069, GICR_CTLR.DPG*, GICR_WAKER, ICC_IGRPEN<g>_EL1).
  [[nodiscard]] u32 take_inputs(vcpu_id v) {
    auto& c = vcpu(v);
    if (atomics::load(c.on) == 0 || atomics::load(c.asleep) != 0) return 0;
    return atomics::load(c.groups_enabled) & ~(atomics::load(c.dpg) >> 24);
  }

  template <class Words>
  static void set_takes(Words& words, vcpu_id v, u32 yes) {
    auto& word = words[raw(v) / 32];
    const u32 bit = u32{1} << (raw(v) % 32);
    if (yes != 0) {
      if ((atomics::load(word) & bit) == 0) atomics::fetch_or(word, bit);
    } else if ((atomics::load(word) & bit) != 0) {
      atomics::fetch_and(word, ~bit);
    }
  }
};

}  // namespace vgic::detail
