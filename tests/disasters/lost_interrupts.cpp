// SPDX-License-Identifier: BSL-1.0
/// \file
/// Interrupts were lost, came twice or got stuck. docs/disasters.md says whose they were.
#include "support.hpp"

using namespace tests;

namespace {

template <class M>
void fill_active(M& m, u32 lrs, u32 target) {
  for (u32 k = 0; k < lrs; ++k) {
    m.edge_spi(100 + k, target);
    m.priority(100 + k, 0xf0 - 8 * k);
    m.pulse(100 + k);
    m.settle();
    REQUIRE(m.ack(vcpu(target)) == 100 + k);
    m.serve_maintenance(vcpu(target));
  }
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("Xen fd2df4340a: a level that falls before it is taken is not taken", "[disaster]",
                        both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.level_spi(40, 1);
  m.raise(40);
  if (GENERATE(false, true)) m.settle();
  m.lower(40);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(takers(m).empty());
}

TEMPLATE_LIST_TEST_CASE("KVM 6da5e537f5: an end without a list register ends the interrupt that was ended",
                        "[disaster]", both_versions) {
  // More active interrupts than list registers, because software made them so; the guest ends the most urgent one
  // first.
  booted<TestType> m(1);
  const vcpu_id v = vcpu(1);
  const u32 last = GENERATE(102u, 103u, 106u);
  for (u32 i = 100; i <= last; ++i) {
    m.edge_spi(i, 1);
    m.priority(i, 0xe0 - 8 * (i - 100));
    m.pulse(i);
    m.settle();
    if (i == 100) {
      REQUIRE(m.ack(v) == i);
      m.serve_maintenance(v);
    }
  }
  m.turn_off(v);
  for (u32 i = 101; i <= last; ++i) m.set(m.isactiver, i);
  m.turn_on(v);
  m.split_end(v);
  m.settle();
  for (u32 i = last; i >= 100; --i) {
    m.deactivate(v, i);
    m.settle();
    CAPTURE(i);
    CHECK_FALSE(m.bit(m.isactiver, i));
    for (u32 other = 100; other < i; ++other) CHECK(m.bit(m.isactiver, other));
  }
  m.set(m.icpendr, 100);
  for (u32 i = 101; i <= last; ++i) m.set(m.icpendr, i);
  CHECK(m.take_all(v).empty());
}

TEMPLATE_LIST_TEST_CASE("freebsd-src 2437, MiniVisor 9: a level interrupt is sampled again when it ends", "[disaster]",
                        both_versions) {
  const u32 lrs = GENERATE(1u, 4u);
  booted<TestType> m(lrs);
  m.level_spi(40, 1);
  m.raise(40);
  m.settle();
  for (u32 k = 0; k < 5; ++k) CHECK(m.take(vcpu(1)) == 40);
  m.lower(40);
  CHECK(takers(m).empty());
  m.raise(40);
  m.settle();
  CHECK(m.take(vcpu(1)) == 40);
  SECTION("by the end of one that goes low meanwhile") {
    CHECK(m.ack(vcpu(1)) == 40);
    m.lower(40);
    m.settle();
    m.eoi(vcpu(1), 40);
  }
  SECTION("by DIR") {
    m.split_end(vcpu(1));
    CHECK(m.ack(vcpu(1)) == 40);
    m.drop(vcpu(1), 40);
    m.deactivate(vcpu(1), 40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.drop(vcpu(1), 40);
    m.lower(40);
    m.settle();
    m.deactivate(vcpu(1), 40);
  }
  CHECK(m.take_all(vcpu(1)).empty());
}

TEMPLATE_LIST_TEST_CASE("cheribsd 2692: the end of an interrupt that is disabled ends it", "[disaster]",
                        both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  const bool level = GENERATE(false, true);
  if (level)
    m.level_spi(40, 1);
  else
    m.edge_spi(40, 1);
  m.raise(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.disable(40, GENERATE(0u, 1u));
  m.settle();
  m.eoi(vcpu(1), 40);
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(takers(m).empty());
  m.lower(40);
  m.raise(40);
  m.enable(40);
  m.settle();
  CHECK(m.take(vcpu(1)) == 40);
}

TEMPLATE_LIST_TEST_CASE("libvmm 257: pending ends when it is acknowledged, and the next edge counts", "[disaster]",
                        both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.edge_spi(40, 1);
  for (u32 k = 0; k < 20; ++k) {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.pass(vcpu(1));
    CHECK_FALSE(m.bit(m.ispendr, 40));
    m.eoi(vcpu(1), 40);
    m.pass(vcpu(1));
    CHECK_FALSE(m.bit(m.isactiver, 40));
  }
}

TEMPLATE_LIST_TEST_CASE("libvmm 56: what comes while it is disabled is not lost", "[disaster]", both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.edge_spi(40, 1);
  m.disable(40);
  m.pulse(40);
  CHECK(m.bit(m.ispendr, 40));
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(takers(m).empty());
  m.enable(40);
  CHECK(takers(m) == std::vector<u32>{1});
}

TEMPLATE_LIST_TEST_CASE("libvmm 138: a timer's PPI among more SPIs than list registers", "[disaster]", both_versions) {
  booted<TestType> m(GENERATE(1u, 2u, 4u));
  const vcpu_id v = vcpu(1);
  m.enable(27, 1);
  m.priority(27, GENERATE(0x50u, 0xa0u), 1);
  for (u32 i = 64; i < 96; ++i) m.edge_spi(i, 1);
  u32 ticks = 0;
  u32 others = 0;
  for (u32 round = 0; round < 20; ++round) {
    for (u32 i = 64; i < 96; ++i) m.pulse(i);
    CHECK(m.g.raise(v, intid{27}) == result::ok);
    m.settle();
    for (u32 id = m.ack(v); id != 1023; id = m.ack(v)) {
      if (id == 27) {
        ++ticks;
        CHECK(m.g.lower(v, intid{27}) == result::ok);
      } else {
        ++others;
      }
      m.eoi(v, id);
      m.settle();
    }
  }
  CHECK(ticks == 20);
  CHECK(others == 20 * 32);
}

TEMPLATE_LIST_TEST_CASE("seL4_projects_libs 28, hvisor 396: an interrupt that comes often waits once", "[disaster]",
                        both_versions) {
  booted<TestType> m(1);
  const vcpu_id v = vcpu(1);
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.priority(41, 0x40);
  m.pulse(41);
  for (u32 k = 0; k < 500; ++k) {
    m.pulse(40);
    m.settle();
    m.pass(v);  // each a chance to queue it once more
  }
  CHECK(m.take(v) == 41);
  CHECK(m.take_all(v) == std::vector<u32>{40});
}

TEMPLATE_LIST_TEST_CASE("seL4_projects_libs 112: ISPENDR goes to the interrupt's target, not to the writer",
                        "[disaster]", both_versions) {
  booted<TestType> m(4);
  for (u32 target = 0; target < 4; ++target) {
    m.edge_spi(40, target);
    for (u32 writer = 0; writer < 4; ++writer) {
      m.set(m.ispendr, 40, writer);
      CHECK(takers(m) == std::vector<u32>{target});
    }
  }
}

TEMPLATE_LIST_TEST_CASE("Bao 334: what gives way is the least urgent, and nothing if all are more urgent", "[disaster]",
                        both_versions) {
  const u32 lrs = GENERATE(1u, 2u, 4u);
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(1);
  for (u32 k = 0; k < lrs; ++k) {
    m.edge_spi(100 + k, 1);
    m.priority(100 + k, 0x40 + 8 * k);
    m.pulse(100 + k);
  }
  m.settle();
  m.edge_spi(40, 1);
  m.priority(40, 0xc0);
  m.pulse(40);
  m.settle();
  for (u32 k = 0; k < lrs; ++k) CHECK(m.lr_of(v, 100 + k) != 0);
  CHECK(m.lr_of(v, 40) == 0);
  m.edge_spi(41, 1);
  m.priority(41, 0x20);
  m.pulse(41);
  m.settle();
  CHECK(m.lr_of(v, 41) != 0);
  CHECK(m.lr_of(v, 100 + lrs - 1) == 0);
  std::vector<u32> want{41};
  for (u32 k = 0; k < lrs; ++k) want.push_back(100 + k);
  want.push_back(40);
  CHECK(m.take_all(v) == want);
}

TEMPLATE_LIST_TEST_CASE("Bao 398: all list registers active and something waiting is no storm of maintenance",
                        "[disaster]", both_versions) {
  const u32 lrs = GENERATE(1u, 2u, 4u);
  booted<TestType> m(lrs);
  fill_active(m, lrs, 1);
  m.edge_spi(40, 1);
  m.pulse(40);
  m.settle();
  for (u32 k = 0; k < 5; ++k) {
    m.pass(vcpu(1));
    CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
  }
  m.eoi(vcpu(1), 100 + lrs - 1);
  CHECK(m.lr_of(vcpu(1), 40) != 0);
}

TEMPLATE_LIST_TEST_CASE("Bao 162, 371: a device's interrupts behind a crowd all come", "[disaster]", both_versions) {
  booted<TestType> m(GENERATE(1u, 4u), 4, 256);
  m.level_spi(33, 1);
  m.priority(33, 0xf0);
  for (u32 i = 64; i < 128; ++i) m.edge_spi(i, 1);
  for (u32 round = 0; round < 3; ++round) {
    for (u32 i = 64; i < 128; ++i) m.pulse(i);
    m.raise(33);
    m.settle();
    for (u32 k = 0; k < 64; ++k) CHECK(m.take(vcpu(1)) >= 64);
    CHECK(m.take(vcpu(1)) == 33);
    m.lower(33);
    CHECK(takers(m).empty());
  }
}

TEMPLATE_LIST_TEST_CASE("xvisor c761c56a, f35352c2: a reset empties each list register, active ones too", "[disaster]",
                        both_versions) {
  const u32 lrs = GENERATE(1u, 3u, 16u);
  booted<TestType> m(lrs);
  fill_active(m, lrs, 1);
  m.on_cpu_of(vcpu(1), [&] {
    m.g.exit(vcpu(1));
    m.g.reset();
  });
  m.turn_on(vcpu(1));
  for (const auto w : m.hardware().at(vcpu(1)).lr) CHECK(w == 0);
  for (u32 k = 0; k < lrs; ++k) CHECK_FALSE(m.bit(m.isactiver, 100 + k));
  m.boot();
  m.edge_spi(100, 1);
  m.pulse(100);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{100});
}

TEMPLATE_LIST_TEST_CASE("xvisor 1eee1160: injected on its own CPU it is there at that entry", "[disaster]",
                        both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.between(vcpu(1), [&] { m.pulse(40); });
  CHECK(m.g.host().kicks.empty());
  CHECK(m.take(vcpu(1)) == 40);
}

TEMPLATE_LIST_TEST_CASE("hafnium 17: a linked level is ended in the physical GIC when the guest ends it, not before",
                        "[disaster]", both_versions) {
  booted<TestType> m(4);
  m.link(40);
  m.level_spi(40, 1);
  m.forward(40);
  m.settle();
  CHECK(m.g.host().deactivated.empty());
  CHECK(m.ack(vcpu(1)) == 40);
  m.pass(vcpu(1));
  CHECK(m.hardware().at(vcpu(1)).physical_end_count == 0);
  CHECK(m.g.host().deactivated.empty());
  m.eoi(vcpu(1), 40);
  CHECK(m.hardware().at(vcpu(1)).physical_end_count + m.g.host().deactivated.size() == 1);
}

namespace {
using all_spis = std::tuple<config<gicv2, all_features, 4, 2, 988>, config<gicv3, all_features, 4, 2, 988>>;
}

TEMPLATE_LIST_TEST_CASE("tgoskits 1715: INTIDs of more than eight bits, behind full list registers", "[disaster]",
                        all_spis) {
  const auto m = std::make_unique<booted<TestType>>(GENERATE(1u, 4u), 2, 988);
  const std::vector<u32> some{40, 255, 256, 296, 511, 512, 552, 808, 1019};
  for (const u32 i : some) {
    m->edge_spi(i, 1);
    m->pulse(i);
  }
  auto taken = m->take_all(vcpu(1));
  std::sort(taken.begin(), taken.end());  // of equals any may be first
  CHECK(taken == some);
}

TEMPLATE_LIST_TEST_CASE("Xen b952c687fa: active priorities go with the vCPU that is scheduled out", "[disaster]",
                        both_versions) {
  booted<TestType> m(4);
  const vcpu_id v = vcpu(1);
  m.edge_spi(40, 1);
  m.priority(40, 0x40);
  m.edge_spi(41, 1);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(v) == 40);
  const auto before = m.hardware().at(v).apr[m.v2 ? 0 : 1];
  REQUIRE(before != 0);
  m.on_cpu_of(v, [&] {
    m.g.exit(v);
    m.g.put(v);
    m.hardware().at(v).apr[0] = 0xffff;  // another vCPU's
    m.hardware().at(v).apr[1] = 0xffff;
    m.g.load(v);
    m.g.entry(v);
  });
  CHECK(m.hardware().at(v).apr[m.v2 ? 0 : 1] == before);
  CHECK(m.hardware().at(v).apr[m.v2 ? 1 : 0] == 0);
  m.pulse(41);
  m.settle();
  CHECK(m.ack(v) == 1023);
  m.eoi(v, 40);
  CHECK(m.take_all(v) == std::vector<u32>{41});
}
