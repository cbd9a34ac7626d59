// SPDX-License-Identifier: BSL-1.0
// Scenarios as relacy's tests.
#include "concurrency/search.hpp"

#include <relacy/relacy.hpp>

#include <cstring>
#include <ostream>

namespace tests {

namespace {

scenario* under_test = nullptr;
u64 executions = 0;
u64 most_executions = 0;
std::string reason;

constexpr const char* out_of_words = "a word is shared that was not known to be";
constexpr const char* out_of_effort = "enough was looked at";

/// Code that allocates memory for itself, not for what is simulated: relacy would simulate that too.
template <class F>
void outside_of_simulation(F&& f) {
  rl::context* simulation = std::exchange(rl::context_holder<>::instance_, nullptr);
  f();
  rl::context_holder<>::instance_ = simulation;
}

template <int Threads>
struct threads_of : rl::test_suite<threads_of<Threads>, Threads> {
  void before() {
    under_test->restore();
    model::enter();
  }
  void thread(unsigned t) { under_test->body(t); }
  void after() {
    model::leave();
    if (model::grew()) rl::ctx().fail_test(out_of_words, rl::test_result_user_assert_failed, $);
    const char* wrong = nullptr;
    outside_of_simulation([&] {
      wrong = under_test->verdict();
      if (wrong != nullptr) reason = wrong;
    });
    if (wrong != nullptr) rl::ctx().fail_test(reason.c_str(), rl::test_result_user_assert_failed, $);
    if (++executions == most_executions) rl::ctx().fail_test(out_of_effort, rl::test_result_until_condition_hit, $);
  }
};

/// Takes what is written to it, and keeps nothing.
struct nowhere : std::streambuf {
  int overflow(int c) override { return c; }
};

enum class ended : u8 { all_seen, enough, wrong, more_words };

template <int Threads>
ended run(rl::test_params& p, std::ostream& state) {
  rl::test_result_e r = rl::test_result_success;
  reason.clear();
  executions = 0;
  if (p.search_type == rl::sched_full)
    r = rl::run_test<threads_of<Threads>, rl::full_search_scheduler<Threads>>(p, state, false);
  else if (p.search_type == rl::sched_bound)
    r = rl::run_test<threads_of<Threads>, rl::context_bound_scheduler<Threads>>(p, state, false);
  else
    r = rl::run_test<threads_of<Threads>, rl::random_scheduler<Threads>>(p, state, false);
  model::running = false;
  if (model::grew()) return ended::more_words;
  if (r == rl::test_result_success) return ended::all_seen;
  if (r == rl::test_result_until_condition_hit) return ended::enough;
  if (reason.empty()) reason = rl::test_result_str(r);
  return ended::wrong;
}

/// A search, begun again for as long as words turn up that it has to model.
ended search_with(rl::scheduler_type_e type, u32 switches, u64 most, u64 random, std::ostream* history) {
  static nowhere sink;
  static std::ostream null(&sink);
  for (;;) {
    rl::test_params p;
    p.search_type = type;
    p.context_bound = switches;
    p.iteration_count = random;
    p.execution_depth_limit = 5'000;
    p.output_stream = p.progress_stream = &null;
    p.output_history = true;  // else it would be run again
    most_executions = most;
    rl::ostringstream at;
    const auto once = [&] { return under_test->threads == 2 ? run<2>(p, at) : run<3>(p, at); };
    const ended how = once();
    if (how == ended::more_words) {
      model::adopt();
      judged().clear();
      continue;
    }
    if (how == ended::wrong && history != nullptr) {
      const std::string why = reason;
      p.initial_state = at.str();
      p.output_history = false;
      p.collect_history = true;
      p.output_stream = history;
      most_executions = 1;
      (void)once();
      reason = why;
    }
    return how;
  }
}

}  // namespace

u64 digest(const void* at, std::size_t bytes, u64 seed) {
  const auto* p = static_cast<const unsigned char*>(at);
  u64 h = seed;
  for (; bytes >= 8; bytes -= 8, p += 8) {
    u64 w;
    std::memcpy(&w, p, 8);
    h = (h ^ w) * 0x9e37'79b9'7f4a'7c15u;
    h ^= h >> 29;
  }
  for (; bytes != 0; --bytes, ++p) h = (h ^ *p) * 0x9e37'79b9'7f4a'7c15u;
  return h ^ h >> 32;
}

bool judged_states::has(u64 fingerprint) const {
  for (u64 k = fingerprint % room; table_[k] != 0; k = (k + 1) % room)
    if (table_[k] == fingerprint) return true;
  return false;
}
void judged_states::add(u64 fingerprint) {
  if (count_ >= room / 2) return;
  u64 k = fingerprint % room;
  while (table_[k] != 0) k = (k + 1) % room;
  table_[k] = fingerprint;
  ++count_;
}
void judged_states::clear() {
  std::fill_n(table_.get(), room, u64{0});
  count_ = 0;
}
judged_states& judged() {
  static judged_states states;
  return states;
}

outcome search(scenario& s, const effort& e, std::ostream* history) {
  under_test = &s;
  s.prepare();
  judged().clear();
  outcome o;
  const auto wrong = [&] {
    o.wrong = reason;
    o.executions = executions;
    return o;
  };
  // Few preemptions find nearly all that is wrong, and soon.
  for (u32 n = 1;; ++n) {
    const u64 most = n <= e.least_switches ? 0 : e.executions;
    const ended how = search_with(rl::sched_bound, n, most, 0, history);
    if (how == ended::wrong) return wrong();
    if (how == ended::enough) break;
    const bool the_same = executions == o.executions;
    o.switches = n;
    o.executions = executions;
    o.states = judged().size();
    if (the_same) {  // there are no more switches
      o.complete = true;
      return o;
    }
    if (executions * 4 > e.executions && n >= e.least_switches) break;
  }
  if (e.random != 0) {
    if (search_with(rl::sched_random, 0, 0, e.random, history) == ended::wrong) return wrong();
    o.random = executions;
    o.states = judged().size();
  }
  return o;
}

}  // namespace tests
