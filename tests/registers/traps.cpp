// SPDX-License-Identifier: BSL-1.0
// Traps as the processor describes them: data aborts by ESR, HPFAR and FAR, and system registers by their ISS.
#include "catch.hpp"
#include "support/registers.hpp"

using namespace tests;

namespace {

constexpr u64 isv = 1u << 24, sse = 1u << 21, sf = 1u << 15, ar = 1u << 14, cm = 1u << 8, s1ptw = 1u << 7,
              wnr = 1u << 6, il = 1u << 25;
constexpr u64 data_abort = u64{0x24} << 26 | il | 6;  // from a lower level, translation fault, level 2

/// ESR of a load or store of register `rt`.
constexpr u64 esr_of(width w, direction dir, u32 rt, u64 more = 0) {
  const u64 sas = w == width::byte ? 0 : w == width::half ? 1 : w == width::word ? 2 : 3;
  return data_abort | isv | sas << 22 | u64{rt} << 16 | (dir == direction::write ? wnr : 0) | more;
}
/// HPFAR and FAR for an address; the upper bits of FAR are a virtual address, and mean nothing here.
constexpr abort_syndrome syndrome_of(u64 esr, u64 address) {
  return {.esr = esr, .hpfar = address >> 12 << 4, .far = 0xffff'8000'1234'5000 | (address & 0xfff)};
}

/// A guest's registers, each with a value of its own.
struct registers {
  u64 x[31];
  registers() {
    for (u32 n = 0; n < 31; ++n) x[n] = 0x0101'0101'0101'0101u * (n + 1);
  }
  /// Only register `n` (31: none) differs from what they began with.
  [[nodiscard]] bool untouched_but(u32 n) const {
    const registers fresh;
    for (u32 k = 0; k < 31; ++k)
      if (k != n && x[k] != fresh.x[k]) return false;
    return true;
  }
};

template <class G>
trap_status abort(G& m, const abort_syndrome& a, u64* x, u32 v = 0) {
  trap_status t{};
  m.on_cpu_of(vcpu(v), [&] {
    m.g.exit(vcpu(v));
    t = m.g.data_abort(vcpu(v), a, x);
    m.g.entry(vcpu(v));
  });
  return t;
}
template <class G>
trap_status msr(G& m, u64 esr, u64* x, u32 v = 0) {
  trap_status t{};
  m.on_cpu_of(vcpu(v), [&] {
    m.g.exit(vcpu(v));
    t = m.g.system_register(vcpu(v), esr, x);
    m.g.entry(vcpu(v));
  });
  return t;
}

constexpr u64 sysreg(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2, u32 rt, direction dir) {
  return u64{0x18} << 26 | il | op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1 |
         (dir == direction::read ? 1u : 0u);
}

}  // namespace

TEST_CASE("loads: every width, sign extension and register size") {
  guest<v3> m;
  // A doubleword and a word that is negative at every width: IROUTER, and IPRIORITYR for bytes.
  m.d_write(0x6000 + 8 * 40, 0x0000'0083'0081'8283, width::dword);
  m.d_write(0x420, 0x9078'f888);
  struct expectation {
    width w;
    u64 more;
    u64 address;
    u64 value;
  };
  const u64 router = m.gicd + 0x6000 + 8 * 40;
  const u64 bytes = m.gicd + 0x420;
  for (const auto& e : {
           expectation{width::byte, 0, bytes, 0x88},  // LDRB W
           expectation{width::byte, sf, bytes, 0x88},
           expectation{width::byte, sse, bytes, 0xffff'ff88},                 // LDRSB W
           expectation{width::byte, sse | sf, bytes, 0xffff'ffff'ffff'ff88},  // LDRSB X
           expectation{width::byte, sse | sf, bytes + 1, 0xffff'ffff'ffff'fff8},
           expectation{width::byte, sse | sf, bytes + 2, 0x78},
           expectation{width::byte, sse, bytes + 2, 0x78},
           expectation{width::byte, 0, bytes + 3, 0x90},
           expectation{width::half, 0, bytes, 0},  // no halfwords on GICv3
           expectation{width::half, sse | sf, bytes, 0},
           expectation{width::word, 0, bytes, 0x9078'f888},  // LDR W
           expectation{width::word, sf, bytes, 0x9078'f888},
           expectation{width::word, sse | sf, bytes, 0xffff'ffff'9078'f888},  // LDRSW X
           expectation{width::word, sse, bytes, 0x9078'f888},
           expectation{width::word, ar, bytes, 0x9078'f888},              // LDAR W
           expectation{width::dword, sf, router, 0x0000'0083'0081'8283},  // LDR X
           expectation{width::dword, sf | ar, router, 0x0000'0083'0081'8283},
           expectation{width::dword, sf | sse, router, 0x0000'0083'0081'8283},
           expectation{width::dword, 0, router, 0x0081'8283},  // not an instruction
           expectation{width::dword, sse, router, 0x0081'8283},
           expectation{width::word, 0, router + 4, 0x83},
           expectation{width::dword, sf, bytes, 0},  // no doublewords there
       }) {
    for (const u32 rt : {0u, 7u, 30u}) {
      registers r;
      CAPTURE(raw(e.w), e.more, rt);
      CHECK(abort(m, syndrome_of(esr_of(e.w, direction::read, rt, e.more), e.address), r.x) == trap_status::handled);
      CHECK(r.x[rt] == e.value);
      CHECK(r.untouched_but(rt));
    }
    registers r;
    CHECK(abort(m, syndrome_of(esr_of(e.w, direction::read, 31, e.more), e.address), r.x) == trap_status::handled);
    CHECK(r.untouched_but(31));
  }
}

TEST_CASE("v2: halfword loads are extended as asked") {
  guest<v2> m;
  m.d_write(0x420, 0x9078'f888);
  for (const auto& [more, value] :
       {std::pair<u64, u64>{0, 0xf888}, {sse, 0xffff'f888}, {sf, 0xf888}, {sse | sf, 0xffff'ffff'ffff'f888}}) {
    registers r;
    CHECK(abort(m, syndrome_of(esr_of(width::half, direction::read, 3, more), m.gicd + 0x420), r.x) ==
          trap_status::handled);
    CHECK(r.x[3] == value);
  }
}

TEST_CASE("stores: every width, and the zero register") {
  guest<v3> m;
  registers r;
  r.x[9] = 0xffff'ffff'ffff'ff90;
  r.x[10] = 0xdead'beef'7038'6058;
  const u64 bytes = m.gicd + 0x420;
  CHECK(abort(m, syndrome_of(esr_of(width::word, direction::write, 10, sf), bytes), r.x) == trap_status::handled);
  CHECK(m.d(0x420) == 0x7038'6058);
  CHECK(abort(m, syndrome_of(esr_of(width::byte, direction::write, 9), bytes + 2), r.x) == trap_status::handled);
  CHECK(m.d(0x420) == 0x7090'6058);
  CHECK(abort(m, syndrome_of(esr_of(width::byte, direction::write, 31, ar), bytes + 1), r.x) == trap_status::handled);
  CHECK(m.d(0x420) == 0x7090'0058);
  CHECK(abort(m, syndrome_of(esr_of(width::half, direction::write, 9), bytes), r.x) == trap_status::handled);
  CHECK(m.d(0x420) == 0x7090'0058);
  CHECK(abort(m, syndrome_of(esr_of(width::word, direction::write, 31), bytes), r.x) == trap_status::handled);
  CHECK(m.d(0x420) == 0);
  r.x[0] = 0x0000'0012'0034'5678;
  const u64 router = m.gicd + 0x6000 + 8 * 40;
  CHECK(abort(m, syndrome_of(esr_of(width::dword, direction::write, 0, sf), router), r.x) == trap_status::handled);
  CHECK(m.d(0x6000 + 8 * 40, width::dword) == 0x0000'0012'0034'5678);
  CHECK(abort(m, syndrome_of(esr_of(width::dword, direction::write, 31, sf), router), r.x) == trap_status::handled);
  CHECK(m.d(0x6000 + 8 * 40, width::dword) == 0);
  const registers fresh;
  for (u32 n = 1; n < 31; ++n)
    if (n != 9 && n != 10) CHECK(r.x[n] == fresh.x[n]);
}

TEST_CASE("every valid syndrome, against what the bits say") {
  guest<v3> m;
  m.d_write(0x6000 + 8 * 40, 0x0000'0083'0081'8283, width::dword);
  m.d_write(0x420, 0x9078'f888);
  for (const u64 address : {m.gicd + 0x6000 + 8 * 40, m.gicd + 0x420, m.gicd + 0x423, m.gicd + 0xffe8})
    for (u32 bits = 0; bits < 0x800; ++bits) {  // SAS, SSE, SRT, SF, AR; then WnR
      const u64 esr = data_abort | isv | u64{bits & 0x3ff} << 14 | (bits >> 10 != 0 ? wnr : 0);
      const u32 size = 1u << (esr >> 22 & 3);
      const u32 rt = esr >> 16 & 31;
      registers r;
      const u64 item = m.load(vcpu(0), address, width{static_cast<u8>(size)});
      if (abort(m, syndrome_of(esr, address), r.x) != trap_status::handled) FAIL("ESR " << std::hex << esr);
      if ((esr & wnr) != 0) {
        const u64 there = m.load(vcpu(0), address, width{static_cast<u8>(size)});
        m.store(vcpu(0), address, item, width{static_cast<u8>(size)});
        const u64 mask = size == 8 ? ~u64{0} : (u64{1} << (8 * size)) - 1;
        const u64 stored = rt == 31 ? 0 : registers{}.x[rt] & mask;
        // What the registers keep of it: affinity bits, and the upper five bits of each byte of a priority.
        const u64 kept = address >= m.gicd + 0xf000                     ? item
                         : address >= m.gicd + 0x6000 && size == 8      ? stored & 0xff'00ff'ffff
                         : address >= m.gicd + 0x6000 && size == 4      ? stored & 0x00ff'ffff
                         : address >= m.gicd + 0x6000                   ? item
                         : size == 1 || (size == 4 && address % 4 == 0) ? stored & 0xf8f8'f8f8
                                                                        : item;
        if (there != kept || !r.untouched_but(31))
          FAIL("ESR " << std::hex << esr << " at " << address << ": " << there);
      } else {
        u64 loaded = item;
        if ((esr & sse) != 0 && size < 8 && (item >> (8 * size - 1) & 1) != 0) loaded |= ~u64{0} << (8 * size);
        if ((esr & sf) == 0) loaded &= 0xffff'ffff;
        if ((rt != 31 && r.x[rt] != loaded) || !r.untouched_but(rt))
          FAIL("ESR " << std::hex << esr << " at " << address);
      }
    }
}

TEST_CASE("the address comes from HPFAR and the page offset of FAR") {
  guest<v3> m;
  m.d_write(0x420, 0x4838'2818);
  registers r;
  const u64 at = m.gicd + 0x423;
  const u64 esr = esr_of(width::byte, direction::read, 1);
  CHECK(abort(m, {.esr = esr, .hpfar = at >> 12 << 4, .far = at}, r.x) == trap_status::handled);
  CHECK(r.x[1] == 0x48);
  // HPFAR.NS and its low bits, ESR.ISS2, and FAR's page say nothing.
  CHECK(abort(m,
              {.esr = esr | 0x00ff'ffff'0000'0000,
               .hpfar = at >> 12 << 4 | u64{1} << 63 | 0xf,
               .far = ~u64{0xfff} | (at & 0xfff)},
              r.x) == trap_status::handled);
  CHECK(r.x[1] == 0x48);
  // 52-bit addresses: bits [51:32] count.
  r.x[1] = 5;
  CHECK(abort(m, {.esr = esr, .hpfar = at >> 12 << 4 | u64{1} << 39, .far = at}, r.x) == trap_status::not_gic);
  CHECK(r.x[1] == 5);
}

TEMPLATE_TEST_CASE("an abort that does not say what was accessed", "", v2, v3) {
  guest<TestType> m;
  m.d_write(0, 3);
  const u64 load = esr_of(width::word, direction::read, 4);
  const u64 store = esr_of(width::word, direction::write, 4);
  for (const u64 esr : {load & ~isv, store & ~isv, load | s1ptw, store | s1ptw, load | cm, store | cm,
                        (load & ~isv) | s1ptw, u64{data_abort} | cm | wnr}) {
    CAPTURE(esr);
    registers r;
    CHECK(abort(m, syndrome_of(esr, m.gicd), r.x) == trap_status::undecodable);
    CHECK(r.untouched_but(31));
    CHECK(abort(m, syndrome_of(esr, 0x4000'0000), r.x) == trap_status::not_gic);
    CHECK(r.untouched_but(31));
  }
  CHECK((m.d(0) & 3) == 3);
  for (const u64 esr : {load, store}) {
    registers r;
    CHECK(abort(m, syndrome_of(esr, 0x4000'0000), r.x) == trap_status::not_gic);
    CHECK(abort(m, syndrome_of(esr, 0), r.x) == trap_status::not_gic);
    CHECK(r.untouched_but(31));
  }
}

TEST_CASE("an undecodable abort at a redistributor is told too, there or not") {
  guest<v3> m(2);
  registers r;
  const u64 esr = esr_of(width::word, direction::read, 4) & ~isv;
  CHECK(abort(m, syndrome_of(esr, m.rd(0)), r.x) == trap_status::undecodable);
  CHECK(abort(m, syndrome_of(esr, m.rd(1) + 0x1'0080), r.x) == trap_status::undecodable);
  CHECK(abort(m, syndrome_of(esr, m.rd(9)), r.x) == trap_status::undecodable);
  CHECK(abort(m, syndrome_of(esr, m.rd(16)), r.x) == trap_status::not_gic);
}

TEST_CASE("an abort is not taken for an instruction abort or one of the hypervisor's own") {
  guest<v3> m;
  registers r;
  for (const u32 ec : {0x20u, 0x21u, 0x25u, 0x00u, 0x18u}) {
    const u64 esr = (esr_of(width::word, direction::read, 4) & ~(u64{0x3f} << 26)) | u64{ec} << 26;
    CHECK(abort(m, syndrome_of(esr, m.gicd), r.x) != trap_status::handled);
    CHECK(r.untouched_but(31));
  }
}

TEST_CASE("system registers by their ISS") {
  guest<v3> m;
  m.boot();
  registers r;
  r.x[3] = 0x0000'0000'0500'0002;                           // SGI 5 to 0.0.0.1
  CHECK(msr(m, 0x623a'3076, r.x) == trap_status::handled);  // msr ICC_SGI1R_EL1, x3
  CHECK((m.sgi_read(1, 0x200) >> 5 & 1) == 1);
  m.sgi_write(1, 0x280, 0xffff);
  CHECK(sysreg(3, 0, 12, 11, 5, 3, direction::write) == 0x623a'3076);
  m.sgi_write(1, 0x80, 0);  // group 0, which all three registers reach
  for (const u32 op2 : {5u, 6u, 7u})
    for (const u32 rt : {0u, 30u}) {
      CAPTURE(op2, rt);
      registers x;
      x.x[rt] = u64{op2} << 24 | 2;
      CHECK(msr(m, sysreg(3, 0, 12, 11, op2, rt, direction::write), x.x) == trap_status::handled);
      CHECK(m.sgi_read(1, 0x200) == 1u << op2);
      m.sgi_write(1, 0x280, 0xffff);
      // They are write-only.
      CHECK(msr(m, sysreg(3, 0, 12, 11, op2, rt, direction::read), x.x) == trap_status::not_gic);
      CHECK(x.untouched_but(rt));
      CHECK(m.sgi_read(1, 0x200) == 0);
    }
  // XZR: SGI 0 to nobody.
  CHECK(msr(m, sysreg(3, 0, 12, 11, 5, 31, direction::write), r.x) == trap_status::handled);
  for (u32 v = 0; v < 8; ++v) CHECK(m.sgi_read(v, 0x200) == 0);
  // Neighbours of theirs.
  registers x;
  for (auto& w : x.x) w = 0x0500'0002;
  for (const u64 esr : {sysreg(3, 0, 12, 11, 4, 3, direction::write), sysreg(3, 0, 12, 11, 3, 3, direction::write),
                        sysreg(3, 0, 12, 10, 5, 3, direction::write), sysreg(3, 0, 11, 11, 5, 3, direction::write),
                        sysreg(3, 1, 12, 11, 5, 3, direction::write), sysreg(2, 0, 12, 11, 5, 3, direction::write),
                        sysreg(3, 0, 12, 12, 1, 3, direction::write), sysreg(3, 0, 4, 6, 0, 3, direction::write),
                        sysreg(3, 0, 12, 12, 5, 3, direction::read)})
    CHECK(msr(m, esr, x.x) == trap_status::not_gic);
  for (u32 v = 0; v < 8; ++v) CHECK(m.sgi_read(v, 0x200) == 0);
}

TEST_CASE("every key but four is not the GIC's") {
  guest<v3> m(2);
  u32 handled = 0;
  registers r;
  for (auto& w : r.x) w = 1023;  // harmless to each of the four
  for (u32 iss = 0; iss < 0x40'0000; iss += 2) {
    if ((iss & ~0x3f'fc1eu) != 0) continue;
    const u64 esr = u64{0x18} << 26 | il | iss | 2u << 5;
    if (m.g.system_register(vcpu(0), esr | 1, r.x) != trap_status::not_gic) FAIL("read of " << std::hex << iss);
    if (m.g.system_register(vcpu(0), esr, r.x) == trap_status::handled) {
      ++handled;
      CHECK((iss == 0x3a'3016 || iss == 0x3c'3016 || iss == 0x3e'3016 || iss == 0x32'3016));
    }
  }
  CHECK(handled == 4);
}

TEST_CASE("v2: there are no system registers") {
  guest<v2> m;
  m.boot();
  registers r;
  r.x[3] = 0x0500'0002;
  CHECK(msr(m, 0x623a'3076, r.x) == trap_status::not_gic);
  for (u32 v = 0; v < 8; ++v) CHECK(m.d(0x200, width::word, v) == 0);
}

TEST_CASE("a trapped ICC_DIR_EL1 ends an interrupt wherever it is active") {
  guest<v3> m;
  m.boot();
  m.set(m.isactiver, 40);
  m.set(m.isactiver, 27, 1);
  const u64 dir = sysreg(3, 0, 12, 11, 1, 3, direction::write);
  registers r;
  for (const u64 id : {u64{41}, u64{1019}, u64{1020}, u64{1023}, u64{8192}, u64{0xff'ffff}, ~u64{0}}) {
    r.x[3] = id;
    CHECK(msr(m, dir, r.x, 1) == trap_status::handled);
  }
  CHECK(m.bit(m.isactiver, 40));
  r.x[3] = 40;
  CHECK(msr(m, dir, r.x, 1) == trap_status::handled);
  CHECK_FALSE(m.bit(m.isactiver, 40));
  r.x[3] = 27;
  CHECK(msr(m, dir, r.x, 0) == trap_status::handled);  // of vCPU 0
  CHECK(m.bit(m.isactiver, 27, 1));
  CHECK(msr(m, dir, r.x, 1) == trap_status::handled);
  CHECK_FALSE(m.bit(m.isactiver, 27, 1));
  CHECK(msr(m, sysreg(3, 0, 12, 11, 1, 3, direction::read), r.x) == trap_status::not_gic);
}
