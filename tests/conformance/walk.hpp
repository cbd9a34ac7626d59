// SPDX-License-Identifier: BSL-1.0
/// \file
/// Walks the bits of every register of a virtual GIC and compares each with its field: what it reads at reset, what a
/// write of it does, that it touches no other bit, and that widths which the register does not have do nothing.
#pragma once

#include "catch.hpp"
#include "support/registers.hpp"
#include "system_registers.hpp"

#include <memory>

namespace conformance {

using tests::direction;
using tests::width;

/// The bits of one word of a register, by what they are.
struct word_bits {
  u32 rw = 0;
  u32 set = 0;
  u32 clear = 0;
  u32 sticky = 0;
  u32 follows = 0;
  u32 wo = 0;
  u32 reset = 0;
};

template <class Config>
class walker {
  using machine = tests::guest<Config>;
  static constexpr bool is_v2 = Config::version::number == 2;
  template <class Feature>
  static constexpr bool has = Config::features::template has<Feature>;

 public:
  walker(u32 vcpus, u32 spis) : m_(std::make_unique<machine>(vcpus, spis)) {
    REQUIRE(m_->started == vgic::result::ok);
    facts_ = {.version = Config::version::number,
              .vcpus = vcpus,
              .spis = spis,
              .priority_bits = Config::limits.priority_bits,
              .highest_aff0 = Config::affinity::highest_aff0,
              .message_spis = !is_v2 && has<vgic::message_spis>,
              .status_registers = !is_v2 && has<vgic::status_registers>,
              .one_of_n = has<vgic::one_of_n>,
              .reset_to_group1 = !is_v2 && has<vgic::reset_to_group1>};
  }

  /// The registers of the distributor, as vCPU `v` reaches them.
  void distributor(u32 v) {
    about(v);
    accessor_ = v;
    frame<typename Config::version::template distributor_map<typename Config::features>>(m_->gicd);
  }
  /// Both frames of the redistributor of `v`, as vCPU 0 reaches them.
  void redistributor(u32 v) {
    if constexpr (!is_v2) {
      about(v);
      accessor_ = 0;
      frame<vgic::detail::gicr_rd_map<typename Config::features>>(m_->rd(v));
      frame<vgic::detail::gicr_sgi_map<typename Config::features>>(m_->sgi_frame(v));
    }
  }

  /// How many words have been walked, and how many bits of them that do something.
  u32 words = 0;
  u32 bits = 0;

 private:
  void about(u32 v) {
    facts_.vcpu = v;
    facts_.affinity = raw(Config::affinity::of(tests::vcpu(v)));
    facts_.last = v + 1 == facts_.vcpus;
  }

  u32 read(u64 a) { return static_cast<u32>(m_->load(tests::vcpu(accessor_), a)); }
  void write(u64 a, u32 value) { m_->store(tests::vcpu(accessor_), a, value); }

  template <class Map>
  void frame(u64 base) {
    for (u32 i = 0; i < Map::rows.size; ++i) {
      const vgic::row& r = Map::rows[i];
      INFO(name(r.what));
      for (u32 offset = r.first; offset < r.end; offset += 4) word(base, r, offset);
    }
  }

  /// The field of a bit, or none if it is RES0.
  [[nodiscard]] const field* field_of(reg what, u32 intid, u32 bit) {
    for (const field& f : fields_)
      if (f.what == what && is_in(f, facts_.version) && bit <= f.high && bit >= f.low && is_about(f.interrupts, intid))
        return f.there(facts_, bit) ? &f : nullptr;
    return nullptr;
  }

  [[nodiscard]] word_bits bits_of(const vgic::row& r, u32 offset) {
    const u32 share = bits_an_interrupt(r.what);
    const u32 from = r.what == reg::gicd_irouter ? 0x6000 : r.first;
    const bool of_64 = (r.how & vgic::access::d) != 0;
    facts_.id_index = (offset - r.first) / 4;
    word_bits w;
    for (u32 b = 0; b < 32; ++b) {
      u32 intid = 0;
      u32 at = of_64 ? (offset & 4) * 8 + b : b;
      if (share != 0) {
        intid = ((offset - from) * 8 + b) / share;
        at = ((offset - from) * 8 + b) % share;
        if (intid >= 32 + facts_.spis) continue;
      }
      const field* f = field_of(r.what, intid, at);
      if (f == nullptr) continue;
      const u32 one = u32{1} << b;
      if ((f->value(facts_) >> (at - f->low) & 1) != 0) w.reset |= one;
      switch (f->how) {
        case kind::rw: w.rw |= one; break;
        case kind::set: w.set |= one; break;
        case kind::clear: w.clear |= one; break;
        case kind::sticky: w.sticky |= one; break;
        case kind::follows: w.follows |= one; break;
        case kind::wo: w.wo |= one; break;
        default: break;
      }
    }
    return w;
  }

  void word(u64 base, const vgic::row& r, u32 offset) {
    forget_misuse(base);
    const word_bits w = bits_of(r, offset);
    const u64 a = base + offset;
    ++words;
    bits += static_cast<u32>(__builtin_popcount(w.rw | w.set | w.clear | w.sticky | w.wo));
    is(a, offset, w.reset, "at reset");
    if (w.wo != 0) return;  // what these do is another test's
    const u32 dead = ~(w.rw | w.set | w.clear | w.sticky);
    write(a, (w.rw & w.reset) | (dead & ~w.reset));
    is(a, offset, w.reset, "after a write of bits that are not there");
    write(a, (w.rw & w.reset) | (dead & w.reset));
    is(a, offset, w.reset, "after a write of zeros");
    for (u32 rest = w.rw | w.set | w.clear | w.sticky; rest != 0; rest &= rest - 1) {
      const u32 one = rest & (~rest + 1);
      if ((w.rw & one) != 0)
        flips(a, offset, w, one);
      else if ((w.sticky & one) != 0)
        sticks(base, a, offset, w, one);
      else if ((w.set & one) != 0)
        sets(a, partner(a, r.what), offset, w, one);
      else
        sets(partner(a, r.what), a, offset, w, one);
    }
    widths(base, r, offset, w);
  }

  void flips(u64 a, u32 offset, const word_bits& w, u32 one) {
    const u32 want = w.reset ^ one;
    write(a, want);
    is(a, offset, want | (want << 1 & w.follows), "after a write of that bit alone");
    write(a, w.reset);
    is(a, offset, w.reset, "after it was written back");
  }

  /// `set` and `clear` show the same bits.
  void sets(u64 set, u64 clear, u32 offset, const word_bits& w, u32 one) {
    const u32 all = w.set | w.clear;
    write(set, one);
    is(set, offset, w.reset | one, "after a 1 was written to set it");
    is(clear, offset, w.reset | one, "where it is cleared");
    write(set, 0);
    write(clear, 0);
    write(clear, all & ~one);
    is(set, offset, w.reset | one, "after zeros were written");
    write(clear, one);
    is(set, offset, w.reset, "after a 1 was written to clear it");
    is(clear, offset, w.reset, "where it is cleared, then");
  }
  [[nodiscard]] static u64 partner(u64 a, reg what) {
    switch (what) {
      case reg::gicd_isenabler:
      case reg::gicd_ispendr:
      case reg::gicd_isactiver:
      case reg::gicr_isenabler0:
      case reg::gicr_ispendr0:
      case reg::gicr_isactiver0: return a + 0x80;
      case reg::gicd_spendsgir: return a - 0x10;
      case reg::gicd_cpendsgir: return a + 0x10;
      default: return a - 0x80;
    }
  }

  /// STATUSR.
  void sticks(u64 base, u64 a, u32 offset, const word_bits& w, u32 one) {
    switch (one) {
      case 1: read(base + 0x20); break;
      case 2: write(base + 0x20, 0); break;
      case 4: read(base + 0xf00); break;
      default: write(base + (base == m_->gicd ? 8 : 4), 0); break;  // IIDR
    }
    is(a, offset, one, "after what it records");
    write(a, 0);
    write(a, w.sticky & ~one);
    is(a, offset, one, "after zeros were written");
    write(a, one);
    is(a, offset, 0, "after a 1 was written");
  }
  void forget_misuse(u64 base) {
    if (!facts_.status_registers) return;
    write(m_->gicd + 0x10, 0xf);
    if (base != m_->gicd) write(rd_frame(base) + 0x10, 0xf);
  }
  [[nodiscard]] static u64 rd_frame(u64 base) { return base & ~u64{0x1'ffff}; }

  void widths(u64 base, const vgic::row& r, u32 offset, const word_bits& w) {
    const u64 a = base + offset;
    const auto v = tests::vcpu(accessor_);
    for (const width size : {width::byte, width::half, width::dword}) {
      if (offset % raw(size) != 0) continue;
      const bool allowed = (r.how & raw(size)) != 0;
      if (size == width::dword) {
        const u64 whole = read(a) | (allowed ? u64{read(a + 4)} << 32 : 0);
        at_width(a, offset, size, m_->load(v, a, size), allowed ? whole : 0);
        if (!allowed) m_->store(v, a, ~u64{0}, size);
        continue;
      }
      for (u32 lane = 0; lane < 4; lane += raw(size)) {
        const u32 mask = (size == width::byte ? 0xffu : 0xffffu) << (8 * lane);
        at_width(a, offset + lane, size, m_->load(v, a + lane, size), allowed ? (w.reset & mask) >> (8 * lane) : 0);
        if (!allowed) {
          m_->store(v, a + lane, ~u64{0}, size);
        } else if (w.rw != 0) {
          m_->store(v, a + lane, (~w.reset & mask) >> (8 * lane), size);
          if (read(a) != (w.reset ^ (w.rw & mask))) fail(offset + lane, "after its part was written", read(a), w.reset);
          write(a, w.reset);
        }
      }
    }
    forget_misuse(base);
    is(a, offset, w.reset, "after accesses of widths that it does not have");
  }

  void is(u64 a, u32 offset, u32 want, const char* when) {
    if (const u32 got = read(a); got != want) fail(offset, when, got, want);
  }
  void at_width(u64, u32 offset, width size, u64 got, u64 want) {
    if (got != want) fail(offset, size == width::dword ? "read as 64 bits" : "read in part", got, want);
  }
  void fail(u32 offset, const char* when, u64 got, u64 want) {
    FAIL("offset 0x" << std::hex << offset << ' ' << when << ": 0x" << got << ", not 0x" << want << std::dec
                     << " (vCPU " << facts_.vcpu << ')');
  }

  std::unique_ptr<machine> m_;
  std::vector<field> fields_ = all_fields();
  facts facts_{};
  u32 accessor_ = 0;
};

}  // namespace conformance
