// SPDX-License-Identifier: BSL-1.0
// Both forms of a list register: fields are where the architecture has them, come back as they went in, and leave their
// neighbours alone.
#include "catch.hpp"

#include <vgic/list_register.hpp>

#include <random>

using namespace vgic;

namespace {

/// Positions by the architecture: ICH_LR<n>_EL2 (IHI 0069) and GICH_LR<n> (IHI 0048B).
struct positions {
  u32 state_low, hw, group, priority_low, priority_high, physical_low, eoi;
};
constexpr positions ich{
    .state_low = 62, .hw = 61, .group = 60, .priority_low = 48, .priority_high = 55, .physical_low = 32, .eoi = 41};
constexpr positions gich_at{
    .state_low = 28, .hw = 31, .group = 30, .priority_low = 23, .priority_high = 27, .physical_low = 10, .eoi = 19};

template <class F>
constexpr positions expected_of() {
  if constexpr (sizeof(typename F::word) == 8)
    return ich;
  else
    return gich_at;
}

}  // namespace

TEMPLATE_TEST_CASE("list register fields have the architecture's positions", "", ich_format, gich_format) {
  using F = TestType;
  using word = typename F::word;
  constexpr positions e = expected_of<F>();
  const auto field = [](u32 low, u32 high) {
    word w = 0;
    for (u32 b = low; b <= high; ++b) w |= word{1} << b;
    return w;
  };
  CHECK(F::hw == field(e.hw, e.hw));
  CHECK(F::group1 == field(e.group, e.group));
  CHECK(F::eoi == field(e.eoi, e.eoi));
  CHECK(F::id_mask == field(0, 9));
  CHECK(F::priority_mask == field(e.priority_low, e.priority_high));
  CHECK(F::state_mask == field(e.state_low, e.state_low + 1));
  CHECK(F::state(word{0}, lr_state::pending) == field(e.state_low, e.state_low));
  CHECK(F::state(word{0}, lr_state::active) == field(e.state_low + 1, e.state_low + 1));
  CHECK(F::priority_field(0xf8) == (word{0xf8} >> (7 - (e.priority_high - e.priority_low)) << e.priority_low));
  CHECK(F::physical(physical_intid{0x3ff}) == (field(e.physical_low, e.physical_low + 9) | field(e.hw, e.hw)));
  CHECK(F::source(7) == field(10, 12));

  // What is there at the same time does not overlap: EOI shares its place with the physical INTID (HW says which), and
  // so does the source of a GICv2 SGI in GICH's form.
  const word always[] = {F::id_mask, F::priority_mask, F::group1, F::hw, F::state_mask};
  word sum = 0;
  for (const word m : always) {
    CHECK((sum & m) == 0);
    sum |= m;
  }
  CHECK((sum & ~F::hw & F::physical(physical_intid{0x3ff})) == 0);
  CHECK((sum & F::eoi) == 0);
  CHECK((sum & F::source(7)) == 0);
  CHECK((F::eoi & F::source(7)) == 0);
  CHECK((F::eoi & F::physical(physical_intid{0x3ff})) != 0);
}

TEMPLATE_TEST_CASE("list register fields come back as they went in", "", ich_format, gich_format) {
  using F = TestType;
  using word = typename F::word;
  std::mt19937_64 random{tests::seed()};
  for (int k = 0; k < 20'000; ++k) {
    const u32 id = static_cast<u32>(random() % 1020);
    const u32 p = static_cast<u32>(random() & 0xf8);  // five bits are what every form keeps
    const u32 physical = static_cast<u32>(random() % 1020);
    const auto s = lr_state{static_cast<u8>(random() % 4)};
    const bool linked = random() % 2 != 0;
    const u32 source = static_cast<u32>(random() % 8);
    word w = static_cast<word>(id) | F::priority_field(p) |
             (linked ? F::physical(physical_intid{physical}) : F::source(source));
    const word others = w;
    w = F::state(w, s);
    REQUIRE((w & ~F::state_mask) == others);
    REQUIRE(raw(F::id(w)) == id);
    REQUIRE(F::priority_of(w) == p);
    REQUIRE(F::state(w) == s);
    REQUIRE(((w & F::hw) != 0) == linked);
    if (linked)
      REQUIRE(raw(F::physical_of(w)) == physical);
    else
      REQUIRE(F::source_of(w) == source);
    const auto t = lr_state{static_cast<u8>(random() % 4)};
    REQUIRE(F::state(F::state(w, t)) == t);
    REQUIRE((F::state(w, t) & ~F::state_mask) == (w & ~F::state_mask));
  }
}

TEST_CASE("the GICv3 form keeps all eight priority bits, GICH's the upper five") {
  for (u32 p = 0; p < 256; ++p) {
    CHECK(ich_format::priority_of(ich_format::priority_field(p)) == p);
    CHECK(gich_format::priority_of(gich_format::priority_field(p)) == (p & 0xf8));
  }
}

TEST_CASE("list register words by hand") {
  // The virtual timer, PPI 27, linked, group 1, priority 0xa0, pending.
  const u64 ich_word = ich_format::state(
      27 | ich_format::priority_field(0xa0) | ich_format::group1 | ich_format::physical(physical_intid{27}),
      lr_state::pending);
  CHECK(ich_word == 0x70a0'001b'0000'001b);
  const u32 gich_word = gich_format::state(
      27 | gich_format::priority_field(0xa0) | gich_format::physical(physical_intid{27}), lr_state::pending);
  CHECK(gich_word == (1u << 31 | 1u << 28 | 0x14u << 23 | 27u << 10 | 27u));
}

TEST_CASE("the state field's parts") {
  for (u8 s = 0; s < 4; ++s) {
    const auto x = lr_state{s};
    CHECK(has_pending(x) == ((s & 1) != 0));
    CHECK(has_active(x) == ((s & 2) != 0));
    CHECK(static_cast<u8>(with_pending(x)) == (s | 1));
    CHECK(static_cast<u8>(with_active(x)) == (s | 2));
    CHECK(static_cast<u8>(without_pending(x)) == (s & 2));
    CHECK(static_cast<u8>(without_active(x)) == (s & 1));
  }
}

TEST_CASE("control bits have the architecture's positions") {
  // ICH_HCR_EL2 / GICH_HCR: En, UIE, LRENPIE, NPIE, VGrp0EIE, VGrp0DIE, VGrp1EIE, VGrp1DIE; EOIcount [31:27].
  const u32 bits[] = {hcr::en,       hcr::uie,      hcr::lrenpie,  hcr::npie,
                      hcr::vgrp0eie, hcr::vgrp0die, hcr::vgrp1eie, hcr::vgrp1die};
  for (u32 k = 0; k < 8; ++k) CHECK(bits[k] == 1u << k);
  CHECK(hcr::eoicount_shift == 27);
  CHECK(vmcr::veng0 == 1);
  CHECK(vmcr::veng1 == 2);
}
