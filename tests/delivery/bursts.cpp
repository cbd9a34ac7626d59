// SPDX-License-Identifier: BSL-1.0
// Several edges at once, more than there are list registers for: what each pass of their vCPU costs, and what the CPU
// interface is asked to call back for. They are listed by a short way, unless something is in its way: a figure that is
// far from its neighbours is what this is for. Figures that are meant to change: a failing test prints the row to put
// into bursts_known.hpp.
#include "delivery/bursts_known.hpp"
#include "support/passes.hpp"

#include <string>
#include <vector>

using namespace tests;

namespace {

/// Four list registers, and edge-triggered SPIs of vCPU 1: 32 to 127.
template <class C>
struct burst : passes<C> {
  using base = passes<C>;
  using base::g;
  using base::v;

  explicit burst(u32 lrs = 4) : base(lrs, 960) {
    for (u32 i = 32; i < 128; ++i) this->edge_spi(i, 1);
    this->edge(20, 1);
    this->edge(21, 1);
    this->enable(20, 1);
    this->enable(21, 1);
    this->settle();
    this->pass(v);
  }
  void come(u32 first, u32 count = 1) {
    for (u32 i = first; i < first + count; ++i) this->pulse(i);
  }
  void priorities(u32 first, u32 count, u32 p) {
    for (u32 i = first; i < first + count; ++i) this->priority(i, p);
    this->settle();
  }
  /// The guest takes and ends so many, if it is shown them, without an exit; how many.
  u32 takes(u32 count) {
    u32 n = 0;
    for (; n < count; ++n) {
      const u32 id = this->ack(v);
      if (id == 1023) break;
      this->hardware().end(v, base::normal, id);
    }
    return n;
  }
  /// GICR_WAKER.ProcessorSleep of vCPU 1.
  void sleeps(u32 value) {
    if constexpr (!base::v2) this->store(vcpu(1), this->rd(1) + 0x14, value << 1);
  }
  template <class F>
  void is(const std::string& name, F&& f) {
    base::is(bursts, name, f, [this] {
      std::ostringstream text;
      text << '/' << std::hex << (this->hardware().at(v).hcr & 0xff);
      return text.str();
    });
  }
  void is(const std::string& name) {
    is(name, [this] { this->serve(); });
  }
  /// All that waits is taken, and each once.
  void is_taken(u32 count) { CHECK(this->take_all(v).size() == count); }
  /// The same from the beginning, of two halves of a bank in turn: enough of them for four entries.
  void come_and_go(const std::string& name, u32 first, u32 count) {
    come(first, count);
    is(name + ": " + std::to_string(count) + " come");
    u32 left = count;
    for (const u32 n : {1u, 2u, 4u, 4u}) {
      if (left < n || this->held() < n) break;
      REQUIRE(takes(n) == n);
      left -= n;
      is(name + ": of " + std::to_string(count) + ", " + std::to_string(left) + " left");
    }
    is_taken(left);
  }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("a burst of one bank", "", many_of_all) {
  burst<TestType> m;
  const u32 count = GENERATE(2u, 3u, 4u, 5u, 6u, 12u);
  SECTION("of the lower half") { m.come_and_go("lower half", 34, count); }
  SECTION("of the upper half") { m.come_and_go("upper half", 52, count); }
  SECTION("of both halves") { m.come_and_go("both halves", 46, count); }
  SECTION("the upper half is more urgent") {
    m.priorities(48, 16, 0x80);
    m.come_and_go("upper half first", 43, count);
  }
  SECTION("of three priorities") {
    for (u32 i = 40; i < 56; ++i) m.priority(i, 0x80 + 8 * (i % 3));
    m.settle();
    m.come_and_go("three priorities", 40, count);
  }
}

TEMPLATE_LIST_TEST_CASE("a burst of two banks", "", many_of_all) {
  burst<TestType> m;
  SECTION("equally urgent") { m.come_and_go("two banks", 60, 10); }
  SECTION("the second more urgent") {
    m.priorities(64, 32, 0x80);
    m.come_and_go("two banks, the second first", 59, 10);
  }
  SECTION("one of each in turn") {
    for (u32 i = 60; i < 70; ++i) m.priority(i, 0x90 + 8 * (i % 2));
    m.settle();
    m.come_and_go("two banks in turn", 60, 10);
  }
}

TEMPLATE_LIST_TEST_CASE("a burst while something is in the way of the short way", "", many_of_all) {
  burst<TestType> m;
  const bool waits = GENERATE(false, true);  // ten are waiting, and four list registers will be free
  const std::string name = waits ? "waits, " : "comes, ";
  const auto burst_with = [&](const char* what, auto before, u32 taken, u32 comes = 40) {
    if (!waits) before();
    m.come(comes, 6);
    if (waits) {
      m.settle();
      before();
      m.settle();
      (void)m.takes(2);
    }
    m.is(name + what);
    if (taken != 0) m.is_taken(taken);
  };
  const u32 left = waits ? 4 : 6;
  SECTION("nothing") {
    burst_with(
        "nothing", [] {}, left);
  }
  SECTION("a level by its latch") {
    burst_with(
        "a level by its latch",
        [&] {
          m.level(50);
          m.set(m.ispendr, 50);
        },
        left + 1);
  }
  SECTION("a level that is high") {
    burst_with(
        "a level",
        [&] {
          m.level(50);
          m.raise(50);
        },
        0);
  }
  SECTION("a level of another bank that is high") {
    burst_with(
        "a level of another bank",
        [&] {
          m.level(70);
          m.raise(70);
        },
        0);
  }
  SECTION("one for any") {
    burst_with(
        "one for any", [&] { m.route_to_any(60); }, left);
  }
  SECTION("a linked one") {
    burst_with(
        "a linked one",
        [&] {
          m.link(43);
          m.link(50);
          m.forward(50);
        },
        left + 1);
  }
  SECTION("one is disabled") {
    burst_with(
        "one disabled", [&] { m.disable(44); }, left - 1);
  }
  SECTION("one is another's") {
    burst_with(
        "one of another", [&] { m.route(44, 2); }, left - 1);
  }
  SECTION("one is of a group that is off") {
    burst_with(
        "one of a group that is off",
        [&] {
          m.group_of(44, m.v2 ? group::one : group::zero);
          m.gates(m.v2 ? 1 : 2);
        },
        left - 1);
  }
  SECTION("one is active") {
    burst_with(
        "one active", [&] { m.set(m.isactiver, 44); }, left - 1);
  }
  SECTION("one of another bank is active") {
    burst_with(
        "one active of another bank", [&] { m.set(m.isactiver, 80); }, left);
  }
  SECTION("one of another vCPU is active") {
    burst_with(
        "one active elsewhere",
        [&] {
          m.route(80, 2);
          m.set(m.isactiver, 80);
          m.settle();
        },
        left);
  }
  SECTION("a private one") {
    burst_with(
        "a private one", [&] { CHECK(m.g.pulse(m.v, intid{20}) == result::ok); }, left + 1);
  }
  SECTION("two private ones") {
    burst_with(
        "two private ones",
        [&] {
          CHECK(m.g.pulse(m.v, intid{20}) == result::ok);
          CHECK(m.g.pulse(m.v, intid{21}) == result::ok);
        },
        left + 2);
  }
  SECTION("an SGI") {
    burst_with(
        "an SGI", [&] { m.sgi(0, 1, 3); }, left + 1);
  }
  SECTION("a more urgent one of another bank") {
    burst_with(
        "a more urgent bank",
        [&] {
          m.priority(70, 0x40);
          m.come(70);
        },
        left + 1);
  }
  SECTION("a more urgent one of the same bank") {
    burst_with(
        "a more urgent one",
        [&] {
          m.priority(50, 0x40);
          m.come(50);
        },
        left + 1);
  }
  SECTION("the waiting ones became less urgent") {
    burst_with(
        "less urgent than it was",
        [&] {
          for (u32 i = 40; i < 46; ++i) m.priority(i, 0xb0);
        },
        left);
  }
  SECTION("some are taken back") {
    burst_with(
        "taken back", [&] { m.store(vcpu(0), m.bits(m.icpendr, 44), 3u << 12); }, waits ? 2 : 6);
  }
  SECTION("all that wait are taken back") {
    burst_with(
        "all taken back", [&] { m.store(vcpu(0), m.bits(m.icpendr, 44), 0xffff'ffff); }, waits ? 0 : 6);
  }
  SECTION("both groups are off at the CPU interface") {
    burst_with(
        "both groups closed", [&] { m.hardware().enable_groups(m.v, 0); }, 0);
  }
  SECTION("its group is off at the CPU interface") {
    burst_with(
        "its group closed", [&] { m.hardware().enable_groups(m.v, m.v2 ? 2 : 1); }, 0);
    m.hardware().enable_groups(m.v, 3);
    m.is(name + "its group open again");
    m.is_taken(6);
  }
  SECTION("the other group is off at the CPU interface") {
    burst_with(
        "the other group closed", [&] { m.hardware().enable_groups(m.v, m.v2 ? 1 : 2); }, left);
  }
  SECTION("the vCPU sleeps") {
    burst_with(
        "asleep", [&] { m.sleeps(1); }, 0);
    m.sleeps(0);
    m.is(name + "awake again");
    CHECK(m.take_all(m.v).size() >= left);
  }
  SECTION("ends were counted") {
    burst_with(
        "ends counted", [&] { m.hardware().at(m.v).hcr += 2u << hcr::eoicount_shift; }, left);
  }
}

TEMPLATE_LIST_TEST_CASE("a burst while some of its list registers are active", "", many_of_all) {
  burst<TestType> m;
  m.priorities(41, 1, 0x98);
  m.priorities(40, 1, 0x90);
  m.come(40);
  m.settle();
  REQUIRE(m.ack(m.v) == 40);
  const u32 active = GENERATE(1u, 2u);
  if (active == 2) {
    m.priorities(41, 1, 0x80);
    m.come(41);
    m.settle();
    REQUIRE(m.ack(m.v) == 41);
  }
  m.pass(m.v);
  const std::string name = std::to_string(active) + " active, ";
  SECTION("they come") {
    m.come(45, 6);
    m.is(name + "six come");
    m.hardware().end(m.v, m.normal, 39 + active);
    m.is(name + "six come, one ended");
  }
  SECTION("the active one comes again") {
    m.come(40);
    m.is(name + "again");
    m.come(45, 6);
    m.is(name + "again, six come");
    m.hardware().end(m.v, m.normal, 39 + active);
    m.is(name + "again, six come, one ended");
  }
}

TEMPLATE_LIST_TEST_CASE("a burst of many banks", "", many_of_all) {
  const u32 lrs = GENERATE(4u, 16u);
  burst<TestType> m(lrs);
  std::string name = std::to_string(lrs) + " list registers, ";
  u32 level = 0;
  for (u32 w = 4; w < 31; ++w) m.edge_spi(33 * w, 1);
  SECTION("equally urgent") { name += "equally urgent"; }
  SECTION("in turn") {
    name += "in turn";
    for (u32 w = 4; w < 31; ++w) m.priority(33 * w, 0x80 + 8 * (w % 4));
  }
  SECTION("the last is a level") {
    name += "the last a level";
    level = 33 * 30;
  }
  SECTION("one in the middle is a level") {
    name += "one a level";
    level = 33 * 12;
  }
  if (level != 0) m.level(level);
  m.settle();
  for (u32 w = 4; w < 31; ++w)
    if (33 * w != level) m.come(33 * w);
  if (level != 0) m.raise(level);
  m.settle();
  for (u32 n = 1; n < 4; ++n) {
    const bool all = n % 2 != 0;
    (void)m.takes(all ? lrs : lrs - 1);
    m.is(name + ": " + std::to_string(n));
  }
}

// An SPI at a time: the short way, and each thing that is in its way.
TEMPLATE_LIST_TEST_CASE("one comes while something is in the way of the short way", "", many_of_all) {
  burst<TestType> m;
  const bool directly = GENERATE(false, true);  // on the CPU of its vCPU, between an exit and an entry
  const u32 i = GENERATE(33u, 20u);
  const auto one_comes = [&](const std::string& what) {
    const auto comes = [&] {
      if (i == 20)
        CHECK(m.g.pulse(m.v, intid{20}) == result::ok);
      else
        CHECK(m.g.pulse(intid{i}) == result::ok);
    };
    const std::string name = std::string(i == 20 ? "PPI, " : "SPI, ") + (directly ? "directly, " : "") + what;
    if (!directly) m.on_cpu_of(no_vcpu, comes);
    m.is(name, [&] {
      m.serve();
      if (directly) comes();
    });
    m.is(name + ", once more");
  };
  SECTION("nothing") { one_comes("nothing"); }
  SECTION("a level beside it") {
    m.level_spi(45, 1);
    m.raise(45);
    m.settle();
    one_comes("a level beside it");
  }
  SECTION("one that is disabled beside it") {
    m.disable(45);
    m.come(45);
    m.settle();
    one_comes("one that is disabled beside it");
  }
  SECTION("it is disabled") {
    m.store(m.v, m.bits(m.icenabler, i, 1), u64{1} << (i % 32));
    one_comes("disabled");
  }
  SECTION("it is listed") {
    if (i == 20)
      CHECK(m.g.pulse(m.v, intid{20}) == result::ok);
    else
      m.come(i);
    m.settle();
    m.pass(m.v);
    one_comes("listed");
  }
  SECTION("it is active") {
    if (i == 20)
      CHECK(m.g.pulse(m.v, intid{20}) == result::ok);
    else
      m.come(i);
    m.settle();
    m.pass(m.v);
    REQUIRE(m.ack(m.v) == i);
    m.pass(m.v);
    one_comes("active");
  }
  SECTION("another bank waits") {
    m.come(70);
    one_comes("another bank waits");
  }
  SECTION("all list registers are in use") {
    m.come(64, 4);
    m.settle();
    one_comes("no list register free");
  }
  SECTION("more wait than there is room for") {
    m.come(64, 6);
    m.settle();
    REQUIRE(m.takes(2) == 2);
    one_comes("two wait, two free");
  }
  SECTION("another one is active by software") {
    m.set(m.isactiver, 80);
    one_comes("one active by software");
  }
  SECTION("one of another vCPU is active by software") {
    m.route(80, 2);
    m.turn_off(vcpu(2));
    m.set(m.isactiver, 80);
    m.settle();
    one_comes("one of another is active by software");
  }
  SECTION("its group is off at the CPU interface") {
    m.hardware().enable_groups(m.v, m.v2 ? 2 : 1);
    one_comes("its group closed");
  }
  SECTION("its vCPU sleeps") {
    m.sleeps(1);
    one_comes("asleep");
    m.sleeps(0);
    m.is(std::string(i == 20 ? "PPI, " : "SPI, ") + (directly ? "directly, " : "") + "awake again");
  }
  SECTION("ends are counted") {
    for (u32 k = 0; k < 6; ++k) m.set(m.isactiver, 64 + k);
    m.settle();
    m.hardware().at(m.v).hcr += 1u << hcr::eoicount_shift;
    one_comes("an end counted");
  }
}
