// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/search.hpp>

#include <algorithm>

namespace bench::worst {
namespace {

/// Longer ones are not played, and no more calls of one.
constexpr std::size_t most_steps = 48;
constexpr u32 most_calls = 6000;
/// So many findings are kept of a target: what is second may become first.
constexpr std::size_t most_findings = 3;

/// How much a finding is worth another attempt: what costs little whatever one does needs fewer.
u32 interest(u32 weight) { return 20 + weight; }

}  // namespace

search::search(stage& on, u64 seed)
    : on_(on), random_(seed), registers_(on.all_registers()), thoughts_(hard_states(on)) {}

void search::play(const steps& s) {
  if (s.empty() || s.size() > most_steps) return;
  struct place {
    u32 weight;
    std::size_t last;
    u32 i, j;
  };
  std::map<target, place> best;
  on_.begin();
  ++played_;
  u32 calls = 0;
  for (std::size_t k = 0; k < s.size(); ++k)
    for (u32 i = 0; i < s[k].vcpus; ++i)
      for (u32 j = 0; j < s[k].times; ++j) {
        if (++calls > most_calls) goto out;
        const spent cost = on_.play(s[k], i, j, all_parts);
        const auto look = [&](const target& t) {
          const u32 weight = cost_of(t, cost);
          if (weight == 0) return;
          const auto known = found_.find(t);
          if (known != found_.end() && weight <= known->second.front().weight) return;
          place& b = best[t];
          if (weight > b.weight) b = {weight, k, i, j};
        };
        if (const auto call = on_.call_of(s[k], j)) {
          look(*call);
          if (const auto trap = whole(*call)) look(*trap);
        }
        for (const measure how : {measure::exit, measure::entry, measure::maintenance})
          look({how, act::pass, vgic::reg::reserved});
      }
out:
  for (const auto& [t, b] : best) keep(t, {b.weight, until(s, b.last, b.i, b.j)});
}

void search::keep(const target& t, finding f) {
  auto& all = found_[t];
  all.insert(all.begin(), std::move(f));
  if (all.size() > most_findings) all.pop_back();
}

u32 search::weight_of(const target& t, const steps& s) {
  on_.begin();
  ++played_;
  spent last;
  for (std::size_t k = 0; k < s.size(); ++k)
    for (u32 i = 0; i < s[k].vcpus; ++i)
      for (u32 j = 0; j < s[k].times; ++j) last = on_.play(s[k], i, j, all_parts);
  return cost_of(t, last);
}

void search::shorten(const target& t) {
  finding& f = found_.at(t).front();
  // What is half of a percent, all in all, is not worth a step.
  const u32 enough = f.weight - f.weight / 200;
  const auto as_good = [&](const steps& less) { return weight_of(t, less) >= enough; };
  for (std::size_t k = f.how.size(); k-- > 0;) {
    const bool last = k + 1 == f.how.size();
    if (!last) {
      steps less = f.how;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(k));
      if (as_good(less)) {
        f.how = std::move(less);
        continue;
      }
    }
    if (f.how[k].times > 1) {
      steps less = f.how;
      less[k].times = 1;
      if (last) less[k].at += (f.how[k].times - 1u) * (less[k].what <= act::write ? less[k].size : 1u);
      if (as_good(less)) f.how = std::move(less);
    }
    if (f.how[k].vcpus > 1) {
      steps less = f.how;
      less[k].vcpus = 1;
      if (as_good(less)) f.how = std::move(less);
    }
  }
}

const finding& search::any_finding() {
  u64 sum = 0;
  for (const auto& [t, all] : found_) sum += interest(all.front().weight);
  u64 at = random_() % sum;
  for (const auto& [t, all] : found_) {
    if (at < interest(all.front().weight)) return all[one_in(2) ? 0 : below(static_cast<u32>(all.size()))];
    at -= interest(all.front().weight);
  }
  return found_.begin()->second.front();
}

void search::begin() {
  for (const steps& probe : thoughts_.probes) play(probe);
  for (const steps& state : thoughts_.states) play(state);
}

void search::attempt() {
  const auto any_of = [&](const std::vector<steps>& all) { return all[below(static_cast<u32>(all.size()))]; };
  if (one_in(5)) {
    steps s = any_of(thoughts_.states);
    for (u32 n = 1 + below(2); n != 0; --n) {
      const steps probe = any_of(thoughts_.probes);
      s.insert(s.end(), probe.begin(), probe.end());
    }
    play(s);
    return;
  }
  steps s = any_finding().how;
  if (one_in(8)) {  // the beginning of one and the end of another
    const steps& other = any_finding().how;
    s.resize(1 + below(static_cast<u32>(s.size())));
    s.insert(s.end(), other.begin() + below(static_cast<u32>(other.size())), other.end());
  }
  for (u32 n = 1 + below(4); n != 0; --n) mutate(s);
  play(s);
}

void search::mutate(steps& s) {
  const u32 at = below(static_cast<u32>(s.size()));
  const auto place = s.begin() + at;
  switch (below(8)) {
    case 0:
    case 1: s.insert(s.begin() + below(static_cast<u32>(s.size()) + 1), random_step()); break;
    case 2:
      if (s.size() > 1) s.erase(place);
      break;
    case 3: s[at] = random_step(); break;
    case 4: s.push_back(one_in(3) ? s[at] : random_step()); break;
    case 5: std::swap(s[at], s[below(static_cast<u32>(s.size()))]); break;
    default: change(s[at]); break;
  }
}

void search::change(step& s) {
  switch (below(7)) {
    case 0: s.first = static_cast<u8>(below(on_.vcpus())); break;
    case 1: s.vcpus = static_cast<u8>(one_in(2) ? on_.vcpus() : 1); break;
    case 2: s.at = one_in(2) ? s.at + s.size : s.at - s.size; break;
    case 3: s.times = static_cast<u16>(one_in(2) ? 1 : one_in(2) ? s.times * 2 : s.times / 2 + 1); break;
    case 4: s.changing = pattern{static_cast<u8>(below(5))}; break;
    case 5: s.of = static_cast<u8>(below(on_.vcpus())); break;
    default: s.value = random_value(vgic::reg::reserved); break;
  }
  s.times = std::min<u16>(s.times, 1024);
}

u64 search::random_value(vgic::reg what) {
  if (what == vgic::reg::gicd_irouter) return one_in(2) ? u64{1} << 31 : below(on_.vcpus() + 1);
  if (what == vgic::reg::gicd_itargetsr && one_in(2)) return (1u << below(8)) * u64{0x0101'0101};
  if (what == vgic::reg::gicd_setspi_nsr || what == vgic::reg::gicd_clrspi_nsr) return 32 + below(on_.spis());
  if (what == vgic::reg::gicd_sgir) return u64{below(4)} << 24 | u64{below(256)} << 16 | below(16);
  if (what == vgic::reg::gicr_ctlr) return u64{below(4)} << 24;
  if (what == vgic::reg::gicd_ctlr) return below(4);
  if (what == vgic::reg::gicr_waker) return below(2) * 2;
  switch (below(8)) {
    case 0:
    case 1:
    case 2: return 0xffff'ffff;
    case 3: return 0;
    case 4: return u64{1} << below(32);
    case 5: return one_in(2) ? 0xaaaa'aaaa : 0x5555'5555;
    case 6: return u64{0x0101'0101} * below(256);
    default: return random_() & 0xffff'ffff;
  }
}

step search::random_access(act what) {
  const registers& r = registers_[below(static_cast<u32>(registers_.size()))];
  step s{.what = what, .where = r.where};
  if (s.where == frame::own && one_in(8)) {
    s.where = frame::redistributor;
    s.of = static_cast<u8>(below(on_.vcpus()));
  }
  if (one_in(40)) {  // anywhere
    s.at = below(s.where == frame::distributor ? 0x1'0000 : 0x2'0000) & ~3u;
    s.value = random_value(vgic::reg::reserved);
    return s;
  }
  const u8 widths = r.row.how & 0xf;
  s.size = (widths & 8) != 0 && one_in(2) ? 8 : 4;
  if (one_in(12)) s.size = static_cast<u8>(1u << below(4));
  const u32 words = (r.row.end - r.row.first) / s.size;
  const u32 first = words == 0 ? 0 : below(words);
  s.at = r.base + r.row.first + first * s.size;
  if (words > 1 && one_in(3)) {
    s.at = r.base + r.row.first;
    s.times = static_cast<u16>(std::min(words, 1024u));
  }
  s.value = random_value(r.row.what);
  if (one_in(5)) s.changing = pattern{static_cast<u8>(below(5))};
  return s;
}

step search::random_step() {
  const u32 kind = below(100);
  step s;
  if (kind < 45) {
    s = random_access(act::write);
  } else if (kind < 52) {
    s = random_access(act::read);
  } else if (kind < 60) {
    s.what = act{static_cast<u8>(static_cast<u32>(act::sgi1r) + below(4))};
    s.value = u64{below(16)} << 24 | (one_in(3) ? u64{1} << 40 : 0xffff & random_());
    if (one_in(3)) s.value |= 0xffff;
    s.at = below(1020);
  } else if (kind < 72) {
    s.what = act{static_cast<u8>(static_cast<u32>(act::raise) + below(8))};
    s.at = below(on_.spis());
    if (one_in(2)) {
      s.at = 0;
      s.times = static_cast<u16>(one_in(2) ? on_.spis() : 32);
    }
  } else if (kind < 78) {
    s.what = act::pass;
  } else if (kind < 80) {
    s.what = one_in(2) ? act::off : act::on;
  } else if (kind < 81) {
    s.what = act::reschedule;
  } else if (kind < 96) {
    s.what = act{static_cast<u8>(static_cast<u32>(act::acknowledge) + below(7))};
    s.value = s.what == act::mask ? 0xf8 : below(4);
    s.at = below(1020);
    if (one_in(2)) s.times = static_cast<u16>(1 + below(32));
  } else {
    s.what = act::neighbours;
    s.value = below(3);
  }
  s.first = static_cast<u8>(one_in(2) ? 0 : below(on_.vcpus()));
  if (one_in(8)) {
    s.first = 0;
    s.vcpus = static_cast<u8>(on_.vcpus());
  }
  if (s.what >= act::raise && s.what <= act::pulse && one_in(4)) {
    s.first = nobody;
    s.vcpus = 1;
  }
  return s;
}

u32 search::worst() const {
  u32 most = 0;
  for (const auto& [t, all] : found_)
    if (is_limited(t)) most = std::max(most, all.front().weight);
  return most;
}

}  // namespace bench::worst
