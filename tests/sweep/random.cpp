// SPDX-License-Identifier: BSL-1.0
// Guests, devices and the host at random, under the same invariants as the sweep: register accesses, acknowledges and
// ends in any order, lines, SGIs, vCPUs going off and on. `--rng-seed` repeats a run.
#include "catch.hpp"
#include "support/invariants.hpp"
#include "support/registers.hpp"

#include <algorithm>
#include <random>
#include <sstream>

using namespace tests;

namespace {

template <class Config>
class chaos {
  static constexpr bool is_v2 = Config::version::number == 2;

 public:
  chaos(u32 vcpus, u32 spis, u32 seed)
      : vcpus_(vcpus), spis_(spis), random_(seed), m_(std::make_unique<guest<Config>>(vcpus, spis)) {
    REQUIRE(m_->started == result::ok);
    typer_ = m_->g.inspect().typer;
    off_.assign(vcpus, false);
    held_.resize(vcpus);
    m_->boot();
    for (u32 i = 32; i < 32 + spis; i += 32) m_->store(vcpu(0), m_->bits(m_->isenabler, i), ~u64{0});
    for (u32 v = 0; v < vcpus; ++v) CHECK(m_->g.link(vcpu(v), intid{27}) == result::ok);
    CHECK(m_->g.link(intid{36}) == result::ok);
  }

  /// How many interrupts the guests acknowledged.
  [[nodiscard]] u32 taken() const { return taken_; }

  void run(u32 steps) {
    for (u32 k = 0; k < steps; ++k) {
      std::ostringstream what;
      step(what);
      for (u32 v = 0; v < vcpus_; ++v)
        if (!off_[v] && below(3) == 0) m_->pass(vcpu(v));
      // The invariants are of a moment when each guest that runs has passed the hypervisor since it acted.
      const std::string broken = broken_invariants(m_->g, typer_);
      if (!broken.empty()) {
        INFO("step " << k << ": " << what.str());
        FAIL(broken);
      }
    }
  }

 private:
  u32 below(u32 n) { return static_cast<u32>(random_() % n); }
  u32 running() {
    u32 v = below(vcpus_);
    while (off_[v]) v = (v + 1) % vcpus_;
    return v;
  }

  void step(std::ostringstream& what) {
    const u32 v = running();
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: return access(what, v);
      case 4: return drive(what);
      case 5:
      case 6: return take(what, v);
      case 7:
      case 8: return finish(what, v);
      case 9: return send(what, v);
      case 10:
        what << "settle";
        m_->g.host().kicks.clear();
        for (u32 k = 0; k < vcpus_; ++k)
          if (!off_[k]) m_->pass(vcpu(k));
        return;
      default:
        if (below(8) == 0) power(what);
    }
  }

  void access(std::ostringstream& what, u32 v) {
    // Those that make interrupts deliverable more often than the others.
    static constexpr u32 arrays[] = {0x80, 0x100, 0x100, 0x100, 0x180, 0x200, 0x200, 0x200, 0x280, 0x300, 0x380, 0x380};
    const u32 i = below(3) == 0 ? below(32) : 32 + below(spis_);
    const u32 of = below(vcpus_);
    const u64 word = below(2) == 0 ? u64{1} << (i % 32) : random_() & random_();
    u64 at = 0;
    u64 value = word;
    width w = width::word;
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
      case 3: at = m_->bits(arrays[below(12)], i, of); break;
      case 4:
        at = m_->bytes(0x400, i, of);
        w = width::byte;
        value = below(256);
        break;
      case 5: at = (is_v2 || i >= 32 ? m_->gicd : m_->sgi_frame(of)) + 0xc00 + i / 16 * 4; break;
      case 6:
        if constexpr (is_v2) {
          at = m_->gicd + 0x800 + i;
          w = width::byte;
          value = below(256);
        } else {
          at = m_->gicd + 0x6000 + 8 * i;
          w = width::dword;
          value = below(3) == 0 ? u64{1} << 31 : below(vcpus_ + 1);
        }
        break;
      default:
        if (below(6) == 0) {
          at = m_->gicd;
          value = below(3) != 0 ? 3 : below(4);
        } else if constexpr (is_v2) {
          at = m_->gicd + 0xf10 + below(0x20);
          w = width::byte;
          value = below(256) & below(256);
        } else if (below(2) == 0) {
          at = m_->rd(of) + (below(3) == 0 ? 0x14 : 0);
          value = below(8) == 0 ? 2 | u64{3} << 24 : 0;
        } else {
          at = m_->gicd + 0x40 + 8 * below(2);
          value = i;
        }
    }
    what << "vCPU " << v << " writes " << std::hex << value << " to " << at;
    m_->store(vcpu(v), at, value, w);
    if (below(4) == 0) (void)m_->load(vcpu(v), at, w);
  }

  void drive(std::ostringstream& what) {
    const u32 how = below(3);
    if (below(6) == 0) {
      const u32 v = below(vcpus_);
      what << "forward to vCPU " << v;
      m_->on_cpu_of(vcpu(v), [&] {
        CHECK(m_->g.forward(vcpu(v), intid{27}) == result::ok);
        CHECK(m_->g.forward(intid{36}) == result::ok);
      });
      return;
    }
    if (below(3) == 0) {
      const vcpu_id v = vcpu(below(vcpus_));
      const intid i = ppi(below(16));
      what << "PPI " << raw(i) << " of vCPU " << raw(v) << " does " << how;
      CHECK((how == 0 ? m_->g.raise(v, i) : how == 1 ? m_->g.lower(v, i) : m_->g.pulse(v, i)) == result::ok);
    } else {
      const intid i = spi(below(spis_));
      what << "SPI " << raw(i) << " does " << how;
      const u32 here = running();
      const bool outside = below(2) == 0;
      if (outside) {
        CHECK((how == 0 ? m_->g.raise(i) : how == 1 ? m_->g.lower(i) : m_->g.pulse(i)) == result::ok);
      } else {
        what << " on the CPU of vCPU " << here;
        m_->on_cpu_of(vcpu(here), [&] {
          m_->g.exit(vcpu(here));
          CHECK((how == 0 ? m_->g.raise(i) : how == 1 ? m_->g.lower(i) : m_->g.pulse(i)) == result::ok);
          m_->g.entry(vcpu(here));
        });
      }
    }
  }

  void take(std::ostringstream& what, u32 v) {
    group g = group::zero;
    u32 id = m_->ack(vcpu(v), g);
    if (id == 1023) id = m_->ack(vcpu(v), g = group::one);
    what << "vCPU " << v << " acknowledges " << id;
    if (id != 1023) held_[v].emplace_back(id, g);
    if (id != 1023) ++taken_;
    m_->pass(vcpu(v));
  }
  void finish(std::ostringstream& what, u32 v) {
    if (held_[v].empty()) return;
    const auto [id, g] = held_[v].back();
    held_[v].pop_back();
    what << "vCPU " << v << " ends " << id;
    m_->eoi(vcpu(v), id, g);
    m_->pass(vcpu(v));
  }
  void send(std::ostringstream& what, u32 v) {
    const u32 to = below(vcpus_);
    const u32 n = below(16);
    what << "vCPU " << v << " sends SGI " << n << " to " << to;
    m_->sgi(v, to, n);
  }
  void power(std::ostringstream& what) {
    const u32 v = below(vcpus_);
    if (off_[v]) {
      what << "vCPU " << v << " on";
      off_[v] = false;
      m_->turn_on(vcpu(v));
    } else if (static_cast<u32>(std::count(off_.begin(), off_.end(), true)) + 1 < vcpus_) {
      what << "vCPU " << v << " off";
      m_->turn_off(vcpu(v));
      off_[v] = true;
      held_[v].clear();
    }
  }

  u32 vcpus_;
  u32 spis_;
  std::mt19937_64 random_;
  std::unique_ptr<guest<Config>> m_;
  u32 typer_ = 0;
  u32 taken_ = 0;
  std::vector<bool> off_;
  std::vector<std::vector<std::pair<u32, group>>> held_;
};

using v2_one_lr = config<gicv2, all_features, 1>;
using v3_one_lr = config<gicv3, all_features, 1>;
using v3_two_lr = config<gicv3, features<message_spis>, 2>;

template <class Config>
void run(u32 vcpus, u32 spis) {
  u32 taken = 0;
  for (u32 k = 0; k < 20; ++k) {
    CAPTURE(k);
    chaos<Config> c(vcpus, spis, seed() + k);
    c.run(1500);
    taken += c.taken();
  }
  CHECK(taken > 500);  // a guest that is given nothing proves nothing
}

}  // namespace

TEST_CASE("random: GICv2, 4 vCPUs") { run<v2>(4, 64); }
TEST_CASE("random: GICv2, 8 vCPUs, one list register") { run<v2_one_lr>(8, 64); }
TEST_CASE("random: GICv2 without 1-of-N") { run<v2_plain>(3, 32); }
TEST_CASE("random: GICv2, one vCPU") { run<v2>(1, 32); }
TEST_CASE("random: GICv3, 4 vCPUs") { run<v3>(4, 64); }
TEST_CASE("random: GICv3, 8 vCPUs, one list register") { run<v3_one_lr>(8, 96); }
TEST_CASE("random: GICv3 without 1-of-N, two list registers") { run<v3_two_lr>(2, 32); }
