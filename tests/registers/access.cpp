// SPDX-License-Identifier: BSL-1.0
// What becomes of an access by its width, alignment and direction, register by register; STATUSR.
#include "catch.hpp"
#include "support/registers.hpp"

using namespace tests;

namespace {

constexpr width widths[] = {width::byte, width::half, width::word, width::dword};
constexpr u64 rrd = 1, wrd = 2, rwod = 4, wrod = 8;

/// What STATUSR records of the access; 0 for one that the register has.
u64 violation(const known_register* r, u32 offset, width w, direction dir) {
  if (is_legal(r, offset, w, dir)) return 0;
  const bool reading = dir == direction::read;
  if (r != nullptr && r->what == (reading ? kind::wo : kind::ro)) return reading ? rwod : wrod;
  return reading ? rrd : wrd;
}

/// Offsets that matter: each register's first and last word, the words around it, and bytes off alignment.
template <std::size_t N>
std::vector<u32> offsets_of(const std::array<known_register, N>& frame, u32 frame_size) {
  std::vector<u32> all;
  for (const known_register& r : frame) {
    if (r.first == r.end) continue;
    for (const u32 edge : {r.first, r.end})
      for (u32 k = 0; k < 16; ++k)
        if (edge + k >= 8 && edge + k - 8 < frame_size) all.push_back(edge + k - 8);
  }
  return all;
}

/// Each access to the frame at `base`: illegal ones read 0, and STATUSR at `statusr` says exactly what they were.
template <class G, std::size_t N>
void check_frame(G& m, u64 base, const std::array<known_register, N>& frame, u32 frame_size, u64 statusr) {
  for (const u32 offset : offsets_of(frame, frame_size)) {
    const known_register* r = find_register(frame, offset);
    if (base + (offset & ~u32{7}) == (statusr & ~u64{7})) continue;  // the observer itself
    for (const width w : widths)
      for (const direction dir : {direction::read, direction::write}) {
        u64 value = 0;
        if (dir == direction::read)
          value = m.load(vcpu(1), base + offset, w);
        else
          m.store(vcpu(1), base + offset, 0, w);
        const bool handled = m.last == trap_status::handled;
        const u64 status = m.load(vcpu(1), statusr);
        m.store(vcpu(1), statusr, status);
        const u64 cleared = m.load(vcpu(1), statusr);
        if (!handled || status != violation(r, offset, w, dir) || cleared != 0 ||
            (value != 0 && !is_live(r, offset, w, dir)))
          FAIL("offset " << std::hex << offset << " (" << (r != nullptr ? r->name : "reserved") << "), width " << raw(w)
                         << (dir == direction::read ? " read" : " write") << ": value " << value << ", STATUSR "
                         << status << " instead of " << violation(r, offset, w, dir) << ", then " << cleared);
      }
  }
}

}  // namespace

TEST_CASE("v3: STATUSR records each access that the distributor does not define", "[GICD_STATUSR]") {
  guest<v3> m;
  check_frame(m, m.gicd, gicv3_distributor<all_features>, 0x1'0000, m.gicd + 0x10);
  for (u32 v = 0; v < 8; ++v) CHECK(m.rd_read(v, 0x10) == 0);
}

TEST_CASE("v3: STATUSR of a redistributor records accesses to both its frames", "[GICR_STATUSR]") {
  guest<v3> m;
  check_frame(m, m.rd(2), redistributor_frame<all_features>, 0x1'0000, m.rd(2) + 0x10);
  check_frame(m, m.sgi_frame(2), sgi_frame_registers, 0x1'0000, m.rd(2) + 0x10);
  CHECK(m.d(0x10) == 0);
  CHECK(m.rd_read(1, 0x10) == 0);
  CHECK(m.rd_read(3, 0x10) == 0);
}

TEST_CASE("v3: STATUSR is sticky and clears where a 1 is written", "[GICD_STATUSR]") {
  guest<v3> m;
  CHECK(m.d(0x10) == 0);
  CHECK(m.d(0x1c) == 0);   // reserved: RRD
  m.d_write(0x1c, 1);      // WRD
  CHECK(m.d(0xf00) == 0);  // SGIR: RWOD
  m.d_write(4, 1);         // TYPER: WROD
  CHECK(m.d(0x10) == 0xf);
  m.d_write(0x10, 0);
  CHECK(m.d(0x10) == 0xf);
  m.d_write(0x10, 0xffff'fff5);
  CHECK(m.d(0x10) == 0xa);
  m.d_write(0x10, 0x2);
  CHECK(m.d(0x10) == 0x8);
  CHECK(m.d(0x10, width::dword) == 0);  // illegal itself
  CHECK(m.d(0x10) == 0x9);
  m.d_write(0x10, 0xf);
  CHECK(m.d(0x10) == 0);
}

TEST_CASE("v3: without the feature STATUSR is reserved") {
  guest<v3_plain> m;
  CHECK(m.d(0x1c) == 0);
  m.d_write(4, 0);
  CHECK(m.d(0x10) == 0);
  CHECK(m.rd_read(0, 0x1c) == 0);
  CHECK(m.rd_read(0, 0x10) == 0);
  m.d_write(0x10, 0xf);
  CHECK(m.d(0x10) == 0);
}

TEST_CASE("v2: widths and alignments that a register does not have are RAZ/WI") {
  guest<v2> m;
  m.boot();
  for (u32 i = 32; i < 64; i += 4) m.d_write(0x800 + i, 0x8080'8080);
  m.d_write(0x104, 0xffff'ffff);
  for (const u32 offset : offsets_of(gicv2_distributor, 0x1000)) {
    const known_register* r = find_register(gicv2_distributor, offset);
    for (const width w : widths) {
      const u64 value = m.load(vcpu(1), m.gicd + offset, w);
      const bool handled = m.last == trap_status::handled;
      if (!handled || (value != 0 && !is_live(r, offset, w, direction::read)))
        FAIL("offset " << std::hex << offset << ", width " << raw(w) << ": " << value);
    }
  }
  // Writes: what a word set, other widths do not change.
  for (const u32 at : {0x000u, 0x084u, 0x104u, 0xc08u}) {
    CAPTURE(at);
    const u64 before = m.d(at);
    m.d_write(at, 0, width::byte);
    m.d_write(at, 0, width::half);
    m.d_write(at, 0xffff'ffff'ffff'ffff, width::dword);
    m.d_write(at + 1, 0x5a5a'5a5a);
    m.d_write(at + 2, 0, width::half);
    CHECK(m.d(at) == before);
  }
  m.d_write(0x184, 0xff, width::byte);
  m.d_write(0x184, 0xffff, width::half);
  CHECK(m.d(0x104) == 0xffff'ffff);
}

TEST_CASE("v2: bytes and halfwords of IPRIORITYR", "[GICD_IPRIORITYR]") {
  guest<v2> m;
  m.d_write(0x424, 0x4030'2010);
  CHECK(m.d(0x424, width::byte) == 0x10);
  CHECK(m.d(0x427, width::byte) == 0x40);
  CHECK(m.d(0x424, width::half) == 0x2010);
  CHECK(m.d(0x426, width::half) == 0x4030);
  m.d_write(0x426, 0x8878, width::half);
  CHECK(m.d(0x424) == 0x8878'2010);
  m.d_write(0x425, 0xffff, width::half);  // misaligned
  CHECK(m.d(0x424) == 0x8878'2010);
  CHECK(m.d(0x425, width::half) == 0);
  CHECK(m.d(0x426) == 0);
  CHECK(m.d(0x420, width::dword) == 0);
}

TEST_CASE("v3: halfwords of IPRIORITYR are not there") {
  guest<v3> m;
  m.d_write(0x424, 0x4030'2010);
  CHECK(m.d(0x424, width::half) == 0);
  m.d_write(0x424, 0xffff, width::half);
  CHECK(m.d(0x424) == 0x4030'2010);
  CHECK(m.d(0x426, width::byte) == 0x30);
}

TEST_CASE("addresses around the frames are not the GIC's") {
  SECTION("GICv2") {
    guest<v2> m;
    for (const u64 at : {u64{m.gicd} - 1, u64{m.gicd} + 0x1000, u64{0}, ~u64{0}, ~u64{7}}) {
      (void)m.load(vcpu(0), at);
      CHECK(m.last == trap_status::not_gic);
      m.store(vcpu(0), at, 1);
      CHECK(m.last == trap_status::not_gic);
    }
  }
  SECTION("GICv3") {
    guest<v3> m;
    for (const u64 at : {u64{m.gicd} - 1, u64{m.gicd} + 0x1'0000, m.rd(0) - 1, m.rd(16), u64{0}, ~u64{0}, ~u64{7}}) {
      (void)m.load(vcpu(0), at);
      CHECK(m.last == trap_status::not_gic);
      m.store(vcpu(0), at, 1);
      CHECK(m.last == trap_status::not_gic);
    }
  }
}
