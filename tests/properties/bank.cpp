// SPDX-License-Identifier: BSL-1.0
// A bank's operations: what each does alone, and every order of the steps of several at once.
#include "catch.hpp"

#include <vgic/atomics.hpp>
#include <vgic/bank.hpp>

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace vgic;

namespace {

using plain = single_cpu_atomics;
using plain_bank = bank<plain, 5>;

struct latches {
  u32 listed, carried, latch;
  friend bool operator==(const latches&, const latches&) = default;
};

latches of(const plain_bank& b) {
  const planes p = b.read();
  return {p.listed, p.carried, p.latch};
}

plain_bank random_bank(std::mt19937& random) {
  plain_bank b{};
  const auto word = [&] { return static_cast<u32>(random()); };
  b.hold.word = u64{word()} << 32 | word();
  for (auto* c : {&b.latch, &b.line, &b.message, &b.edge, &b.enabled, &b.group, &b.active, &b.any, &b.linked})
    c->word = word();
  for (auto& s : b.slices) s.word = word();
  return b;
}

}  // namespace

TEST_CASE("a bank reads as its planes") {
  std::mt19937 random{tests::seed()};
  for (int k = 0; k < 2'000; ++k) {
    const plain_bank b = random_bank(random);
    const planes p = b.read();
    REQUIRE(p.listed == static_cast<u32>(b.hold.word));
    REQUIRE(p.carried == static_cast<u32>(b.hold.word >> 32));
    REQUIRE(b.listed() == p.listed);
    REQUIRE(p.latch == b.latch.word);
    REQUIRE(p.line == b.line.word);
    REQUIRE(p.message == b.message.word);
    REQUIRE(p.edge == b.edge.word);
    REQUIRE(p.enabled == b.enabled.word);
    REQUIRE(p.group == b.group.word);
    REQUIRE(p.active == b.active.word);
    REQUIRE(p.any == b.any.word);
    const u32 candidates = static_cast<u32>(random());
    u32 best = 32;
    for (u32 i = 0; i < 32; ++i) {
      u32 q = 0;
      for (u32 s = 0; s < 5; ++s) q |= (b.slices[s].word >> i & 1) << s;
      if ((candidates >> i & 1) != 0 && q < best) best = q;
    }
    u32 want = 0;
    for (u32 i = 0; i < 32; ++i) {
      u32 q = 0;
      for (u32 s = 0; s < 5; ++s) q |= (b.slices[s].word >> i & 1) << s;
      if ((candidates >> i & 1) != 0 && q == best) want |= u32{1} << i;
    }
    REQUIRE(b.urgent(candidates) == want);
  }
}

TEST_CASE("claim, take_latch, carry_latch, clear_latched and release, one at a time") {
  std::mt19937 random{tests::seed()};
  u32 claims = 0;
  for (int k = 0; k < 20'000; ++k) {
    plain_bank b = random_bank(random);
    const latches was = of(b);
    const u32 bit = u32{1} << (random() % 32);
    const u32 others = ~bit;
    const bool latched = (was.latch & bit) != 0;

    switch (random() % 6) {
      case 0: {  // claim without and with a latch
        const u32 carry = random() % 2 != 0 ? bit : 0;
        u64 before = 0;
        const u64 hold = b.hold.word;
        const bool won = b.claim(bit, carry, before);
        REQUIRE(won == ((was.listed & bit) == 0));
        REQUIRE(before == hold);
        if (won) {
          REQUIRE(of(b) == latches{was.listed | bit, was.carried | carry, was.latch});
          ++claims;
        } else {
          REQUIRE(of(b) == was);
        }
        u64 ignored = 0;
        REQUIRE_FALSE(b.claim(bit, carry, ignored));  // nobody claims twice
        break;
      }
      case 1: {  // the latch of a claimed interrupt moves, and nothing is carried that was not latched
        if ((was.listed & bit) != 0) break;
        u64 before = 0;
        REQUIRE(b.claim(bit, bit, before));
        b.take_latch(bit, before);
        const u32 carried = latched || (was.carried & bit) != 0 ? was.carried | bit : was.carried & others;
        REQUIRE(of(b) == latches{was.listed | bit, carried, was.latch & others});
        break;
      }
      case 2: {
        b.carry_latch(bit);
        const u32 carried = latched ? was.carried | bit : was.carried;
        REQUIRE(of(b) == latches{was.listed, carried, was.latch & others});
        break;
      }
      case 3: {
        const u32 mask = static_cast<u32>(random());
        b.clear_latched(mask);
        REQUIRE(of(b) == latches{was.listed, was.carried & ~mask, was.latch & ~mask});
        break;
      }
      case 4: {
        b.release(bit);
        REQUIRE(of(b) == latches{was.listed & others, was.carried, was.latch});
        b.drop_carried(bit);
        REQUIRE(of(b) == latches{was.listed & others, was.carried & others, was.latch});
        break;
      }
      default:
        b.release_acknowledged(bit);
        REQUIRE(of(b) == latches{was.listed & others, was.carried & others, was.latch});
    }
  }
  CHECK(claims > 100);
}

// --- every order of steps ------------------------------------------------------------------------------------------

namespace {

/// Runs a party one atomic operation at a time without a stack of its own: each step starts the party from the
/// beginning, answers the operations that it has done from a record, does one more, and leaves by an exception.
struct stepped_atomics {
  struct paused {};
  struct record {
    std::vector<u64> answers;
    std::size_t at = 0;
    bool stepped = false;
  };
  static inline record* now = nullptr;

  template <class T>
  struct cell {
    T word{};
  };

  template <class F>
  static u64 step(F&& f) {
    if (now == nullptr) return f();
    if (now->at == now->answers.size()) {
      if (now->stepped) throw paused{};
      now->stepped = true;
      now->answers.push_back(f());
    }
    return now->answers[now->at++];
  }
  template <class T>
  static T load(const cell<T>& c) {
    return static_cast<T>(step([&] { return u64{c.word}; }));
  }
  template <class T>
  static void store(cell<T>& c, T value) {
    (void)step([&] { return u64{c.word = value}; });
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits) {
    return static_cast<T>(step([&] { return u64{std::exchange(c.word, c.word | bits)}; }));
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits) {
    return static_cast<T>(step([&] { return u64{std::exchange(c.word, c.word & bits)}; }));
  }
  template <class T>
  static T exchange(cell<T>& c, T value) {
    return static_cast<T>(step([&] { return u64{std::exchange(c.word, value)}; }));
  }
  template <class T>
  static bool compare_exchange(cell<T>& c, T& expected, T desired) {
    const T was =
        static_cast<T>(step([&] { return u64{c.word == expected ? std::exchange(c.word, desired) : c.word}; }));
    return was == expected ? true : (expected = was, false);
  }
  static void order() {}
};
static_assert(atomics_policy<stepped_atomics>);

using stepped_bank = bank<stepped_atomics, 5>;
constexpr u32 it = u32{1} << 7;

/// When a party took its first and its last step, and what its body returned.
struct party_run {
  stepped_atomics::record record;
  int first = -1;
  int last = -1;
  bool done = false;
  int result = 0;
};

using body = std::function<int(stepped_bank&)>;
using judge = std::function<void(const stepped_bank&, const std::vector<party_run>&)>;

struct explorer {
  std::vector<body> bodies;
  judge judged;
  std::string order;
  u64 schedules = 0;

  void run(const stepped_bank& b, const std::vector<party_run>& parties, int time) {
    bool all_done = true;
    for (std::size_t k = 0; k < parties.size(); ++k) {
      if (parties[k].done) continue;
      all_done = false;
      stepped_bank next = b;
      std::vector<party_run> after = parties;
      party_run& p = after[k];
      if (p.first < 0) p.first = time;
      p.record.at = 0;
      p.record.stepped = false;
      stepped_atomics::now = &p.record;
      try {
        p.result = bodies[k](next);
        p.done = true;
        p.last = time;
      } catch (const stepped_atomics::paused&) {
      }
      stepped_atomics::now = nullptr;
      order.push_back(static_cast<char>('A' + k));
      run(next, after, time + 1);
      order.pop_back();
    }
    if (!all_done) return;
    ++schedules;
    INFO("order of steps: " << order);
    judged(b, parties);
  }
};

/// The bodies. What a vCPU does that lists an edge which it saw:
int claimer(stepped_bank& b) {
  const u32 carry = stepped_atomics::load(b.latch) & it;
  u64 before = 0;
  if (!b.claim(it, carry, before)) return 0;
  if (carry != 0) b.take_latch(it, before);
  return 1;
}
/// A vCPU that has the interrupt in a list register and sees that it was raised again:
int owner(stepped_bank& b) {
  if ((stepped_atomics::load(b.latch) & it) != 0) b.carry_latch(it);
  return 1;
}
/// ICPENDR:
int clearer(stepped_bank& b) {
  b.clear_latched(it);
  return 0;
}
/// An edge:
int raiser(stepped_bank& b) { return (stepped_atomics::fetch_or(b.latch, it) & it) != 0 ? 1 : 0; }

enum class role : u8 { takes, clears, raises };

/// Nothing is lost: an edge after every clear has ended is pending at the end. Nothing is phantom: a clear that began
/// after the last edge leaves nothing pending, unless it met a claim in the act. An edge while a clear is under way may
/// come before or after it.
judge nothing_lost_nothing_phantom(std::vector<role> roles, bool latched_before) {
  return [roles = std::move(roles), latched_before](const stepped_bank& b, const std::vector<party_run>& parties) {
    const planes p = b.read();
    const bool is_pending = ((p.latch | p.carried) & it) != 0;
    int last_raise = latched_before ? -1 : -2;
    int last_clear_end = -3;
    int last_clear_begin = -3;
    int winners = 0;
    for (std::size_t k = 0; k < roles.size(); ++k) {
      if (roles[k] == role::raises) last_raise = std::max(last_raise, parties[k].last);
      if (roles[k] == role::clears) {
        last_clear_end = std::max(last_clear_end, parties[k].last);
        last_clear_begin = std::max(last_clear_begin, parties[k].first);
      }
      if (roles[k] == role::takes) winners += parties[k].result;
    }
    if (last_raise > last_clear_end && last_raise != -2) REQUIRE(is_pending);
    bool met = false;
    for (std::size_t k = 0; k < roles.size(); ++k)
      for (std::size_t c = 0; c < roles.size(); ++c)
        if (roles[k] == role::takes && roles[c] == role::clears)
          met |= parties[k].first < parties[c].last && parties[c].first < parties[k].last;
    if (!met && (last_raise < last_clear_begin || last_raise == -2)) REQUIRE_FALSE(is_pending);
    REQUIRE(winners <= 1);
    REQUIRE((p.latch & ~it) == 0);
    REQUIRE((p.carried & ~it) == 0);
    REQUIRE((p.listed & ~it) == 0);
  };
}

stepped_bank bank_with(u32 latch, u32 carried, u32 listed) {
  stepped_bank b{};
  b.latch.word = latch;
  b.hold.word = stepped_bank::carried_bit(carried) | listed;
  return b;
}

u64 explore(const stepped_bank& b, std::vector<body> bodies, judge j) {
  explorer e{.bodies = std::move(bodies), .judged = std::move(j), .order = {}, .schedules = 0};
  e.run(b, std::vector<party_run>(e.bodies.size()), 0);
  return e.schedules;
}

}  // namespace

TEST_CASE("a claim against a clear, in every order of their steps") {
  // `carried` may be left from a list register that was given up unacknowledged.
  for (const u32 carried : {u32{0}, it})
    for (const u32 latch : {u32{0}, it})
      CHECK(explore(bank_with(latch, carried, 0), {claimer, clearer},
                    nothing_lost_nothing_phantom({role::takes, role::clears}, (latch | carried) != 0)) > 4);
}

TEST_CASE("a claim against an edge, in every order of their steps") {
  for (const u32 latch : {u32{0}, it})
    CHECK(explore(bank_with(latch, 0, 0), {claimer, raiser},
                  nothing_lost_nothing_phantom({role::takes, role::raises}, latch != 0)) > 2);
}

TEST_CASE("of two that claim one wins, whatever is cleared meanwhile") {
  CHECK(explore(bank_with(it, 0, 0), {claimer, claimer}, [](const stepped_bank& b, const std::vector<party_run>& p) {
          REQUIRE(p[0].result + p[1].result == 1);
          REQUIRE(b.read().listed == it);
          REQUIRE(b.read().carried == it);
          REQUIRE(b.read().latch == 0);
        }) > 10);
  CHECK(explore(bank_with(it, 0, 0), {claimer, claimer, clearer},
                nothing_lost_nothing_phantom({role::takes, role::takes, role::clears}, true)) > 100);
}

TEST_CASE("a claim, a clear and a new edge, in every order of their steps") {
  for (const u32 carried : {u32{0}, it})
    for (const u32 latch : {u32{0}, it})
      CHECK(explore(bank_with(latch, carried, 0), {claimer, clearer, raiser},
                    nothing_lost_nothing_phantom({role::takes, role::clears, role::raises}, (latch | carried) != 0)) >
            10);
}

TEST_CASE("an edge behind a listed interrupt against a clear and a third edge, in every order of their steps") {
  for (const u32 carried : {u32{0}, it}) {
    CHECK(explore(bank_with(it, carried, it), {owner, clearer},
                  nothing_lost_nothing_phantom({role::takes, role::clears}, true)) > 10);
    CHECK(explore(bank_with(it, carried, it), {owner, clearer, raiser},
                  nothing_lost_nothing_phantom({role::takes, role::clears, role::raises}, true)) > 10);
  }
}
