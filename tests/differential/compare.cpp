// SPDX-License-Identifier: BSL-1.0
#include "compare.hpp"

#include <algorithm>

namespace differential {

std::string setup::name() const {
  return "GICv" + std::to_string(version) + ", " + std::to_string(vcpus) + " CPU" + (vcpus == 1 ? "" : "s") + ", " +
         std::to_string(list_registers) + " list register" + (list_registers == 1 ? "" : "s") + ", " +
         std::to_string(priority_bits) + " bits of priority";
}

tally& tally::operator+=(const tally& o) {
  requests += o.requests;
  reads += o.reads;
  lines += o.lines;
  taken += o.taken;
  histories += o.histories;
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] += o.rows[i];
  return *this;
}

std::unique_ptr<subject> make_machine(const setup& s) {
  if (s.is_v2()) return std::make_unique<machine<gicv2_configuration>>(s);
  if (s.priority_bits == 5) return std::make_unique<machine<gicv3_configuration<5>>>(s);
  return std::make_unique<machine<gicv3_configuration<8>>>(s);
}

void comparison::revive() {
  if (!theirs_) theirs_.emplace(setup_);
}

std::optional<finding> comparison::play(const history& h, tally& t) {
  revive();
  std::vector<request> requests;
  std::vector<std::size_t> step_of;
  ours_->reset();
  std::optional<finding> gave_up;
  for (std::size_t i = 0; i < h.size() && !gave_up; ++i) {
    try {
      const played p = ours_->play(h[i]);
      if (p.skipped != played::no_row) ++t.rows[static_cast<std::size_t>(p.skipped)];
      if (h[i].what == act::acknowledge && p.id != 1023) ++t.taken;
      for (const request& r : p.requests) {
        if (r.what == request::kind::read && r.address == gicc + 0xc && (r.ours & 0x3ff) < 1020) ++t.taken;
        requests.push_back(r);
        step_of.push_back(i);
      }
    } catch (const std::runtime_error& e) {
      gave_up = finding{.step = i, .access = {}, .failure = e.what()};
    }
  }
  std::vector<u64> answers;
  try {
    theirs_->reset();
    answers = theirs_->play(requests);
  } catch (const qemu_failed& e) {
    theirs_.reset();
    return finding{.step = h.empty() ? 0 : h.size() - 1, .access = {}, .failure = e.what()};
  }
  t.requests += requests.size();
  t.reads += answers.size();
  ++t.histories;
  std::size_t next = 0;
  for (std::size_t k = 0; k < requests.size(); ++k) {
    t.lines += requests[k].what == request::kind::line ? 1 : 0;
    if (requests[k].what != request::kind::read) continue;
    const u64 theirs = answers[next++];
    if (theirs == requests[k].ours) continue;
    if (!explained({setup_, requests[k], theirs}, t.rows))
      return finding{.step = step_of[k], .access = requests[k], .theirs = theirs, .failure = {}};
  }
  return gave_up;
}

bool comparison::fails(const history& h) {
  tally ignored;
  return play(h, ignored).has_value();
}

/// Ever smaller parts are left out, until none can be.
void comparison::leave_out_parts(history& h, std::size_t largest, const std::function<void(std::size_t)>& progress) {
  for (std::size_t part = std::max<std::size_t>(largest, 1);; part = std::max<std::size_t>(part / 2, 1)) {
    bool any = false;
    for (std::size_t from = 0; from < h.size();) {
      history without = h;
      const auto first = without.begin() + static_cast<std::ptrdiff_t>(from);
      without.erase(first, first + static_cast<std::ptrdiff_t>(std::min(part, h.size() - from)));
      if (!fails(without)) {
        from += part;
        continue;
      }
      h = std::move(without);
      any = true;
      progress(h.size());
    }
    if (part == 1 && !any) return;
  }
}

void comparison::simplify_values(history& h) {
  for (std::size_t i = 0; i < h.size(); ++i) {
    const auto simpler = [&](auto change) {
      history other = h;
      change(other[i]);
      if (other != h && fails(other)) h = std::move(other);
    };
    if (h[i].vcpu != elsewhere) simpler([](operation& o) { o.vcpu = 0; });
    if (h[i].what == act::read) continue;
    simpler([](operation& o) { o.value = 0; });
    for (u32 b = 64; b-- != 0;)
      if ((h[i].value >> b & 1) != 0) simpler([&](operation& o) { o.value &= ~(u64{1} << b); });
  }
}

history comparison::shrink(history h, const std::function<void(std::size_t)>& progress) {
  // Nothing behind the step that shows it.
  const auto cut = [&] {
    tally ignored;
    if (const auto f = play(h, ignored); f && f->step + 1 < h.size()) h.resize(f->step + 1);
  };
  cut();
  leave_out_parts(h, h.size() / 2, progress);
  simplify_values(h);
  leave_out_parts(h, 1, progress);
  cut();
  return h;
}

}  // namespace differential
