// SPDX-License-Identifier: BSL-1.0
// What the emulator tells its host, and what it asks: optional hooks are called exactly once an event with the right
// content, and leave no trace where they are absent.
#include "catch.hpp"
#include "support/registers.hpp"

#include <string>
#include <tuple>
#include <vector>

using namespace tests;

namespace {

/// Hears everything.
struct tracing_host : recording_host {
  void on_access(const access_record& a) { accesses.push_back(a); }
  void on_sgi(vcpu_id from, vcpu_id to, intid i) { sgis.emplace_back(raw(from), raw(to), raw(i)); }
  void on_listed(vcpu_id v, intid i) { listed.emplace_back(raw(v), raw(i)); }
  void on_refill(vcpu_id v) { refills.push_back(raw(v)); }

  void forget() {
    accesses.clear();
    sgis.clear();
    listed.clear();
    refills.clear();
  }

  std::vector<access_record> accesses;
  std::vector<std::tuple<u32, u32, u32>> sgis;
  std::vector<std::pair<u32, u32>> listed;
  std::vector<u32> refills;
};

/// A host that can wait for other CPUs.
struct waiting_host : recording_host {
  void sync(vcpu_id v) { synced.push_back(raw(v)); }
  std::vector<u32> synced;
};

template <class Config, class Host>
struct with_host : Config {
  using host = Host;
};

template <class Version, u32 Lrs = 4, class Features = all_features>
using traced = with_host<config<Version, Features, Lrs>, tracing_host>;
template <class Version>
using waiting = with_host<config<Version>, waiting_host>;

static_assert(!traces_accesses<recording_host> && !traces_sgis<recording_host> && !traces_listing<recording_host> &&
              !traces_refills<recording_host> && !host_can_sync<recording_host>);
static_assert(traces_accesses<tracing_host> && traces_sgis<tracing_host> && traces_listing<tracing_host> &&
              traces_refills<tracing_host> && !host_can_sync<tracing_host>);
static_assert(host_can_sync<waiting_host> && !traces_accesses<waiting_host>);

/// Names as the hooks have, of another form: these are no hooks, and must not be called by a wrong conversion.
struct other_host : recording_host {
  void on_access(int) {}
  void on_sgi(vcpu_id) {}
  void on_listed(u32) {}
  void on_refill() {}
  void sync() {}
};
static_assert(!traces_accesses<other_host> && !traces_sgis<other_host> && !traces_listing<other_host> &&
              !traces_refills<other_host> && !host_can_sync<other_host>);

/// A number that the compiler does not know: constant addresses in a whole trap make g++ warn of array elements that no
/// run reaches.
u64 some(u64 x) {
  __asm__("" : "+r"(x));
  return x;
}

/// Edge-triggered, enabled, to vCPU `target`.
template <class M>
void set_up(M& m, u32 i, u32 target) {
  m.edge(i);
  m.enable(i);
  m.route(i, target);
}

}  // namespace

TEST_CASE("a host whose functions only look like hooks works") {
  machine_under_test<with_host<config<gicv3>, other_host>> m;
  m.boot();
  CHECK((m.load(vcpu(0), some(m.gicd)) & 3) == 3);
}

// --- on_access -----------------------------------------------------------------------------------------------------

namespace {

struct access_case {
  u64 address;
  width size;
  direction dir;
  u64 written;
  const char* want_name;
  u32 want_offset;
};

/// Makes each access through a trap, and compares the one record that it leaves with it and with the answer.
template <class M>
void each_leaves_one_record(M& m, const std::vector<access_case>& cases) {
  for (const access_case& c : cases) {
    CAPTURE(c.address, raw(c.size), c.dir == direction::read, c.want_name);
    m.g.host().forget();
    u64 x[31] = {};
    x[5] = c.written;
    u32 sas = 0;
    while (1u << sas != raw(c.size)) ++sas;
    const u64 esr = u64{0x24} << 26 | 1u << 25 | 1u << 24 | sas << 22 | 5u << 16 | 1u << 15 |
                    (c.dir == direction::write ? 1u << 6 : 0) | 7;
    m.on_cpu_of(vcpu(1), [&] {
      m.g.exit(vcpu(1));
      REQUIRE(m.g.data_abort(vcpu(1), {.esr = esr, .hpfar = c.address >> 12 << 4, .far = c.address & 0xfff}, x) ==
              trap_status::handled);
      m.g.entry(vcpu(1));
    });
    REQUIRE(m.g.host().accesses.size() == 1);
    const access_record& a = m.g.host().accesses[0];
    CHECK(a.vcpu == vcpu(1));
    CHECK(std::string{name(a.what)} == c.want_name);
    CHECK(a.offset == c.want_offset);
    CHECK(a.size == c.size);
    CHECK(a.dir == c.dir);
    CHECK(a.value == (c.dir == direction::read ? x[5] : c.written));  // the answer, or what was written
  }
}

constexpr auto rd = direction::read;
constexpr auto wr = direction::write;

}  // namespace

TEST_CASE("on_access: GICv2, every width and direction, refused accesses included") {
  machine_under_test<traced<gicv2>> m;
  m.boot();
  m.route(40, 3);
  const u64 d = m.gicd;
  each_leaves_one_record(m, {
                                {d + 0x000, width::word, rd, 0, "GICD_CTLR", 0x000},
                                {d + 0x000, width::word, wr, 3, "GICD_CTLR", 0x000},
                                {d + 0x004, width::word, rd, 0, "GICD_TYPER", 0x004},
                                {d + 0x004, width::word, wr, 7, "GICD_TYPER", 0x004},  // read-only
                                {d + 0x000, width::byte, rd, 0, "GICD_CTLR", 0x000},   // no such width
                                {d + 0x001, width::byte, wr, 0xff, "GICD_CTLR", 0x001},
                                {d + 0x000, width::dword, wr, 3, "GICD_CTLR", 0x000},
                                {d + 0x104, width::word, wr, 0x100, "GICD_ISENABLER", 0x104},
                                {d + 0x104, width::word, rd, 0, "GICD_ISENABLER", 0x104},
                                {d + 0x428, width::byte, wr, 0x50, "GICD_IPRIORITYR", 0x428},
                                {d + 0x428, width::byte, rd, 0, "GICD_IPRIORITYR", 0x428},
                                {d + 0x428, width::half, rd, 0, "GICD_IPRIORITYR", 0x428},
                                {d + 0x428, width::word, rd, 0, "GICD_IPRIORITYR", 0x428},
                                {d + 0x429, width::half, rd, 0, "GICD_IPRIORITYR", 0x429},  // misaligned
                                {d + 0x828, width::byte, rd, 0, "GICD_ITARGETSR", 0x828},
                                {d + 0xf00, width::word, rd, 0, "GICD_SGIR", 0xf00},  // write-only
                                {d + 0x00c, width::word, rd, 0, "(reserved)", 0x00c},
                                {d + 0x00c, width::word, wr, 1, "(reserved)", 0x00c},
                                {d + 0xfe8, width::word, rd, 0, "GICD_PIDR/CIDR", 0xfe8},
                            });
}

TEST_CASE("on_access: GICv3, distributor and redistributors, every width and direction, refused accesses included") {
  machine_under_test<traced<gicv3>> m;
  m.boot();
  m.route(40, 3);
  const u64 d = m.gicd;
  const u64 r = m.rd(2);
  const u64 s = m.sgi_frame(2);
  each_leaves_one_record(m, {
                                {d + 0x0000, width::word, rd, 0, "GICD_CTLR", 0x0000},
                                {d + 0x0000, width::word, wr, 3, "GICD_CTLR", 0x0000},
                                {d + 0x0004, width::word, wr, 7, "GICD_TYPER", 0x0004},
                                {d + 0x0000, width::half, rd, 0, "GICD_CTLR", 0x0000},
                                {d + 0x0010, width::word, rd, 0, "GICD_STATUSR", 0x0010},
                                {d + 0x0040, width::half, wr, 40, "GICD_SETSPI_NSR", 0x0040},
                                {d + 0x0040, width::word, rd, 0, "GICD_SETSPI_NSR", 0x0040},
                                {d + 0x0428, width::byte, wr, 0x50, "GICD_IPRIORITYR", 0x0428},
                                {d + 0x0428, width::byte, rd, 0, "GICD_IPRIORITYR", 0x0428},
                                {d + 0x0428, width::half, rd, 0, "GICD_IPRIORITYR", 0x0428},
                                {d + 0x6140, width::dword, rd, 0, "GICD_IROUTER", 0x6140},
                                {d + 0x6140, width::dword, wr, 0x1'0000'0002, "GICD_IROUTER", 0x6140},
                                {d + 0x6144, width::word, rd, 0, "GICD_IROUTER", 0x6144},
                                {d + 0x6144, width::dword, rd, 0, "GICD_IROUTER", 0x6144},  // misaligned
                                {d + 0x1000, width::word, rd, 0, "(reserved)", 0x1000},
                                {d + 0xffe8, width::word, rd, 0, "GICD_PIDR/CIDR", 0xffe8},
                                {r + 0x0008, width::dword, rd, 0, "GICR_TYPER", 0x0008},
                                {r + 0x000c, width::word, rd, 0, "GICR_TYPER", 0x000c},
                                {r + 0x0008, width::dword, wr, 1, "GICR_TYPER", 0x0008},
                                {r + 0x0014, width::word, rd, 0, "GICR_WAKER", 0x0014},
                                {r + 0x0014, width::word, wr, 0, "GICR_WAKER", 0x0014},
                                {r + 0x0070, width::dword, rd, 0, "GICR_(LPI)", 0x0070},
                                {s + 0x0100, width::word, wr, 0x0800'0000, "GICR_ISENABLER0", 0x0100},
                                {s + 0x0100, width::word, rd, 0, "GICR_ISENABLER0", 0x0100},
                                {s + 0x0100, width::byte, rd, 0, "GICR_ISENABLER0", 0x0100},
                                {s + 0x041b, width::byte, wr, 0x20, "GICR_IPRIORITYR", 0x041b},
                                {s + 0x041b, width::byte, rd, 0, "GICR_IPRIORITYR", 0x041b},
                                {s + 0x0104, width::word, rd, 0, "(reserved)", 0x0104},
                            });
}

TEST_CASE("on_access: what is in a redistributor region but no redistributor is reported as reserved") {
  machine_under_test<traced<gicv3>> m{2};
  m.boot();
  m.g.host().forget();
  CHECK(m.load(vcpu(0), m.rd(2) + 8) == 0);
  m.store(vcpu(0), m.rd(2) + 0x14, 2);
  REQUIRE(m.g.host().accesses.size() == 2);
  CHECK(m.g.host().accesses[0].what == reg::reserved);
  CHECK(m.g.host().accesses[1].what == reg::reserved);
  CHECK(m.g.host().accesses[1].dir == direction::write);
}

TEST_CASE("on_access: what is behind the frames of a redistributor is reported as reserved") {
  machine_under_test<with_host<v3_sparse, tracing_host>> m;
  for (const u64 offset : {0x2'0000u, 0x2'1000u, 0x3'fffcu}) {
    CAPTURE(offset);
    m.g.host().forget();
    CHECK(m.load(vcpu(0), m.rd(1) + offset) == 0);
    m.store(vcpu(0), m.rd(1) + offset, 1);
    REQUIRE(m.g.host().accesses.size() == 2);
    for (const access_record& a : m.g.host().accesses) CHECK(a.what == reg::reserved);
  }
}

TEST_CASE("on_access: not for addresses that are no frame, nor for syndromes that say no access") {
  machine_under_test<traced<gicv3>> m;
  m.g.host().forget();
  u64 x[31] = {};
  constexpr u64 load_word = u64{0x24} << 26 | 1u << 24 | 2u << 22;
  CHECK(m.g.data_abort(vcpu(0), {.esr = load_word, .hpfar = 0x40'0000, .far = 0}, x) == trap_status::not_gic);
  CHECK(m.g.data_abort(vcpu(0), {.esr = u64{0x24} << 26, .hpfar = m.gicd >> 12 << 4, .far = 0}, x) ==
        trap_status::undecodable);
  CHECK(m.g.host().accesses.empty());
}

TEST_CASE("on_access: trapped system registers") {
  machine_under_test<traced<gicv3>> m;
  m.boot();
  m.g.host().forget();
  m.write_sgi1r(1, 0x0000'0000'0500'0004);
  m.write_sgi1r(1, 0x0000'0000'0500'0004, syndrome::key_icc_asgi1r);
  m.write_sgi1r(1, 0x0000'0000'0500'0004, syndrome::key_icc_sgi0r);
  m.write_sgi1r(1, 27, syndrome::key_icc_dir);
  m.write_sgi1r(1, 0, 0x30'100c);  // ICC_PMR_EL1 is not the GIC's here
  const auto& a = m.g.host().accesses;
  REQUIRE(a.size() == 4);
  const reg want[] = {reg::icc_sgi1r, reg::icc_asgi1r, reg::icc_sgi0r, reg::icc_dir};
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(a[k].what == want[k]);
    CHECK(a[k].vcpu == vcpu(1));
    CHECK(a[k].dir == direction::write);
    CHECK(a[k].size == width::dword);
    CHECK(a[k].value == (k == 3 ? 27 : 0x0500'0004));
  }
}

// --- on_sgi --------------------------------------------------------------------------------------------------------

TEST_CASE("on_sgi: once a target of a GICD_SGIR write") {
  using list = std::vector<std::tuple<u32, u32, u32>>;
  machine_under_test<traced<gicv2>> m{4};
  m.boot();
  const auto sent = [&](u32 value) {
    m.g.host().forget();
    m.store(vcpu(1), m.gicd + 0xf00, value);
    return m.g.host().sgis;
  };
  CHECK(sent(0x00ff'0005) == list{{1, 0, 5}, {1, 1, 5}, {1, 2, 5}, {1, 3, 5}});  // vCPUs 4..7 are not there
  CHECK(sent(0x0008'0007) == list{{1, 3, 7}});
  CHECK(sent(0x0100'000f) == list{{1, 0, 15}, {1, 2, 15}, {1, 3, 15}});  // all but the writer
  CHECK(sent(0x0200'0000) == list{{1, 1, 0}});                           // the writer
  CHECK(sent(0x03ff'0003).empty());                                      // reserved
  CHECK(sent(0x0000'0003).empty());                                      // nobody
}

TEST_CASE("on_sgi: once a target of a write to the SGI system registers") {
  using list = std::vector<std::tuple<u32, u32, u32>>;
  machine_under_test<traced<gicv3>> m{4};
  m.boot();
  const auto sent = [&](u64 value, u32 key = syndrome::key_icc_sgi1r) {
    m.g.host().forget();
    m.write_sgi1r(1, value, key);
    return m.g.host().sgis;
  };
  CHECK(sent(0x0500'ffff) == list{{1, 0, 5}, {1, 1, 5}, {1, 2, 5}, {1, 3, 5}});
  CHECK(sent(0x0500'0004) == list{{1, 2, 5}});
  CHECK(sent(0x0500'0004) == list{{1, 2, 5}});  // merged into one interrupt, yet sent twice
  CHECK(sent(u64{1} << 40 | 0x0f00'0000) == list{{1, 0, 15}, {1, 2, 15}, {1, 3, 15}});
  CHECK(sent(0x0501'0001).empty());  // Aff1 = 1: nobody
  // Group 1 SGIs of their targets are not reached through SGI0R and ASGI1R.
  CHECK(sent(0x0500'0004, syndrome::key_icc_sgi0r).empty());
  CHECK(sent(0x0500'0004, syndrome::key_icc_asgi1r).empty());
  m.group_of(5, group::zero, 2);
  CHECK(sent(0x0500'0006, syndrome::key_icc_sgi0r) == list{{1, 2, 5}});
  CHECK(sent(0x0500'0006, syndrome::key_icc_asgi1r) == list{{1, 2, 5}});
}

// --- on_listed, on_refill ------------------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("on_listed: once for each interrupt that goes into a list register", "", gicv2, gicv3) {
  using list = std::vector<std::pair<u32, u32>>;
  machine_under_test<traced<TestType>> m;
  m.boot();
  set_up(m, 40, 2);
  m.settle();
  m.g.host().forget();
  REQUIRE(m.g.raise(intid{40}) == result::ok);
  CHECK(m.g.host().listed.empty());  // not before its vCPU passes
  m.settle();
  CHECK(m.g.host().listed == list{{2, 40}});
  m.pass(vcpu(2));
  m.pass(vcpu(2));
  CHECK(m.g.host().listed == list{{2, 40}});
  CHECK(m.take(vcpu(2)) == 40);
  m.pass(vcpu(2));
  CHECK(m.g.host().listed == list{{2, 40}});
  CHECK(m.g.host().refills.empty());

  // Directly listed, on the CPU of its target.
  m.g.host().forget();
  m.on_cpu_of(vcpu(2), [&] {
    m.g.exit(vcpu(2));
    REQUIRE(m.g.pulse(intid{40}) == result::ok);
    m.g.entry(vcpu(2));
  });
  CHECK(m.g.host().listed == list{{2, 40}});
  CHECK((m.take(vcpu(2)) & 0x3ff) == 40);

  // A level that is still high at its end is listed again.
  m.level(41);
  m.enable(41);
  m.route(41, 2);
  m.settle();
  m.g.host().forget();
  REQUIRE(m.g.raise(intid{41}) == result::ok);
  m.settle();
  CHECK(m.take(vcpu(2)) == 41);
  CHECK(m.g.host().listed == list{{2, 41}, {2, 41}});
}

TEMPLATE_TEST_CASE("on_refill: only when list registers are filled while something waits", "", gicv2, gicv3) {
  machine_under_test<traced<TestType, 2>> m{1};
  m.boot();
  for (const u32 i : {40u, 41u, 42u, 43u, 44u}) set_up(m, i, 0);
  m.settle();
  m.g.host().forget();
  REQUIRE(m.g.raise(intid{40}) == result::ok);
  REQUIRE(m.g.raise(intid{41}) == result::ok);
  m.settle();
  CHECK(m.take(vcpu(0)) == 40);
  CHECK(m.take(vcpu(0)) == 41);
  m.pass(vcpu(0));
  CHECK(m.g.host().refills.empty());  // two fitted

  for (const u32 i : {40u, 41u, 42u, 43u, 44u}) REQUIRE(m.g.pulse(intid{i}) == result::ok);
  m.settle();
  CHECK(m.g.host().refills.empty());  // nothing waited before
  CHECK(m.g.host().listed.size() == 4);
  u32 taken = 0;
  while (m.take(vcpu(0)) != 1023) ++taken;
  CHECK(taken == 5);
  CHECK(m.g.host().listed.size() == 7);
  CHECK_FALSE(m.g.host().refills.empty());
  CHECK(m.g.host().refills.size() <= 3);  // at most one for each that waited
  for (const u32 v : m.g.host().refills) CHECK(v == 0);
}

TEMPLATE_TEST_CASE("on_refill: once an entry, if edges of one bank wait", "", gicv2, gicv3) {
  machine_under_test<traced<TestType, 2>> m{1};
  m.boot();
  for (u32 i = 40; i < 46; ++i) {
    set_up(m, i, 0);
    m.edge(i);
  }
  for (u32 i = 40; i < 46; ++i) REQUIRE(m.g.pulse(intid{i}) == result::ok);
  m.settle();
  for (u32 n = 0; n < 2; ++n) {
    m.g.host().forget();
    for (u32 k = 0; k < 2; ++k) m.hardware().end(vcpu(0), m.normal, m.ack(vcpu(0)));
    m.pass(vcpu(0));
    CHECK(m.g.host().refills == std::vector<u32>{0});
    CHECK(m.g.host().listed.size() == 2);
  }
}

TEMPLATE_TEST_CASE("on_listed: several that go into list registers at once, each by its number", "", gicv2, gicv3) {
  using list = std::vector<std::pair<u32, u32>>;
  machine_under_test<traced<TestType>> m;
  m.boot();
  const bool levels = GENERATE(false, true);
  for (const u32 i : {72u, 75u, 91u, 203u}) {
    set_up(m, i, 2);
    if (levels) m.level(i);
  }
  m.settle();
  m.g.host().forget();
  SECTION("of one bank") {
    for (const u32 i : {75u, 72u, 91u}) REQUIRE(m.g.raise(intid{i}) == result::ok);
    m.settle();
    CHECK(m.g.host().listed == list{{2, 72}, {2, 75}, {2, 91}});
  }
  SECTION("of two banks") {
    for (const u32 i : {203u, 72u}) REQUIRE(m.g.raise(intid{i}) == result::ok);
    m.settle();
    CHECK(m.g.host().listed == list{{2, 72}, {2, 203}});
  }
  CHECK(m.g.host().refills.empty());
}

TEMPLATE_TEST_CASE("on_refill: whichever of the events was asked for", "", gicv2, gicv3) {
  constexpr u32 all = hcr::uie | hcr::npie | hcr::lrenpie;
  machine_under_test<traced<TestType, 2>> m{1};
  m.boot();
  for (const u32 i : {40u, 41u, 42u}) set_up(m, i, 0);
  m.settle();
  m.g.host().forget();
  const auto armed = [&] { return m.hardware().at(vcpu(0)).hcr & all; };
  SECTION("that few list registers are in use") {
    m.priority(41, 0x80);
    REQUIRE(m.g.pulse(intid{40}) == result::ok);
    m.settle();
    CHECK(m.ack(vcpu(0)) == 40);
    REQUIRE(m.g.pulse(intid{41}) == result::ok);
    m.settle();
    CHECK(m.ack(vcpu(0)) == 41);
    m.pass(vcpu(0));
    REQUIRE(m.g.pulse(intid{42}) == result::ok);
    CHECK(m.g.host().refills.empty());
    m.settle();
    REQUIRE(armed() == hcr::uie);
  }
  SECTION("that none is pending any more") {
    REQUIRE(m.g.start({.vcpus = 1, .spis = 256, .list_registers = 1}) == result::ok);
    m.turn_on(vcpu(0));
    m.boot();
    for (const u32 i : {40u, 41u}) set_up(m, i, 0);
    m.settle();
    m.g.host().forget();
    for (const u32 i : {40u, 41u}) REQUIRE(m.g.pulse(intid{i}) == result::ok);
    m.settle();
    CHECK(m.g.host().refills.empty());
    REQUIRE(armed() == hcr::npie);
  }
  SECTION("that an end was counted") {
    REQUIRE(m.g.start({.vcpus = 1, .spis = 256, .list_registers = 1}) == result::ok);
    m.turn_on(vcpu(0));
    m.boot();
    for (const u32 i : {40u, 41u}) {
      set_up(m, i, 0);
      m.set(m.isactiver, i);
    }
    m.settle();
    REQUIRE(armed() == hcr::lrenpie);
    m.g.host().forget();
  }
  m.disable(42);  // the private bank and another one are looked at
  m.enable(42);
  m.set(m.ispendr, 3);
  m.settle();
  CHECK_FALSE(m.g.host().refills.empty());
}

// --- sync ----------------------------------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("sync: for reads of pending and active state that another CPU's vCPU holds, and no others", "",
                   gicv2, gicv3) {
  using list = std::vector<u32>;
  machine_under_test<waiting<TestType>> m;
  m.boot();
  set_up(m, 40, 2);
  set_up(m, 72, 3);
  m.settle();
  const auto synced = [&](u32 reader, u64 address) {
    m.g.host().synced.clear();
    (void)m.load(vcpu(reader), address);
    return m.g.host().synced;
  };
  // Nothing is in a list register.
  CHECK(synced(0, m.bits(m.ispendr, 40)).empty());
  CHECK(synced(0, m.bits(m.isactiver, 40)).empty());
  REQUIRE(m.g.raise(intid{40}) == result::ok);
  m.settle();
  // vCPU 2 holds INTID 40: readers elsewhere wait for it, and only for it.
  for (const u32 reg : {m.ispendr, m.icpendr, m.isactiver, m.icactiver}) {
    CAPTURE(reg);
    CHECK(synced(0, m.bits(reg, 40)) == list{2});
    CHECK(synced(2, m.bits(reg, 40)).empty());  // its own CPU
    CHECK(synced(0, m.bits(reg, 72)).empty());  // another bank
    CHECK(synced(0, m.bits(reg, 3)).empty());   // private
  }
  // Other registers need nobody.
  CHECK(synced(0, m.bits(m.isenabler, 40)).empty());
  CHECK(synced(0, m.bits(m.igroupr, 40)).empty());
  CHECK(synced(0, m.bytes(m.ipriorityr, 40)).empty());
  CHECK(synced(0, m.gicd).empty());
  // A host thread that is no vCPU reads nothing, but a second holder of the bank is waited for as well.
  REQUIRE(m.g.raise(intid{72}) == result::ok);
  m.settle();
  CHECK(synced(0, m.bits(m.ispendr, 72)) == list{3});
  CHECK(synced(3, m.bits(m.ispendr, 40)) == list{2});
  // Writes that clear pending or active state look first too.
  m.g.host().synced.clear();
  m.store(vcpu(0), m.bits(m.icpendr, 40), 1u << 8);
  CHECK(m.g.host().synced == list{2});
}

TEMPLATE_TEST_CASE("sync: writes of pending and active state wait for each vCPU that holds some of the bank", "", gicv2,
                   gicv3) {
  using list = std::vector<u32>;
  machine_under_test<waiting<TestType>> m{4};
  m.boot();
  for (const u32 v : {0u, 2u, 3u}) set_up(m, 40 + v, v);
  m.settle();
  for (const u32 v : {0u, 2u, 3u}) REQUIRE(m.g.raise(intid{40 + v}) == result::ok);
  m.settle();
  for (const u32 reg : {m.icpendr, m.isactiver, m.icactiver}) {
    CAPTURE(reg);
    m.g.host().synced.clear();
    m.store(vcpu(1), m.bits(reg, 40), 1u << 20);
    CHECK(m.g.host().synced == list{0, 2, 3});
    m.g.host().synced.clear();
    m.store(vcpu(1), m.bits(reg, 72), 1u << 20);
    CHECK(m.g.host().synced.empty());
    m.store(vcpu(0), m.bits(reg, 20, 0), 1u << 20);
    CHECK(m.g.host().synced.empty());  // its own
  }
  m.store(vcpu(1), m.bits(m.ispendr, 40), 1u << 20);
  CHECK(m.g.host().synced.empty());
}

TEST_CASE("sync: a redistributor of another vCPU") {
  using list = std::vector<u32>;
  machine_under_test<waiting<gicv3>> m;
  m.boot();
  m.edge(27, 2);
  m.enable(27, 2);
  m.settle();
  m.g.host().synced.clear();
  CHECK_FALSE(m.bit(m.ispendr, 27, 2));
  REQUIRE(m.g.raise(vcpu(2), intid{27}) == result::ok);
  m.settle();
  m.g.host().synced.clear();
  CHECK((m.load(vcpu(0), m.sgi_frame(2) + m.ispendr) >> 27 & 1) == 1);
  CHECK(m.g.host().synced == list{2});
  m.g.host().synced.clear();
  CHECK((m.load(vcpu(2), m.sgi_frame(2) + m.ispendr) >> 27 & 1) == 1);
  CHECK(m.g.host().synced.empty());
  CHECK((m.load(vcpu(0), m.sgi_frame(1) + m.ispendr) >> 27 & 1) == 0);
  CHECK(m.g.host().synced.empty());
  for (const u32 reg : {m.icpendr, m.isactiver, m.icactiver}) {
    CAPTURE(reg);
    m.store(vcpu(0), m.sgi_frame(2) + reg, 1u << 20);
    CHECK(m.g.host().synced == list{2});
    m.g.host().synced.clear();
    m.store(vcpu(0), m.sgi_frame(1) + reg, 1u << 20);
    CHECK(m.g.host().synced.empty());
  }
}

TEMPLATE_TEST_CASE("with sync a read sees what a running vCPU did since its last exit", "", gicv2, gicv3) {
  // Folding by the host: sync makes the vCPU pass exit, as a kick that is waited for does.
  struct exact_host : recording_host {
    void sync(vcpu_id v) { fold(context, v); }
    void (*fold)(void*, vcpu_id) = nullptr;
    void* context = nullptr;
  };
  using machine = machine_under_test<with_host<config<TestType>, exact_host>>;
  machine m;
  m.g.host().context = &m;
  m.g.host().fold = [](void* p, vcpu_id v) { static_cast<machine*>(p)->pass(v); };
  m.boot();
  set_up(m, 40, 2);
  m.settle();
  REQUIRE(m.g.raise(intid{40}) == result::ok);
  m.settle();
  const auto read = [&](u32 reg) { return (m.load(vcpu(0), m.bits(reg, 40)) >> 8 & 1) != 0; };
  CHECK(read(m.ispendr));
  CHECK_FALSE(read(m.isactiver));
  const u32 id = m.ack(vcpu(2));  // nobody was told
  CHECK(id == 40);
  CHECK(read(m.isactiver));
  CHECK_FALSE(read(m.ispendr));
  m.hardware().end(vcpu(2), m.normal, id);
  CHECK_FALSE(read(m.isactiver));
}
