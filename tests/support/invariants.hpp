// SPDX-License-Identifier: BSL-1.0
/// \file
/// What is true of a virtual GIC's state between any two calls, on one thread. Looks at `inspect()` alone, except for
/// the list registers' own contents.
#pragma once

#include <vgic/gic.hpp>

#include <sstream>
#include <string>

namespace tests {

/// Who wrote the list registers: hardware, or somebody who put them into any state.
enum class held_by : vgic::u8 { hardware, anything };

/// Says which invariant does not hold and where; empty if all do. `expected_typer` is GICD_TYPER as it was after
/// `start()`. To be called when no guest acted since the last entry of each vCPU.
template <class C>
class invariants {
  using s = vgic::settings<C>;
  using format = typename s::format;
  using atomics = typename s::atomics;
  using u32 = vgic::u32;
  using u64 = vgic::u64;

 public:
  explicit invariants(vgic::gic<C>& g, held_by who = held_by::hardware)
      : g_(g), st_(g.inspect()), who_(who), banks_((st_.spis + 31) / 32 + 1) {}

  [[nodiscard]] std::string broken(u32 expected_typer) {
    if (st_.typer != expected_typer) complain("GICD_TYPER changed");
    gates_are_whole();
    for (u32 w = 1; w <= s::spi_banks; ++w) bank_is_sound(st_.spi[w - 1], w, 0);
    for (u32 v = 0; v < st_.vcpus; ++v) {
      bank_is_sound(st_.vcpu[v].priv, 0, v);
      vcpu_is_sound(v);
    }
    listed_have_one_holder();
    routes_are_covered();
    nothing_is_forgotten();
    return text_.str();
  }

 private:
  /// Interrupts of bank `w` that the VM has.
  [[nodiscard]] u32 implemented(u32 w) const {
    if (w >= banks_) return 0;
    const u32 left = w == 0 ? 32 : st_.spis - 32 * (w - 1);
    return left >= 32 ? ~u32{0} : (u32{1} << left) - 1;
  }
  [[nodiscard]] u32 existing_banks() const { return ~u32{0} >> (32 - banks_); }

  template <class... T>
  void complain(const T&... what) {
    (text_ << ... << what) << '\n';
  }

  void gates_are_whole() {
    for (const u32 gate : {atomics::load(st_.gate[0]), atomics::load(st_.gate[1])})
      if (gate != 0 && gate != ~u32{0}) complain("a group gate is neither open nor shut");
  }

  template <class Bank>
  void bank_is_sound(const Bank& b, u32 w, u32 v) {
    const u32 there = implemented(w);
    const struct {
      const char* name;
      u32 plane;
    } planes[] = {{"latch", b.latched()},
                  {"listed", b.listed()},
                  {"fresh", b.fresh()},
                  {"line", atomics::load(b.line)},
                  {"message", atomics::load(b.message)},
                  {"edge", atomics::load(b.edge)},
                  {"enabled", atomics::load(b.enabled)},
                  {"active", atomics::load(b.active)},
                  {"any", atomics::load(b.any)},
                  {"linked", b.linked()}};
    for (const auto& p : planes)
      if ((p.plane & ~there) != 0) complain("bank ", w, " of vCPU ", v, ": ", p.name, " has bits without interrupts");
    if ((b.template plane<vgic::lane::taken>() & ~b.listed()) != 0)
      complain("bank ", w, " of vCPU ", v, ": a latch is taken by no list register");
    if (!s::has_reset_to_group1 && (atomics::load(b.group) & ~there) != 0)
      complain("bank ", w, ": group has bits without interrupts");
    for (u32 n = 0; n < 32; ++n) {
      const auto& word = w == 0 ? st_.vcpu[v].priorities[n / 4] : st_.priorities[(w - 1) * 8 + n / 4];
      const u32 priority = atomics::load(word) >> (8 * (n % 4)) & 0xff;
      if ((priority & (0xffu >> s::max.priority_bits)) != 0 || (priority != 0 && (there >> n & 1) == 0))
        complain("INTID ", 32 * w + n, ": priority ", priority, " has bits that are not implemented");
      u32 sliced = 0;
      for (u32 k = 0; k < s::max.priority_bits; ++k)
        sliced |= (atomics::load(b.slices[k]) >> n & 1) << (8 - s::max.priority_bits + k);
      if (sliced != priority) complain("INTID ", 32 * w + n, ": slices say ", sliced, ", the byte ", priority);
    }
    if (w == 0) private_bank_is_sound(b, v);
  }

  template <class Bank>
  void private_bank_is_sound(const Bank& b, u32 v) {
    if ((atomics::load(b.edge) & 0xffff) != 0xffff) complain("vCPU ", v, ": an SGI is level-sensitive");
    if (atomics::load(b.any) != 0) complain("vCPU ", v, ": a private interrupt has several targets");
    if constexpr (s::is_v2) {
      if ((atomics::load(b.enabled) & 0xffff) != 0xffff) complain("vCPU ", v, ": an SGI is disabled");
      const vgic::planes p = b.read();
      for (u32 n = 0; n < 16; ++n) {
        const u32 sources = atomics::load(st_.vcpu[v].sgi_sources[n]);
        if (sources >> st_.vcpus != 0) complain("vCPU ", v, ", SGI ", n, ": comes from a vCPU that does not exist");
        const bool fresh = (p.fresh >> n & 1) != 0;
        const bool latch = (p.latch >> n & 1) != 0;
        if (sources != 0 && !latch && who_ == held_by::hardware)
          complain("vCPU ", v, ", SGI ", n, ": has sources and is not pending");
        // What was active and is active and pending, nobody sent: hardware does not do this to a list register.
        if (fresh && sources == 0 && who_ == held_by::hardware)
          complain("vCPU ", v, ", SGI ", n, ": is pending without a source");
      }
    }
  }

  void vcpu_is_sound(u32 v) {
    const auto& o = st_.vcpu[v];
    if ((o.left.top & ~o.left.banks) != 0) complain("vCPU ", v, ": the most urgent bank is not one that waits");
    if (((atomics::load(o.maybe) | o.left.banks | o.strays | atomics::load(o.mine)) & ~existing_banks()) != 0)
      complain("vCPU ", v, ": looks at a bank that does not exist");
    if (o.used >> st_.list_registers != 0) complain("vCPU ", v, ": uses a list register that does not exist");
    if ((atomics::load(o.comparing) & o.used) != 0 && o.unlisted == 0)
      complain("vCPU ", v, ": has list registers to compare and does not look again");
    if (o.write_pending != 0 && (o.write_pending & ~existing_banks()) != 0)
      complain("vCPU ", v, ": waits for a bank that does not exist");
    for (u32 r = 0; r < s::max.list_registers; ++r) {
      const auto real = g_.list_registers().read(vgic::vcpu_id{static_cast<vgic::u16>(v)}, vgic::lr_index{r});
      if ((o.used >> r & 1) == 0) {
        if (r < st_.list_registers && format::state(real) != vgic::lr_state::invalid)
          complain("vCPU ", v, ": list register ", r, " holds something and is not in use");
        continue;
      }
      const u32 i = raw(format::id(o.lr[r]));
      if (atomics::load(o.on) != 0 && real != o.lr[r])
        complain("vCPU ", v, ": list register ", r, " is not what was written last");
      if (format::state(o.lr[r]) == vgic::lr_state::invalid)
        complain("vCPU ", v, ": list register ", r, " is in use and empty");
      if (i >= 1024 || (implemented(i / 32) >> (i % 32) & 1) == 0) {
        complain("vCPU ", v, ": list register ", r, " holds INTID ", i, ", which does not exist");
        continue;
      }
      if ((atomics::load(o.mine) >> (i / 32) & 1) == 0) complain("vCPU ", v, ": `mine` lacks the bank of INTID ", i);
      const auto& b = i < 32 ? o.priv : st_.spi[i / 32 - 1];
      const u32 bit = u32{1} << (i % 32);
      if ((b.listed() & bit) == 0) complain("vCPU ", v, ": INTID ", i, " is held but not listed");
      if (who_ == held_by::anything) continue;
      // What the planes take away from a list register the vCPU has been told of.
      const u32 asserted = (atomics::load(b.line) | atomics::load(b.message)) & ~atomics::load(b.edge);
      const bool told = (atomics::load(o.maybe) >> (i / 32) & 1) != 0 || (atomics::load(o.comparing) >> r & 1) != 0;
      if (has_pending(format::state(o.lr[r])) && ((b.latched() | asserted) & bit) == 0 && !told)
        complain("vCPU ", v, ": INTID ", i, " is pending in a list register and nowhere else");
      if (has_active(format::state(o.lr[r])) != ((atomics::load(b.active) & bit) != 0) && !told)
        complain("vCPU ", v, ": INTID ", i, " is active in its list register or in the plane, not in both");
    }
  }

  void listed_have_one_holder() {
    for (u32 v = 0; v < st_.vcpus; ++v) {
      u32 seen = 0;
      for_used(st_.vcpu[v], [&](u32 i) {
        if (i >= 32) return;
        if ((seen >> i & 1) != 0) complain("vCPU ", v, ": INTID ", i, " is in two list registers");
        seen |= u32{1} << i;
      });
      if (st_.vcpu[v].priv.listed() != seen) complain("vCPU ", v, ": listed, but in no list register");
    }
    u32 seen[32] = {};
    for (u32 v = 0; v < st_.vcpus; ++v)
      for_used(st_.vcpu[v], [&](u32 i) {
        if (i < 32 || i >= 1024) return;
        if ((seen[i / 32] >> (i % 32) & 1) != 0) complain("INTID ", i, " is in two list registers");
        seen[i / 32] |= u32{1} << (i % 32);
      });
    for (u32 w = 1; w < banks_; ++w)
      if (st_.spi[w - 1].listed() != seen[w]) complain("bank ", w, ": listed, but in no list register");
  }

  template <class F>
  void for_used(const vgic::vcpu_state<C>& o, F&& f) {
    for (u32 r = 0; r < s::max.list_registers; ++r)
      if ((o.used >> r & 1) != 0) f(raw(format::id(o.lr[r])));
  }

  [[nodiscard]] u32 route_of(u32 i) const {
    if constexpr (s::is_v2)
      return atomics::load(st_.routes[(i - 32) / 4]) >> (8 * (i % 4)) & 0xff;
    else
      return atomics::load(st_.routes[i - 32]);
  }

  /// vCPUs that a route names: one bit each of the first 64.
  [[nodiscard]] u64 targets(u32 route, bool& any) const {
    any = false;
    if constexpr (s::is_v2) {
      u32 mask = route & ((u32{1} << st_.vcpus) - 1);
      if (!s::has_one_of_n) mask &= ~mask + 1;
      any = s::has_one_of_n && (mask & (mask - 1)) != 0;
      return mask;
    } else {
      if (s::has_one_of_n && route == vgic::route_any) {
        any = true;
        return ~u64{0};
      }
      for (u32 v = 0; v < st_.vcpus && v < 64; ++v)
        if (raw(s::affinity::of(vgic::vcpu_id{static_cast<vgic::u16>(v)})) == route) return u64{1} << v;
      return 0;
    }
  }

  void routes_are_covered() {
    for (u32 i = 32; i < 32 + s::spi_banks * 32; ++i) {
      const u32 route = route_of(i);
      const u32 bit = u32{1} << (i % 32);
      if (s::is_v2 && route >> st_.vcpus != 0) complain("INTID ", i, ": goes to a vCPU that does not exist");
      if ((implemented(i / 32) & bit) == 0) continue;
      bool any = false;
      const u64 to = targets(route, any);
      if (any != ((atomics::load(st_.spi[i / 32 - 1].any) & bit) != 0)) complain("INTID ", i, ": `any` is wrong");
      for (u32 v = 0; v < st_.vcpus && v < 64; ++v)
        if (((to >> v & 1) != 0 && !(any && s::is_v3)) != ((atomics::load(st_.vcpu[v].routed[i / 32 - 1]) & bit) != 0))
          complain("INTID ", i, ": `routed` of vCPU ", v, " does not say what its route does");
    }
  }

  /// Delivery's invariant: what is deliverable has a vCPU that knows of its bank.
  void nothing_is_forgotten() {
    const vgic::group_gates g{.zero = atomics::load(st_.gate[0]), .one = atomics::load(st_.gate[1])};
    for (u32 v = 0; v < st_.vcpus; ++v) {
      const vgic::planes p = st_.vcpu[v].priv.read();
      if ((deliverable(p, g) & ~waits_for_its_group(v, p)) != 0 && !looks_at(v, 0))
        complain("vCPU ", v, ": a private interrupt is deliverable and forgotten");
    }
    for (u32 w = 1; w < banks_; ++w) {
      const vgic::planes p = st_.spi[w - 1].read();
      for (u32 d = deliverable(p, g); d != 0; d &= d - 1) {
        const u32 i = 32 * w + vgic::lowest(d);
        bool any = false;
        const u64 to = targets(route_of(i), any);
        u32 could = 0;
        u32 know = 0;
        for (u32 v = 0; v < st_.vcpus && v < 64; ++v) {
          if ((to >> v & 1) == 0 || atomics::load(st_.vcpu[v].on) == 0) continue;
          if (any && !takes(v, p.group >> vgic::lowest(d) & 1)) continue;
          if ((waits_for_its_group(v, p) >> vgic::lowest(d) & 1) != 0) continue;
          ++could;
          know += looks_at(v, w) ? 1 : 0;
        }
        if (could != 0 && know == 0) complain("INTID ", i, " is deliverable and forgotten");
      }
    }
  }
  /// Interrupts of a group that the guest has off at its CPU interface, and whose turning on calls the hypervisor.
  [[nodiscard]] u32 waits_for_its_group(u32 v, const vgic::planes& p) {
    const u32 on = g_.list_registers().read_vmcr(vgic::vcpu_id{static_cast<vgic::u16>(v)});
    const u32 armed = st_.vcpu[v].armed;
    const u32 zero = (on & vgic::vmcr::veng0) == 0 && (armed & vgic::hcr::vgrp0eie) != 0 ? ~p.group : 0;
    const u32 one = (on & vgic::vmcr::veng1) == 0 && (armed & vgic::hcr::vgrp1eie) != 0 ? p.group : 0;
    return zero | one;
  }
  [[nodiscard]] bool takes(u32 v, u32 in_group) const {
    return (atomics::load(st_.takes[in_group][v / 32]) >> (v % 32) & 1) != 0;
  }
  [[nodiscard]] bool looks_at(u32 v, u32 w) const {
    const auto& o = st_.vcpu[v];
    return atomics::load(o.on) == 0 || ((atomics::load(o.maybe) | o.left.banks) >> w & 1) != 0;
  }

  vgic::gic<C>& g_;
  const vgic::state<C>& st_;
  held_by who_;
  u32 banks_;
  std::ostringstream text_;
};

template <class C>
[[nodiscard]] std::string broken_invariants(vgic::gic<C>& g, vgic::u32 expected_typer,
                                            held_by who = held_by::hardware) {
  return invariants<C>(g, who).broken(expected_typer);
}

}  // namespace tests
