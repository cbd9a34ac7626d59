// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/search.hpp>

namespace bench::worst {
namespace {

constexpr u64 ones = 0xffff'ffff;
constexpr u64 edges = 0xaaaa'aaaa;

/// Writes the states of one configuration down.
class author {
 public:
  explicit author(const stage& on) : v3_(on.version() == 3), vcpus_(static_cast<u8>(on.vcpus())) {}

  /// A register of one bit an interrupt, of all SPIs or of every vCPU's private ones; ICFGR has two words a bank.
  [[nodiscard]] step of_spis(u32 offset, u64 value, pattern p = pattern::same) const {
    const u32 words = offset == 0xc00 ? 2 : offset == 0x400 || offset == 0x800 ? 8 : 1;
    return {.what = act::write,
            .at = offset + 4 * words,
            .times = static_cast<u16>(30 * words),
            .value = value,
            .changing = p};
  }
  [[nodiscard]] step of_all_private(u32 offset, u64 value, pattern p = pattern::same) const {
    return {.what = act::write,
            .vcpus = vcpus_,
            .where = v3_ ? frame::own : frame::distributor,
            .at = v3_ ? 0x1'0000 + offset : offset,
            .times = static_cast<u16>(offset == 0x400 ? 8 : 1),
            .value = value,
            .changing = p};
  }
  [[nodiscard]] step gates(u64 value) const { return {.what = act::write, .at = 0, .value = value}; }
  [[nodiscard]] step all(act what, u64 value = 0, u16 times = 1) const {
    return {.what = what, .vcpus = vcpus_, .times = times, .value = value};
  }
  [[nodiscard]] step routes(u64 value) const {
    if (v3_) return {.what = act::write, .size = 8, .at = 0x6100, .times = 960, .value = value};
    return of_spis(0x800, value);
  }
  [[nodiscard]] u64 to_all() const { return v3_ ? u64{1} << 31 : ones; }
  [[nodiscard]] u64 to_first() const { return v3_ ? 0 : 0x0101'0101; }
  [[nodiscard]] u64 normal() const { return v3_ ? 1 : 0; }

  /// Everything is edge-triggered and enabled, of the group given, but the groups are off.
  [[nodiscard]] steps ready(u64 route, u64 group, pattern priorities) const {
    return {of_spis(0x80, group),
            of_all_private(0x80, group),
            of_spis(0xc00, edges),
            of_spis(0x400, 0, priorities),
            of_all_private(0x400, 0x40, priorities),
            routes(route),
            of_spis(0x100, ones),
            of_all_private(0x100, ones)};
  }
  [[nodiscard]] static steps joined(steps a, const steps& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  [[nodiscard]] std::vector<steps> states() const {
    std::vector<steps> all_states;
    for (const u64 route : {to_first(), to_all()})
      for (const pattern priorities : {pattern::same, pattern::ramp, pattern::slope, pattern::scatter})
        for (const u64 group : {ones, edges}) {
          const steps base = ready(route, group, priorities);
          const auto with = [&](const steps& more) { all_states.push_back(joined(base, more)); };
          // All is pending when the groups go on; everybody looks; some is taken; all is active, and ends unseen.
          const steps pending{of_spis(0x200, ones), of_all_private(0x200, ones), gates(3)};
          const steps taken{all(act::pass), all(act::acknowledge, 1), all(act::acknowledge, 0), all(act::pass)};
          with(pending);
          with(joined(pending, {all(act::pass), all(act::pass)}));
          with(joined(pending, taken));
          with(joined(joined(pending, taken), {of_spis(0x300, ones), of_all_private(0x300, ones)}));
          with({of_spis(0x300, ones), of_all_private(0x300, ones), gates(3), all(act::pass)});
          with({gates(3), of_spis(0x300, ones), of_all_private(0x300, ones), all(act::split, 1), all(act::pass),
                all(act::deactivate, 0, 31), all(act::pass)});
          // Less urgent ones have the list registers when the rest comes; one group is closed.
          with({gates(3), all(act::groups, 1), of_spis(0x200, ones), of_all_private(0x200, ones), all(act::pass),
                all(act::groups, 2), all(act::pass)});
          with({gates(3), {.what = act::pulse, .at = 0, .times = 960}, all(act::pass)});
          with({gates(3), {.what = act::neighbours, .value = 1}, of_spis(0x200, ones), of_all_private(0x200, ones)});
          with({gates(3), {.what = act::neighbours, .value = 2}, of_spis(0x200, ones), of_all_private(0x200, ones)});
        }
    all_states.push_back(active_and_pending());
    // Every list register was taken and ended since the last exit; levels are still high.
    for (const u64 route : {to_first(), to_all()})
      for (const u64 trigger : {edges, u64{0}})
        for (const pattern priorities : {pattern::same, pattern::ramp, pattern::slope}) {
          steps base = ready(route, ones, priorities);
          base.push_back(of_spis(0xc00, trigger));
          const steps taken{gates(3),
                            {.what = act::raise, .times = 960},
                            all(act::raise_private, 0, 16),
                            all(act::pass),
                            all(act::take, 1, 16)};
          all_states.push_back(joined(base, joined(taken, {all(act::pass)})));
          all_states.push_back(
              joined(base, joined(taken, {{.what = act::lower, .first = nobody, .times = 960}, all(act::pass)})));
          all_states.push_back(joined(base, joined(taken, {gates(0), all(act::pass)})));
        }
    steps linked{{.what = act::link, .times = 960}, {.what = act::link_private, .vcpus = vcpus_, .times = 16}};
    for (const u64 route : {to_first(), to_all()}) {
      steps base = joined(linked, ready(route, ones, pattern::ramp));
      all_states.push_back(joined(base, {of_spis(0x200, ones), gates(3), all(act::pass)}));
      all_states.push_back(
          joined(base, {of_spis(0x200, ones), gates(3), all(act::pass), all(act::take, 1, 16), all(act::pass)}));
      all_states.push_back(joined(base, {of_spis(0x300, ones), of_all_private(0x300, ones), gates(3)}));
    }
    return all_states;
  }

  /// One interrupt of each bank is active and pending, four a vCPU, and its group off: reads of GICD_CTLR.RWP look at
  /// all of them, and there is nothing to wait for.
  [[nodiscard]] steps active_and_pending() const {
    steps s = ready(to_first(), ones, pattern::same);
    s.push_back({.what = act::write, .at = 0x184, .times = 30, .value = 0xffff'fffe});
    for (u32 v = 0; v < 8; ++v) {
      const u32 first = 4 * v;  // bank, less one
      if (v3_)
        s.push_back({.what = act::write, .size = 8, .at = 0x6100 + 8 * 32 * first, .times = 4 * 32, .value = v});
      else
        s.push_back({.what = act::write, .at = 0x820 + 32 * first, .times = 4 * 8, .value = u64{0x0101'0101} << v});
    }
    for (const step& more : steps{all(act::split, 1), gates(3), of_spis(0x200, 1), all(act::pass)}) s.push_back(more);
    for (u32 n = 0; n < 4; ++n)
      for (const act what : {act::acknowledge, act::end}) s.push_back(all(what, 1));
    for (const step& more : steps{
             all(act::pass), of_spis(0x200, 1), all(act::pass), gates(0), all(act::pass), {.what = act::read, .at = 0}})
      s.push_back(more);
    return s;
  }

 private:
  bool v3_;
  u8 vcpus_;
};

}  // namespace

thoughts hard_states(const stage& on) {
  const author a(on);
  std::vector<steps> probes{{a.all(act::pass)}};
  for (const registers& r : on.all_registers())
    for (const u64 value : {ones, u64{0}, u64{1} << 31}) {
      const bool wide = (r.row.how & 8) != 0;
      step s{.what = act::write,
             .where = r.where,
             .size = static_cast<u8>(wide ? 8 : 4),
             .at = r.base + r.row.first,
             .value = value};
      // The first bank of SPIs, where there is one.
      const u32 bank = r.row.first == 0x400 || r.row.first == 0x800 ? 32 : r.row.first == 0xc00 ? 8 : 4;
      if (r.row.end - r.row.first > bank && !wide) s.at += bank;
      step read = s;
      read.what = act::read;
      probes.push_back({read, s, {.what = act::pass}});
    }
  for (const frame where : {frame::distributor, frame::own})
    for (const act what : {act::read, act::write}) probes.push_back({{.what = what, .where = where, .at = 0x20}});
  for (const act what : {act::sgi1r, act::asgi1r, act::sgi0r})
    for (const u64 value : {u64{0xffff}, u64{1} << 40, u64{1}})
      probes.push_back({{.what = what, .value = value}, {.what = act::pass}});
  for (u32 what = static_cast<u32>(act::raise); what <= static_cast<u32>(act::reschedule); ++what)
    probes.push_back({{.what = act{static_cast<u8>(what)}}});
  probes.push_back({{.what = act::off}, {.what = act::on}});
  for (const u64 groups : {u64{0}, u64{1}, u64{2}})
    probes.push_back({{.what = act::groups, .value = groups}, {.what = act::pass}});
  return {a.states(), std::move(probes)};
}

}  // namespace bench::worst
