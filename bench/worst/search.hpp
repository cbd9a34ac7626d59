// SPDX-License-Identifier: BSL-1.0
/// \file
/// The search: plays steps that others made, or that it made out of them, and keeps what was worst of each target.
#pragma once

#include <bench/worst/stage.hpp>

#include <functional>
#include <map>
#include <random>

namespace bench::worst {

/// Steps that end in a call of their target, and what that weighed.
struct finding {
  u32 weight = 0;
  steps how;
};

/// What people thought up: states that are hard, and what may happen in them.
struct thoughts {
  std::vector<steps> states;
  std::vector<steps> probes;
};
[[nodiscard]] thoughts hard_states(const stage& on);

class search {
 public:
  search(stage& on, u64 seed);

  /// Plays these steps, keeps what is worse than what was known.
  void play(const steps& s);
  /// Each thought once.
  void begin();
  /// One more attempt: a state and a probe, or steps of what was found, changed at random.
  void attempt();
  /// Leaves out steps that the finding does not need.
  void shorten(const target& t);

  [[nodiscard]] const std::map<target, std::vector<finding>>& found() const { return found_; }
  [[nodiscard]] u64 played() const { return played_; }
  /// The heaviest trap so far that is no call of the host's own.
  [[nodiscard]] u32 worst() const;

 private:
  [[nodiscard]] u32 weight_of(const target& t, const steps& s);
  [[nodiscard]] const finding& any_finding();
  [[nodiscard]] step random_step();
  [[nodiscard]] step random_access(act what);
  [[nodiscard]] u64 random_value(vgic::reg what);
  void change(step& s);
  void mutate(steps& s);
  void keep(const target& t, finding f);
  [[nodiscard]] u32 below(u32 n) { return static_cast<u32>(random_() % n); }
  [[nodiscard]] bool one_in(u32 n) { return below(n) == 0; }

  stage& on_;
  std::mt19937_64 random_;
  std::vector<registers> registers_;
  thoughts thoughts_;
  std::map<target, std::vector<finding>> found_{};
  u64 played_ = 0;
};

}  // namespace bench::worst
