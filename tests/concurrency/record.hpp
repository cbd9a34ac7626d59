// SPDX-License-Identifier: BSL-1.0
/// \file
/// What happened in one execution, in its order, and whether that may be.
///
/// A latched event is an edge, a write to ISPENDR or an SGI. Each is followed by an acknowledge or taken back by
/// ICPENDR, and each acknowledge has an event of its own that had begun by then. Events that an acknowledge finds
/// together may be one.
#pragma once

#include <vgic/types.hpp>

namespace tests {

enum class happening : vgic::u8 { set, clear, raise, lower, take };

class record {
 public:
  using u8 = vgic::u8;
  using u32 = vgic::u32;

  /// `to` and `from` tell the events of an SGI apart.
  void begin(happening what, u32 i, u32 to = 0, u32 from = 0) { add(what, i, to, from, true); }
  void end(happening what, u32 i, u32 to = 0, u32 from = 0) {
    for (u32 k = count_; k-- != 0;) {
      entry& e = entries_[k];
      if (e.what != what || e.intid != i || e.to != to || e.from != from || !e.open) continue;
      e.open = false;
      e.until = static_cast<u8>(++now_);
      return;
    }
  }
  void at(happening what, u32 i, u32 to = 0, u32 from = 0) { add(what, i, to, from, false); }
  void wrong(const char* what, u32 i) {
    if (wrong_ == nullptr) wrong_ = what;
    if (wrong_intid_ == 0) wrong_intid_ = i;
  }

  /// What is wrong with it when nothing may be left over; null if nothing is.
  [[nodiscard]] const char* verdict() {
    for (u32 k = 0; k < count_ && wrong_ == nullptr; ++k)
      if (is_set(entries_[k]) || is_take(entries_[k])) judge(entries_[k].intid, entries_[k].to, entries_[k].from);
    return wrong_;
  }
  [[nodiscard]] u32 wrong_intid() const { return wrong_intid_; }
  [[nodiscard]] const char* known_wrong() const { return wrong_; }

  /// How often INTID `i` was acknowledged.
  [[nodiscard]] u32 takes(u32 i) const {
    u32 n = 0;
    for (u32 k = 0; k < count_; ++k) n += is_take(entries_[k]) && entries_[k].intid == i ? 1 : 0;
    return n;
  }
  [[nodiscard]] bool is_full() const { return count_ == most; }

 private:
  static constexpr u32 most = 32;
  struct entry {
    happening what;
    bool open;
    u8 intid, to, from, used;
    u8 since, until;
  };

  static bool is_take(const entry& e) { return e.what == happening::take; }
  static bool is_set(const entry& e) { return e.what == happening::set; }
  [[nodiscard]] bool concerns(const entry& e, u32 i, u32 to, u32 from) const {
    return e.intid == i && e.to == to && e.from == from;
  }

  void add(happening what, u32 i, u32 to, u32 from, bool open) {
    if (is_full()) return wrong("more happened than there is room to record", i);
    const auto time = static_cast<u8>(++now_);
    entries_[count_++] = {what, open, static_cast<u8>(i), static_cast<u8>(to), static_cast<u8>(from), 0, time, time};
  }

  void judge(u32 i, u32 to, u32 from) {
    u32 last_take = 0;
    u32 last_clear = 0;
    u32 raised = 0;
    for (u32 k = 0; k < count_; ++k) {
      const entry& e = entries_[k];
      if (!concerns(e, i, to, from)) continue;
      if (is_take(e)) last_take = e.since;
      if (e.what == happening::clear && e.until > last_clear) last_clear = e.until;
      if (e.what == happening::raise) ++raised;
    }
    for (u32 k = 0; k < count_; ++k) {
      const entry& e = entries_[k];
      if (is_set(e) && concerns(e, i, to, from) && e.since > last_take && e.since > last_clear)
        return wrong("an event of INTID was not taken", i);
    }
    if (raised != 0) return;  // a level asks as often as it likes
    for (u32 k = 0; k < count_; ++k) entries_[k].used = 0;
    for (u32 k = 0; k < count_; ++k) {
      const entry& take = entries_[k];
      if (!is_take(take) || !concerns(take, i, to, from)) continue;
      entry* best = nullptr;
      for (u32 n = 0; n < count_; ++n) {
        entry& e = entries_[n];
        if (!is_set(e) || !concerns(e, i, to, from) || e.used != 0 || e.since > take.since) continue;
        if (best == nullptr || e.until < best->until) best = &e;
      }
      if (best == nullptr) return wrong("INTID was taken more often than it came", i);
      best->used = 1;
    }
  }

  entry entries_[most] = {};
  u32 count_ = 0;
  u32 now_ = 0;
  const char* wrong_ = nullptr;
  u32 wrong_intid_ = 0;
};

}  // namespace tests
