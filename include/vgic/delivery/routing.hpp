// SPDX-License-Identifier: BSL-1.0
/// \file
/// Which vCPU an interrupt is for.
///
/// The route word (IROUTER, ITARGETSR) is the truth. The *routed* plane of a vCPU and the bank's *any* plane are
/// derived from it so that a vCPU sees 32 interrupts at once; like a maybe word they may say too much for a moment,
/// never too little: a writer sets the new target's bit before anything is offered to it, and takes the old target's
/// bit back only if the route word has not come back to it.
#pragma once

#include <vgic/delivery/core.hpp>

namespace vgic::detail {

template <configuration C>
class routing : public core<C> {
 protected:
  using base = core<C>;
  using base::host_;
  using base::route_of;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::place;
  using typename base::s;
  using route = typename s::version::route;

  /// The one vCPU to offer SPI `n` of bank `index` to; `no_vcpu` if nobody can take it now: it stays pending.
  [[nodiscard]] vcpu_id target_of(u32 index, u32 n, u32 group_plane) {
    const route r = atomics::load(route_of(index, n));
    if constexpr (s::is_v3) {
      if constexpr (s::has_one_of_n)
        if (r == route_any) return pick(group_plane >> n & 1, ~u32{0});
      const vcpu_id v = s::affinity::find(affinity{r});
      return raw(v) < st_.vcpus ? v : no_vcpu;
    } else {
      const u32 targets = effective_targets(r);
      if (targets == 0) return no_vcpu;
      if ((targets & (targets - 1)) == 0) return vcpu_id{static_cast<u16>(lowest(targets))};
      return pick(group_plane >> n & 1, targets);
    }
  }

  /// Is the route of SPI `n` of bank `index` such that vCPU `v` may take it?
  [[nodiscard]] bool may_take(vcpu_id v, u32 index, u32 n, u32 group_plane) {
    const route r = atomics::load(route_of(index, n));
    if constexpr (s::is_v3) {
      if constexpr (s::has_one_of_n)
        if (r == route_any) return takes(v, group_plane >> n & 1);
      return r == raw(s::affinity::of(v));
    } else {
      const u32 targets = effective_targets(r);
      if ((targets >> raw(v) & 1) == 0) return false;
      return (targets & (targets - 1)) == 0 || takes(v, group_plane >> n & 1);
    }
  }

  /// The interrupts of an SPI bank that vCPU `v` may take, by the planes.
  [[nodiscard]] u32 routed_here(vcpu_id v, u32 index, u32 group, const typename base::bank_type& b) {
    const u32 mine = atomics::load(vcpu(v).routed[index - 1]);
    if constexpr (s::has_one_of_n) {
      if (const u32 any = atomics::load(b.any); any != 0) {
        const u32 shared = any & gated(group, {.zero = takes(v, 0) ? ~u32{0} : 0, .one = takes(v, 1) ? ~u32{0} : 0});
        return s::is_v3 ? mine | shared : mine & (~any | shared);
      }
    }
    return mine;
  }

  /// A routed bit of `v` that the route word no longer backs: taken back, unless the route returned meanwhile.
  void forget_stale_route(vcpu_id v, u32 index, u32 n, u32 bit) {
    auto& plane = vcpu(v).routed[index - 1];
    if ((atomics::load(plane) & bit) == 0) return;
    atomics::fetch_and(plane, ~bit);
    atomics::order();
    if (names(atomics::load(route_of(index, n)), v)) atomics::fetch_or(plane, bit);
  }

  /// Stores a new route and brings the planes in line. The caller publishes the change afterwards.
  void reroute(place p, u32 n, route r) {
    const u32 bit = u32{1} << n;
    const route old = atomics::exchange(route_of(p.index, n), r);
    if (old == r) return;
    if constexpr (s::is_v3) {
      if (is_any(r)) {
        atomics::fetch_or(p.b.any, bit);
      } else if (const vcpu_id v = s::affinity::find(affinity{r}); raw(v) < st_.vcpus) {
        atomics::fetch_or(vcpu(v).routed[p.index - 1], bit);
      }
      if (is_any(old)) {
        forget_any(p, n, bit);
      } else if (const vcpu_id v = s::affinity::find(affinity{old}); raw(v) < st_.vcpus) {
        forget_stale_route(v, p.index, n, bit);
      }
    } else {
      for (u32 v = 0; v < st_.vcpus; ++v) {
        const vcpu_id id{static_cast<u16>(v)};
        if (names(r, id)) {
          if ((atomics::load(vcpu(id).routed[p.index - 1]) & bit) == 0)
            atomics::fetch_or(vcpu(id).routed[p.index - 1], bit);
        } else {
          forget_stale_route(id, p.index, n, bit);
        }
      }
      if constexpr (s::has_one_of_n) {
        if (is_any(r))
          atomics::fetch_or(p.b.any, bit);
        else
          forget_any(p, n, bit);
      }
    }
  }

  /// Does vCPU `v` take 1-of-N interrupts of a group now?
  [[nodiscard]] bool takes(vcpu_id v, u32 in_group) const {
    const auto& words = in_group != 0 ? st_.takes_one : st_.takes_zero;
    return (atomics::load(words[raw(v) / 32]) >> (raw(v) % 32) & 1) != 0;
  }

  /// Recomputes what `v` takes. Its inputs may change under us from another CPU: then once more; each round sees a
  /// newer input, and the one that changed it last recomputes after us anyway.
  void update_takes(vcpu_id v) {
    for (u32 round = 0; round < 4; ++round) {
      const u32 in = take_inputs(v);
      set_takes(st_.takes_zero, v, in & 1);
      set_takes(st_.takes_one, v, in & 2);
      atomics::order();
      if (take_inputs(v) == in) return;
    }
  }

 private:
  [[nodiscard]] static constexpr bool is_any(route r) {
    if constexpr (!s::has_one_of_n)
      return false;
    else if constexpr (s::is_v3)
      return r == route_any;
    else
      return (r & (r - 1)) != 0;
  }

  [[nodiscard]] u32 effective_targets(route r) const {
    const u32 targets = r & ((u32{1} << st_.vcpus) - 1);
    return s::has_one_of_n ? targets : targets & (~targets + 1);
  }

  /// Does the route name vCPU `v` itself?
  [[nodiscard]] bool names(route r, vcpu_id v) const {
    if constexpr (s::is_v3)
      return !is_any(r) && r == raw(s::affinity::of(v));
    else
      return (effective_targets(r) >> raw(v) & 1) != 0;
  }

  void forget_any(place p, u32 n, u32 bit) {
    if ((atomics::load(p.b.any) & bit) == 0) return;
    atomics::fetch_and(p.b.any, ~bit);
    atomics::order();
    if (is_any(atomics::load(route_of(p.index, n)))) atomics::fetch_or(p.b.any, bit);
  }

  /// 1-of-N: the vCPU of this CPU if it takes part, else the next one in turn. `allowed` restricts the first 32.
  [[nodiscard]] vcpu_id pick(u32 in_group, u32 allowed) {
    const auto& words = in_group != 0 ? st_.takes_one : st_.takes_zero;
    const vcpu_id here = host_.current();
    // The first condition follows from the second; it is for compilers that know current() to be constant and warn.
    if (here != no_vcpu && raw(here) < st_.vcpus && takes(here, in_group) &&
        (raw(here) >= 32 || (allowed >> raw(here) & 1) != 0))
      return here;
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
