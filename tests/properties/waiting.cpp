// SPDX-License-Identifier: BSL-1.0
// What remembers the most urgent banks, against a model that compares all of them; and the bytes of register words.
#include "catch.hpp"

#include <vgic/state.hpp>
#include <vgic/words.hpp>

#include <map>
#include <random>

using namespace vgic;

TEST_CASE("the banks that wait: those with the most urgent are known, or looked for") {
  std::mt19937 engine{tests::seed()};
  const auto random = [&] { return static_cast<u32>(engine()); };
  waiting_banks w;
  std::map<u32, int> model;  // bank -> level, -1: unknown
  u32 searches = 0;
  for (int k = 0; k < 200'000; ++k) {
    const u32 bank = random() % 32;
    const u32 level = (random() % 4) << 3 | (random() % 8 == 0 ? 0xc0 : 0);
    switch (random() % 5) {
      case 0:
        w.drop(bank);
        model.erase(bank);
        break;
      case 1: {
        const u32 some = random() & random() & random();
        w.add(some);
        for (u32 b = 0; b < 32; ++b)
          if ((some >> b & 1) != 0) model[b] = -1;
        break;
      }
      default: w.note(bank, level); model[bank] = static_cast<int>(level);
    }
    u32 banks = 0;
    u32 unknown = 0;
    int best = 0x100;
    for (const auto& [b, l] : model) {
      banks |= u32{1} << b;
      if (l < 0) unknown |= u32{1} << b;
      if (l >= 0 && l < best) best = l;
    }
    u32 top = 0;
    for (const auto& [b, l] : model)
      if (l == best) top |= u32{1} << b;
    REQUIRE(w.banks == banks);
    REQUIRE(w.unknown == unknown);
    if (w.top == 0 && random() % 2 == 0) {
      w.find_top();
      ++searches;
      REQUIRE(w.top == top);
    }
    if (w.top == 0) continue;  // not looked for yet
    REQUIRE(w.top == top);
    REQUIRE(w.priority == static_cast<u32>(best));
  }
  CHECK(searches > 1000);
}

TEST_CASE("bytes of a word that are not zero, and that have more than one bit") {
  std::mt19937 engine{tests::seed()};
  const auto random = [&] { return static_cast<u32>(engine()); };
  u32 quick_misses = 0;
  for (int k = 0; k < 200'000; ++k) {
    u32 word = random();
    for (u32 i = random() % 4; i != 0; --i) word &= random();
    u32 not_zero = 0;
    u32 many = 0;
    for (u32 b = 0; b < 4; ++b) {
      const u32 byte = word >> (8 * b) & 0xff;
      if (byte != 0) not_zero |= u32{1} << b;
      if ((byte & (byte - 1)) != 0) many |= u32{1} << b;
    }
    REQUIRE(bytes_not_zero(word) == not_zero);
    REQUIRE(bytes_with_many(word) == many);
    if (many != 0) REQUIRE(may_have_many(word));
    quick_misses += many == 0 && may_have_many(word) ? 1 : 0;
  }
  CHECK_FALSE(may_have_many(0x0101'0101));
  CHECK_FALSE(may_have_many(0x0810'2040));
  CHECK(quick_misses > 0);
}
