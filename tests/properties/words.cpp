// SPDX-License-Identifier: BSL-1.0
// The pure functions on words, against a loop over the 32 interrupts that looks at one bit at a time.
#include "catch.hpp"

#include <vgic/words.hpp>

#include <random>

using namespace vgic;

namespace {

constexpr int rounds = 20'000;

/// Words with few, half and nearly all bits set: conjunctions of many random planes would else be empty.
class words {
 public:
  u32 operator()() {
    const u32 a = next();
    switch (next() % 4) {
      case 0: return a & next() & next();
      case 1: return a | next() | next();
      default: return a;
    }
  }
  u32 below(u32 n) { return next() % n; }

 private:
  u32 next() { return static_cast<u32>(engine_()); }
  std::mt19937 engine_{tests::seed()};
};

planes random_planes(words& w) {
  return {.latch = w(),
          .fresh = w(),
          .line = w(),
          .message = w(),
          .edge = w(),
          .enabled = w(),
          .group = w(),
          .active = w(),
          .listed = w(),
          .any = w()};
}

group_gates random_gates(words& w) {
  return {.zero = w.below(2) != 0 ? ~u32{0} : 0, .one = w.below(2) != 0 ? ~u32{0} : 0};
}

bool at(u32 word, u32 i) { return (word >> i & 1) != 0; }

/// One interrupt, in the words of the specification.
struct one {
  one(const planes& p, group_gates g, u32 i)
      : high(at(p.line, i) || at(p.message, i)),
        level(!at(p.edge, i)),
        latched(at(p.latch, i)),
        enabled(at(p.enabled, i)),
        group_on(at(p.group, i) ? g.one != 0 : g.zero != 0),
        active(at(p.active, i)),
        listed(at(p.listed, i)) {}

  bool is_pending() const {
    if (latched) return true;  // an edge, or ISPENDR
    return level && high;
  }
  bool is_forwarded() const { return enabled && group_on; }
  bool is_deliverable() const { return is_pending() && is_forwarded() && !active && !listed; }

  bool high, level, latched, enabled, group_on, active, listed;
};

}  // namespace

TEST_CASE("pending, forwarded and deliverable answer for each interrupt as the state machine of one does") {
  words w;
  u32 seen_deliverable = 0;
  u32 seen_not = 0;
  for (int k = 0; k < rounds; ++k) {
    const planes p = random_planes(w);
    const group_gates g = random_gates(w);
    u32 want_pending = 0;
    u32 want_asserted = 0;
    u32 want_forwarded = 0;
    u32 want_deliverable = 0;
    u32 want_gate = 0;
    for (u32 i = 0; i < 32; ++i) {
      const one x{p, g, i};
      want_asserted |= u32{x.level && x.high} << i;
      want_pending |= u32{x.is_pending()} << i;
      want_forwarded |= u32{x.is_forwarded()} << i;
      want_deliverable |= u32{x.is_deliverable()} << i;
      want_gate |= u32{x.group_on} << i;
    }
    REQUIRE(asserted(p) == want_asserted);
    REQUIRE(pending(p) == want_pending);
    REQUIRE(gated(p.group, g) == want_gate);
    REQUIRE(forwarded(p, g) == want_forwarded);
    REQUIRE(deliverable(p, g) == want_deliverable);
    seen_deliverable |= want_deliverable;
    seen_not |= ~want_deliverable;
  }
  CHECK(seen_deliverable == ~u32{0});  // the words were not too poor to tell
  CHECK(seen_not == ~u32{0});
}

TEST_CASE("which plane holds back what: one term changed at a time") {
  words w;
  for (int k = 0; k < rounds; ++k) {
    planes p = random_planes(w);
    const group_gates all{.zero = ~u32{0}, .one = ~u32{0}};
    const u32 bit = u32{1} << w.below(32);
    p.latch |= bit;
    p.enabled |= bit;
    p.active &= ~bit;
    p.listed &= ~bit;
    REQUIRE((deliverable(p, all) & bit) != 0);
    REQUIRE((deliverable(p, {}) & bit) == 0);
    const group_gates own = (p.group & bit) != 0 ? group_gates{.zero = 0, .one = ~u32{0}} : group_gates{~u32{0}, 0};
    const group_gates other{.zero = own.one, .one = own.zero};
    REQUIRE((deliverable(p, own) & bit) != 0);
    REQUIRE((deliverable(p, other) & bit) == 0);
    const auto without = [&](u32 planes::*plane, bool set) {
      planes q = p;
      if (set)
        q.*plane |= bit;
      else
        q.*plane &= ~bit;
      return deliverable(q, all) & bit;
    };
    REQUIRE(without(&planes::enabled, false) == 0);
    REQUIRE(without(&planes::active, true) == 0);
    REQUIRE(without(&planes::listed, true) == 0);
    // A latch counts, whatever the line, the message and the trigger are; *any* is routing's business.
    for (const auto plane : {&planes::line, &planes::message, &planes::edge, &planes::any, &planes::fresh})
      for (const bool set : {false, true}) REQUIRE(without(plane, set) != 0);
  }
}

namespace {

template <u32 N>
void most_urgent_is_the_minimum() {
  words w;
  for (int k = 0; k < rounds; ++k) {
    u32 priorities[32];
    u32 slices[N] = {};
    const u32 few = w.below(3);  // often many interrupts share a priority
    for (u32 i = 0; i < 32; ++i) {
      priorities[i] = few == 0 ? w.below(1u << N) : few == 1 ? w.below(2) << (N - 1) : w.below(4);
      for (u32 b = 0; b < N; ++b) slices[b] |= (priorities[i] >> b & 1) << i;
    }
    const u32 candidates = w();
    u32 lowest_priority = 1u << N;
    for (u32 i = 0; i < 32; ++i)
      if (at(candidates, i) && priorities[i] < lowest_priority) lowest_priority = priorities[i];
    u32 want = 0;
    for (u32 i = 0; i < 32; ++i)
      if (at(candidates, i) && priorities[i] == lowest_priority) want |= u32{1} << i;
    REQUIRE(most_urgent<N>(candidates, [&](u32 b) { return slices[b]; }) == want);
  }
}

}  // namespace

TEST_CASE("most_urgent keeps exactly the candidates of the lowest priority number") {
  most_urgent_is_the_minimum<5>();
  most_urgent_is_the_minimum<6>();
  most_urgent_is_the_minimum<7>();
  most_urgent_is_the_minimum<8>();
}

TEST_CASE("most_urgent of no candidate is no candidate") {
  CHECK(most_urgent<5>(0, [](u32) { return ~u32{0}; }) == 0);
  CHECK(most_urgent<5>(0, [](u32) { return u32{0}; }) == 0);
}

TEST_CASE("bit_of_bytes gathers one bit of each byte") {
  words w;
  for (int k = 0; k < rounds; ++k) {
    const u32 word = w();
    for (u32 b = 0; b < 8; ++b) {
      u32 want = 0;
      for (u32 byte = 0; byte < 4; ++byte) want |= (word >> (8 * byte + b) & 1) << byte;
      REQUIRE(bit_of_bytes(word, b) == want);
    }
  }
}

TEST_CASE("ICFGR's form: two bits an interrupt, the upper one says edge") {
  for (u32 half = 0; half < 0x1'0000; ++half) {
    u32 want = 0;
    for (u32 i = 0; i < 16; ++i) want |= (half >> i & 1) << (2 * i + 1);
    if (spread_to_icfgr(half) != want || gather_from_icfgr(want) != half) {
      CAPTURE(half);
      REQUIRE(spread_to_icfgr(half) == want);
      REQUIRE(gather_from_icfgr(want) == half);
    }
  }
  words w;
  for (int k = 0; k < rounds; ++k) {
    const u32 word = w();
    REQUIRE(gather_from_icfgr(word) == gather_from_icfgr(word & 0xaaaa'aaaau));  // the lower bits are RES0
    REQUIRE(spread_to_icfgr(gather_from_icfgr(word)) == (word & 0xaaaa'aaaau));
    REQUIRE(spread_to_icfgr(word) == spread_to_icfgr(word & 0xffff));  // sixteen interrupts a register
  }
}

TEST_CASE("the functions on words are constant expressions") {
  constexpr planes p{.latch = 1, .line = 6, .edge = 4, .enabled = 7, .group = 2};
  static_assert(pending(p) == 3);
  static_assert(deliverable(p, {.zero = ~u32{0}, .one = 0}) == 1);
  static_assert(deliverable(p, {.zero = 0, .one = ~u32{0}}) == 2);
  static_assert(spread_to_icfgr(0x8001) == 0x8000'0002);
  SUCCEED();
}
