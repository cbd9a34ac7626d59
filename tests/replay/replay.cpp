// SPDX-License-Identifier: BSL-1.0
// An unmodified Linux kernel's boot, as it was traced on QEMU's GICs, on this library: what it reads is what it read
// there, and it is given each interrupt before it took it there.
#include "catch.hpp"

#include <bench/suites/replay_player.hpp>
#include <layout/qemu_virt.hpp>

#include <algorithm>
#include <set>

using vgic::u32;

namespace {

const bench::boot& traced(u32 version) {
  const auto load = [](u32 number) {
    bench::boot b;
    const std::string file = VGIC_BENCH_TRACES "/linux-gicv" + std::to_string(number) + ".trace";
    if (const auto problem = bench::load_boot(file, number, b)) FAIL(*problem);
    return b;
  };
  static const bench::boot v2 = load(2);
  static const bench::boot v3 = load(3);
  return version == 2 ? v2 : v3;
}

std::string lines(const std::vector<std::string>& problems) {
  std::string all;
  for (const auto& p : problems) all += p + '\n';
  return all;
}

/// Plays the boot on a configuration: nothing is wrong.
template <class C>
bench::outcome played() {
  const bench::boot& b = traced(C::version::number);
  const auto o = bench::play_boot<C>(b);
  INFO(lines(o.problems));
  CHECK(o.problems.empty());
  CHECK(o.taken == b.taken);
  return o;
}

/// A wide configuration with nothing that it need not have.
template <class Version>
struct sparse : bench::usual<Version, layout::qemu_virt, 8, 96> {
  using features = vgic::features<>;
  using list_registers = bench::list_registers_in_memory<8, 16, bench::format_of<sparse>>;
  using atomics = vgic::single_cpu_atomics;
  using affinity = vgic::wide_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 96, .list_registers = 16, .priority_bits = 5};
};
struct sparse_gicv2 : sparse<vgic::gicv2> {
  using affinity = vgic::flat_affinity;
};

/// What is wrong with a boot of which one step is another.
template <class C, class Which, class Change>
std::vector<std::string> problems_with(Which&& which, Change&& change) {
  bench::boot b = traced(C::version::number);
  const auto s = std::find_if(b.steps.begin(), b.steps.end(), which);
  REQUIRE(s != b.steps.end());
  change(b.steps, s);
  return bench::play_boot<C>(b).problems;
}

bool reads_isenabler(const bench::step& s) {
  return s.what == bench::act::access && s.from.dir == vgic::direction::read && s.from.at == 0x104;
}

}  // namespace

TEST_CASE("replay: what a boot on a GICv3 reads and takes is what it was on QEMU's") {
  const bench::boot& b = traced(3);
  CHECK(b.vcpus == 8);
  CHECK(b.spis == 224);
  CHECK(b.highest_spi == 79);
  CHECK(b.accesses == 1043);
  CHECK(b.sent == 7273);
  CHECK(b.taken == 19'936);
  CHECK(b.left_out == 240);  // 163 of the ITS; 33 reads of ICC_CTLR_EL1; binary point, ICC_CTLR, active priorities
  const auto o = played<bench::gicv3>();
  CHECK(o.compared == 355);
}

TEST_CASE("replay: what a boot on a GICv2 reads and takes is what it was on QEMU's") {
  const bench::boot& b = traced(2);
  CHECK(b.vcpus == 8);
  CHECK(b.spis == 256);
  CHECK(b.highest_spi == 79);
  CHECK(b.accesses == 7529);
  CHECK(b.sent == 0);
  CHECK(b.taken == 25'623);
  CHECK(b.left_out == 66);  // identification and active priorities of the CPU interface
  const auto o = played<bench::gicv2>();
  CHECK(o.compared == 43);
}

TEST_CASE("replay: each deliberate difference is one") {
  std::set<std::size_t> used;
  for (const auto& o :
       {played<bench::gicv3>(), played<bench::gicv2>(), played<sparse<vgic::gicv3>>(), played<sparse_gicv2>()})
    for (std::size_t i = 0; i < o.explained.size(); ++i)
      if (o.explained[i] != 0) used.insert(i);
  for (std::size_t i = 0; i < bench::difference_count; ++i) {
    INFO(bench::differences[i].why << ": nothing differs there any more");
    CHECK(used.count(i) == 1);
  }
}

TEST_CASE("replay: an answer that differs is noticed") {
  const auto problems = problems_with<bench::gicv3>(reads_isenabler, [](auto&, auto s) { s->from.value ^= 0x10; });
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("the answer was 0x") == 0);
  CHECK(problems[0].find("read GICD_ISENABLER") != std::string::npos);
}

TEST_CASE("replay: only the bits of a difference may differ") {
  const auto reads_typer = [](const bench::step& s) { return s.what == bench::act::access && s.from.at == 4; };
  CHECK(problems_with<bench::gicv3>(reads_typer, [](auto&, auto s) { s->from.value ^= 1u << 19; }).empty());
  CHECK(problems_with<bench::gicv3>(reads_typer, [](auto&, auto s) { s->from.value ^= 1u << 24; }).size() == 1);
}

TEST_CASE("replay: a write that is lost is noticed") {
  const auto enables_first_spis = [](const bench::step& s) {
    return s.what == bench::act::access && s.from.dir == vgic::direction::write && s.from.at == 0x104;
  };
  CHECK_FALSE(problems_with<bench::gicv3>(enables_first_spis, [](auto& all, auto s) { all.erase(s); }).empty());
}

TEST_CASE("replay: an interrupt that does not come is noticed") {
  const auto sends = [](const bench::step& s) { return s.what == bench::act::send; };
  const auto lost = problems_with<bench::gicv3>(sends, [](auto& all, auto s) { all.erase(s); });
  REQUIRE_FALSE(lost.empty());
  CHECK(lost[0].find("the guest was not given the interrupt that it took") == 0);

  const auto sends_v2 = [](const bench::step& s) { return s.what == bench::act::access && s.from.at == 0xf00; };
  CHECK_FALSE(problems_with<bench::gicv2>(sends_v2, [](auto& all, auto s) { all.erase(s); }).empty());
  const auto rises = [](const bench::step& s) { return s.what == bench::act::raise; };
  CHECK_FALSE(problems_with<bench::gicv2>(rises, [](auto& all, auto s) { all.erase(s); }).empty());
}

TEST_CASE("replay: an interrupt that nobody sent is noticed") {
  const auto sends = [](const bench::step& s) { return s.what == bench::act::access && s.from.at == 0xf00; };
  // Sent to one CPU more than it was.
  const auto problems = problems_with<bench::gicv2>(sends, [](auto&, auto s) { s->from.value |= 0xff'0000; });
  REQUIRE_FALSE(problems.empty());
  CHECK(problems[0].find("an interrupt is signalled, and QEMU had none") == 0);
}
