// SPDX-License-Identifier: BSL-1.0
/// \file
/// The exhaustive sweep: every frame, every offset by bytes, every width, reads and writes of several values, from two
/// vCPUs, on a virtual GIC at work. What the architecture does not define answers 0 and changes nothing; reads change
/// nothing; whatever is written, the invariants hold.
#pragma once

#include "catch.hpp"
#include "support/invariants.hpp"
#include "support/registers.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

namespace tests {

template <class Config>
class sweeper {
  using gic_type = gic<Config>;
  using state_type = vgic::state<Config>;
  static_assert(std::is_trivially_copyable_v<state_type>);
  static constexpr bool is_v2 = Config::version::number == 2;
  static constexpr u32 chunk = 64;
  static constexpr width widths[] = {width::byte, width::half, width::word, width::dword};
  static constexpr u64 values[] = {0, ~u64{0}, 0x9665'a33c'c35a'6996};

 public:
  sweeper(u32 vcpus, u32 spis)
      : vcpus_(vcpus), m_(std::make_unique<guest<Config>>(vcpus, spis)), before_(std::make_unique<state_type>()) {
    REQUIRE(m_->started == result::ok);
    typer_ = m_->g.inspect().typer;
    stir();
    check("start");
  }

  /// Each offset at each width once, from each accessor: so many reads there have to be.
  [[nodiscard]] bool complete() const { return reads_ == owed_ && owed_ != 0; }

  void distributor() {
    if constexpr (is_v2) {
      frame(m_->gicd, Config::layout::v2.distributor.size, gicv2_distributor);
    } else {
      frame(m_->gicd, Config::layout::v3.distributor.size, gicv3_distributor<typename Config::features>);
    }
  }
  /// The redistributors of every vCPU, the addresses of one behind the last, and each region's end.
  void redistributors() {
    constexpr auto& frames = Config::layout::v3;
    u32 n = 0;
    for (const auto& region : frames.redistributors) {
      for (u64 at = region.base; at < region.end(); at += frames.stride, ++n) {
        const bool there = n < vcpus_;
        const u64 size = std::min<u64>(frames.stride, region.end() - at);
        if (!there && n != vcpus_ && at + size != region.end()) continue;
        if (there) {
          frame(at, 0x1'0000, redistributor_frame<typename Config::features>);
          frame(at + 0x1'0000, 0x1'0000, sgi_frame_registers);
        }
        frame(there ? at + 0x2'0000 : at, there ? size - 0x2'0000 : size, nothing);
      }
    }
  }

  /// GICD_SETSPI_NSR, GICD_CLRSPI_NSR: every INTID they can name.
  void messages() {
    for (const u32 offset : {0x40u, 0x48u})
      for (u32 i = 0; i < 0x4000; ++i) {
        const bool exists = Config::features::template has<message_spis> && (i & 0x1fff) - 32 < m_->g.inspect().spis;
        if (!exists) remember();
        m_->on_cpu_of(vcpu(0), [&] { m_->g.write(vcpu(0), guest_address{m_->gicd + offset}, width::word, i); });
        if (!exists && differs()) FAIL("a message for INTID " << i << " changed the state");
        if (!exists) continue;
        m_->settle();
        check("message", i);
      }
  }

 private:
  static constexpr std::array<known_register, 1> nothing{};

  /// Does the access do or answer anything? In the distributor it does not if its interrupts do not exist, or are
  /// the redistributors'.
  [[nodiscard]] bool live(u64 base, const known_register* r, u32 offset, width w, direction dir) const {
    if (!is_live(r, offset, w, dir)) return false;
    if (base != m_->gicd) return true;
    const u32 word = offset & ~u32{3};
    u32 first = 0;
    if (word >= 0x80 && word < 0x400)
      first = (word & 0x7f) * 8;
    else if (word >= 0x400 && word < 0xc00)
      first = word & 0x3ff;
    else if (word >= 0xc00 && word < 0xd00)
      first = (word & 0xff) * 4;
    else if (word >= 0x6000 && word < 0x8000)
      first = (word - 0x6000) / 8;
    else
      return true;
    return first < 32 ? is_v2 : first < 32 + m_->g.inspect().spis;
  }

  template <std::size_t N>
  void frame(u64 base, u64 size, const std::array<known_register, N>& registers) {
    if (size == 0) return;
    const u32 who[] = {0, vcpus_ - 1};
    const u32 accessors = vcpus_ == 1 ? 1 : 2;
    owed_ += size * 4 * accessors;
    for (u32 k = 0; k < accessors; ++k)
      for (u64 first = 0; first < size; first += chunk) {
        undefined(who[k], base, static_cast<u32>(first), registers);
        if (defined(who[k], base, static_cast<u32>(first), registers)) stir();
      }
    stir();
  }

  /// Reads, and writes that the register map does not have: nothing changes.
  template <std::size_t N>
  void undefined(u32 v, u64 base, u32 first, const std::array<known_register, N>& registers) {
    remember();
    m_->on_cpu_of(vcpu(v), [&] {
      for (u32 offset = first; offset < first + chunk; ++offset) {
        const known_register* r = find_register(registers, offset);
        for (const width w : widths) {
          const guest_address where{base + offset};
          const u64 answer = m_->g.read(vcpu(v), where, w);
          ++reads_;
          const bool fits = raw(w) == 8 || answer >> (8 * raw(w)) == 0;
          if (!m_->g.owns(where) || !fits || (answer != 0 && !live(base, r, offset, w, direction::read)))
            complain("read", v, base, offset, w, answer);
          if (live(base, r, offset, w, direction::write)) continue;
          for (const u64 value : values) {
            m_->g.write(vcpu(v), where, w, value);
          }
        }
      }
    });
    if (differs()) {
      INFO("offsets from " << std::hex << first << " of the frame at " << base << ", by vCPU " << v);
      FAIL("a read, or a write that is not defined, changed the state");
    }
  }

  /// Writes that do something; whether there was any.
  template <std::size_t N>
  bool defined(u32 v, u64 base, u32 first, const std::array<known_register, N>& registers) {
    bool any = false;
    for (u32 offset = first; offset < first + chunk; ++offset) {
      const known_register* r = find_register(registers, offset);
      for (const width w : widths) {
        if (!live(base, r, offset, w, direction::write)) continue;
        any = true;
        for (const u64 value : values) {
          m_->store(vcpu(v), base + offset, value, w);
          check("write", base + offset);
        }
      }
    }
    return any;
  }

  /// What an access may leave behind without it counting as a change: error bits, and what was seen of RWP.
  static void ignore_bookkeeping(state_type& s, const state_type& now) {
    s.statusr = now.statusr;
    for (u32 v = 0; v < Config::limits.vcpus; ++v) {
      s.vcpu[v].statusr = now.vcpu[v].statusr;
      s.vcpu[v].write_pending = now.vcpu[v].write_pending;
    }
  }
  void remember() {
    std::memcpy(before_.get(), &m_->g.inspect(), sizeof(state_type));
    kicks_ = m_->g.host().kicks.size();
  }
  [[nodiscard]] bool differs() {
    const state_type& now = m_->g.inspect();
    ignore_bookkeeping(*before_, now);
    return std::memcmp(before_.get(), &now, sizeof(state_type)) != 0 || kicks_ != m_->g.host().kicks.size();
  }

  /// The guest works: vCPUs take what is signalled to them, end some of it, and devices move their lines.
  void stir() {
    ++stirred_;
    for (u32 k = 0; k < 3; ++k) {
      const intid i = spi((stirred_ * 7 + k * 13) % m_->g.inspect().spis);
      (void)((stirred_ + k) % 2 != 0 ? m_->g.raise(i) : m_->g.lower(i));
      const vcpu_id v = vcpu((stirred_ + k) % vcpus_);
      (void)((stirred_ + k) % 3 != 0 ? m_->g.raise(v, ppi(stirred_ % 16)) : m_->g.lower(v, ppi(stirred_ % 16)));
    }
    for (u32 v = 0; v < vcpus_; ++v) m_->sgi(v, (v + stirred_) % vcpus_, stirred_ % 16);
    m_->settle();
    check("devices");
    for (u32 v = 0; v < vcpus_; ++v) {
      if ((stirred_ + v) % 4 == 0) continue;
      const group g = (stirred_ + v) % 8 == 1 ? group::zero : group::one;
      const u32 id = m_->ack(vcpu(v), g);
      m_->pass(vcpu(v));
      if (id != 1023 && (stirred_ + v) % 3 != 0) m_->eoi(vcpu(v), id, g);
      m_->pass(vcpu(v));
    }
    if (stirred_ % 16 == 0) reopen(stirred_ / 16);
    m_->settle();
    check("guest");
  }
  /// A sweep shuts and disables things; now and then the guest puts them right.
  void reopen(u32 n) {
    m_->gates(3);
    for (u32 i = 32 * (1 + n % 2); i < 128; i += 64) m_->store(vcpu(0), m_->bits(m_->isenabler, i), ~u64{0});
    if constexpr (is_v2) {
      for (u32 i = 32; i < 64; i += 4) m_->d_write(0x800 + i, n % 2 != 0 ? 0x0102'0103 : 0xffff'ffff);
    } else {
      m_->store(vcpu(0), m_->gicd + 0x6000 + 8 * (32 + n % 32), u64{n % 3 == 0 ? 1u : 0u} << 31, width::dword);
    }
  }

  void check(const char* after, u64 at = 0) {
    const std::string broken = broken_invariants(m_->g, typer_);
    if (broken.empty()) return;
    INFO("after " << after << " at " << std::hex << at);
    FAIL(broken);
  }
  [[noreturn]] void complain(const char* what, u32 v, u64 base, u32 offset, width w, u64 value) {
    FAIL(what << " by vCPU " << v << ", offset " << std::hex << offset << " of the frame at " << base << ", width "
              << raw(w) << ", value " << value);
    std::abort();
  }

  u32 vcpus_;
  std::unique_ptr<guest<Config>> m_;
  std::unique_ptr<state_type> before_;
  std::size_t kicks_ = 0;
  u32 typer_ = 0;
  u32 stirred_ = 0;
  u64 reads_ = 0;
  u64 owed_ = 0;
};

template <class Config>
void sweep(u32 vcpus, u32 spis) {
  sweeper<Config> s(vcpus, spis);
  s.distributor();
  if constexpr (Config::version::number == 3) {
    s.messages();
    s.redistributors();
  }
  CHECK(s.complete());
}

}  // namespace tests
