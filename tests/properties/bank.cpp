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

struct moved {
  u32 fresh, taken, listed, linked, active;
  friend bool operator==(const moved&, const moved&) = default;
};

moved of(const plain_bank& b) { return {b.fresh(), b.plane<lane::taken>(), b.listed(), b.linked(), b.active.word}; }

plain_bank random_bank(std::mt19937& random) {
  plain_bank b{};
  const auto word = [&] { return static_cast<u32>(random()); };
  for (auto& m : b.moving) {
    m.word = u64{word()} << 32 | word();
    m.word &= ~(u64{0xffff} << 16) | (m.word >> 16 & 0xffff'0000);  // what is taken is listed
  }
  for (auto* c : {&b.line, &b.message, &b.edge, &b.enabled, &b.group, &b.any, &b.active}) c->word = word();
  for (auto& s : b.slices) s.word = word();
  return b;
}

}  // namespace

TEST_CASE("a bank reads as its planes") {
  std::mt19937 random{tests::seed()};
  for (int k = 0; k < 2'000; ++k) {
    const plain_bank b = random_bank(random);
    const planes p = b.read();
    for (u32 i = 0; i < 32; ++i) {
      const auto is = [&](lane l) {
        return static_cast<u32>(b.moving[i / 16].word >> (16 * static_cast<u32>(l) + i % 16)) & 1;
      };
      REQUIRE((p.latch >> i & 1) == (is(lane::fresh) | is(lane::taken)));
      REQUIRE((p.fresh >> i & 1) == is(lane::fresh));
      REQUIRE((p.listed >> i & 1) == is(lane::listed));
      REQUIRE((b.linked() >> i & 1) == is(lane::linked));
      const progress one = b.of(i);
      REQUIRE(one.fresh() == (is(lane::fresh) != 0));
      REQUIRE(one.latched() == ((is(lane::fresh) | is(lane::taken)) != 0));
      REQUIRE(one.listed() == (is(lane::listed) != 0));
      REQUIRE(one.linked() == (is(lane::linked) != 0));
    }
    REQUIRE(b.latched() == p.latch);
    REQUIRE(b.fresh() == p.fresh);
    REQUIRE(b.any_listed() == (p.listed != 0));
    REQUIRE(b.listed() == p.listed);
    REQUIRE(b.active.word == p.active);
    const u32 some = static_cast<u32>(random() & random());
    REQUIRE(b.any_listed(some) == ((p.listed & some) != 0));
    REQUIRE(b.pending_word<messages::possible>() == pending(p));
    REQUIRE(p.line == b.line.word);
    REQUIRE(p.message == b.message.word);
    REQUIRE(p.edge == b.edge.word);
    REQUIRE(p.enabled == b.enabled.word);
    REQUIRE(p.group == b.group.word);
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

TEST_CASE("each step of a bank's interrupt changes its own bits and no others") {
  std::mt19937 random{tests::seed()};
  u32 claims = 0;
  for (int k = 0; k < 20'000; ++k) {
    plain_bank b = random_bank(random);
    const moved was = of(b);
    const u32 n = random() % 32;
    const u32 bit = u32{1} << n;
    const u32 others = ~bit;
    const auto mask = static_cast<u32>(random() & random());
    const u32 half = n / 16;
    const u32 of16 = mask >> (16 * half) & 0xffff;
    const u32 in_half = of16 << (16 * half);
    moved want = was;

    switch (random() % 13) {
      case 0: {  // with a latch that is in the plane, if one is
        const bool won = b.claim(n, plain_bank::taking::latch);
        REQUIRE(won == ((was.listed & bit) == 0));
        if (won) want = {was.fresh & others, was.taken | (was.fresh & bit), was.listed | bit, was.linked, was.active};
        REQUIRE(of(b) == want);
        claims += won;
        REQUIRE_FALSE(b.claim(n, plain_bank::taking::latch));  // nobody claims twice
        break;
      }
      case 1: {  // what short paths store of those that are fresh and not listed is what a claim stores
        const u64 word = plain::load(b.moving[half]);
        const u32 free = was.fresh & ~was.listed & in_half;
        REQUIRE(lanes::claimed_fresh(word, free >> (16 * half)) == lanes::claimed(word, free >> (16 * half)));
        break;
      }
      case 2:  // for an active interrupt: a latch stays where it is
        if (b.claim(n, plain_bank::taking::active)) want.listed |= bit;
        break;
      case 3:
        b.take_latch(n);
        want.taken |= was.fresh & bit;
        want.fresh &= others;
        break;
      case 4:
        b.unlatch_all(mask);
        want.fresh &= ~mask;
        want.taken &= ~mask;
        break;
      case 5:
        b.latch_all(mask);
        want.fresh |= mask;
        break;
      case 6:  // a latch that was taken and not acknowledged is in the plane again
        b.release(n);
        want = {was.fresh | (was.taken & bit), was.taken & others, was.listed & others, was.linked, was.active};
        break;
      case 7:
        b.acknowledge(n);
        want.taken &= others;
        want.active |= bit;
        break;
      case 8:
        b.release_ended(n);
        want = {was.fresh | (was.taken & bit), was.taken & others, was.listed & others, was.linked,
                was.active & others};
        break;
      case 9:
        b.latch(n);
        want.fresh |= bit;
        b.link(n);
        want.linked |= bit;
        break;
      case 10:
        b.set_active(mask);
        b.clear_active(bit);
        b.drop_taken(n);
        want.active = (was.active | mask) & others;
        want.taken &= others;
        break;
      case 11:
        b.release_acknowledged(half, of16);
        want.taken &= ~in_half;
        want.listed &= ~in_half;
        break;
      default:
        b.release_acknowledged(n);
        want = {was.fresh, was.taken & others, was.listed & others, was.linked, was.active & others};
    }
    REQUIRE(of(b) == want);
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
  static T fetch_xor(cell<T>& c, T bits) {
    return static_cast<T>(step([&] { return u64{std::exchange(c.word, c.word ^ bits)}; }));
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
constexpr u32 number = 23;
constexpr u32 it = u32{1} << number;

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
int claimer(stepped_bank& b) { return b.claim(number, stepped_bank::taking::latch) ? 1 : 0; }
/// A vCPU that has the interrupt in a list register and sees that it was raised again:
int owner(stepped_bank& b) {
  if (b.of(number).fresh()) b.take_latch(number);
  return 1;
}
/// ICPENDR:
int clearer(stepped_bank& b) {
  b.unlatch_all(it);
  return 0;
}
/// An edge:
int raiser(stepped_bank& b) {
  b.latch(number);
  return 0;
}
/// A vCPU that gives up what it has in a list register, because it may not show it any more:
int withdrawer(stepped_bank& b) {
  b.release(number);
  return 0;
}

enum class role : u8 { takes, clears, raises };

/// Nothing is lost: an edge after every clear has ended is pending at the end. Nothing is phantom: a clear that began
/// after the last edge leaves nothing pending, a claim in the act or not. An edge while a clear is under way may come
/// before or after it.
judge nothing_lost_nothing_phantom(std::vector<role> roles, bool latched_before) {
  return [roles = std::move(roles), latched_before](const stepped_bank& b, const std::vector<party_run>& parties) {
    const planes p = b.read();
    const bool is_pending = (p.latch & it) != 0;
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
    if (last_raise < last_clear_begin || last_raise == -2) REQUIRE_FALSE(is_pending);
    REQUIRE(winners <= 1);
    REQUIRE((p.latch & ~it) == 0);
    REQUIRE((b.plane<lane::taken>() & ~p.listed) == 0);
    REQUIRE((p.listed & ~it) == 0);
  };
}

/// `taken`: latched, and a list register has it.
stepped_bank bank_with(u32 fresh, u32 taken, u32 listed) {
  stepped_bank b{};
  const auto in = [](lane l, u32 plane) { return lanes::bits(l, plane >> 16); };
  b.moving[1].word = in(lane::fresh, fresh) | in(lane::taken, taken) | in(lane::listed, listed);
  return b;
}

u64 explore(const stepped_bank& b, std::vector<body> bodies, judge j) {
  explorer e{.bodies = std::move(bodies), .judged = std::move(j), .order = {}, .schedules = 0};
  e.run(b, std::vector<party_run>(e.bodies.size()), 0);
  return e.schedules;
}

}  // namespace

TEST_CASE("a claim against a clear, in every order of their steps") {
  for (const u32 fresh : {u32{0}, it})
    CHECK(explore(bank_with(fresh, 0, 0), {claimer, clearer},
                  nothing_lost_nothing_phantom({role::takes, role::clears}, fresh != 0)) > 2);
}

TEST_CASE("a claim against an edge, in every order of their steps") {
  for (const u32 fresh : {u32{0}, it})
    CHECK(explore(bank_with(fresh, 0, 0), {claimer, raiser},
                  nothing_lost_nothing_phantom({role::takes, role::raises}, fresh != 0)) > 2);
}

TEST_CASE("of two that claim one wins, whatever is cleared meanwhile") {
  CHECK(explore(bank_with(it, 0, 0), {claimer, claimer}, [](const stepped_bank& b, const std::vector<party_run>& p) {
          REQUIRE(p[0].result + p[1].result == 1);
          REQUIRE(b.read().listed == it);
          REQUIRE(b.read().latch == it);
          REQUIRE(b.read().fresh == 0);
        }) > 4);
  CHECK(explore(bank_with(it, 0, 0), {claimer, claimer, clearer},
                nothing_lost_nothing_phantom({role::takes, role::takes, role::clears}, true)) > 20);
}

TEST_CASE("a claim, a clear and a new edge, in every order of their steps") {
  for (const u32 fresh : {u32{0}, it})
    CHECK(explore(bank_with(fresh, 0, 0), {claimer, clearer, raiser},
                  nothing_lost_nothing_phantom({role::takes, role::clears, role::raises}, fresh != 0)) > 4);
}

TEST_CASE("an edge behind a listed interrupt against a clear and a third edge, in every order of their steps") {
  for (const u32 taken : {u32{0}, it}) {
    CHECK(explore(bank_with(it, taken, it), {owner, clearer},
                  nothing_lost_nothing_phantom({role::takes, role::clears}, true)) > 2);
    CHECK(explore(bank_with(it, taken, it), {owner, clearer, raiser},
                  nothing_lost_nothing_phantom({role::takes, role::clears, role::raises}, true)) > 4);
  }
}

TEST_CASE("a list register that is given up against a clear and an edge, in every order of their steps") {
  for (const u32 fresh : {u32{0}, it})
    for (const u32 taken : {u32{0}, it}) {
      const bool latched = (fresh | taken) != 0;
      CHECK(explore(bank_with(fresh, taken, it), {withdrawer, clearer},
                    nothing_lost_nothing_phantom({role::takes, role::clears}, latched)) > 2);
      CHECK(explore(bank_with(fresh, taken, it), {withdrawer, clearer, raiser},
                    nothing_lost_nothing_phantom({role::takes, role::clears, role::raises}, latched)) > 4);
    }
}
