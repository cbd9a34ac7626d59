// SPDX-License-Identifier: BSL-1.0
// The distinct types stay distinct.
#include "catch.hpp"

#include <vgic/types.hpp>

#include <type_traits>

using namespace vgic;

namespace {

/// No type of the list converts to another one of it, or to or from an integer, without being asked to.
template <class T, class... Others>
constexpr bool keeps_to_itself = (true && ... &&
                                  (std::is_same_v<T, Others> ||
                                   (!std::is_convertible_v<T, Others> && !std::is_constructible_v<Others, T>))) &&
                                 !std::is_convertible_v<T, int> && !std::is_convertible_v<T, u32> &&
                                 !std::is_convertible_v<T, u64> && !std::is_convertible_v<T, bool> &&
                                 !std::is_convertible_v<int, T> && !std::is_convertible_v<u32, T> &&
                                 !std::is_convertible_v<u64, T> && !std::is_assignable_v<T&, u32>;

template <class... Types>
constexpr bool all_distinct = (true && ... && keeps_to_itself<Types, Types...>);

static_assert(
    all_distinct<intid, physical_intid, vcpu_id, priority, affinity, lr_index, guest_address, width, direction, group>);
static_assert(!std::is_convertible_v<intid, vcpu_id>);
static_assert(!std::is_convertible_v<vcpu_id, intid>);
static_assert(!std::is_convertible_v<intid, physical_intid>);
static_assert(!std::is_convertible_v<affinity, vcpu_id>);
// They cost nothing.
static_assert(sizeof(intid) == 4 && sizeof(vcpu_id) == 2 && sizeof(priority) == 1 && sizeof(guest_address) == 8);

}  // namespace

TEST_CASE("raw gives the number of a strong type") {
  CHECK(raw(intid{1019}) == 1019);
  CHECK(raw(physical_intid{27}) == 27);
  CHECK(raw(vcpu_id{511}) == 511);
  CHECK(raw(no_vcpu) == 0xffff);
  CHECK(raw(priority{0xf8}) == 0xf8);
  CHECK(raw(affinity{0xff00'0001}) == 0xff00'0001);
  CHECK(raw(lr_index{15}) == 15);
  CHECK(raw(guest_address{0x1'0000'0000}) == 0x1'0000'0000);
  CHECK(raw(width::byte) == 1);
  CHECK(raw(width::half) == 2);
  CHECK(raw(width::word) == 4);
  CHECK(raw(width::dword) == 8);
}

TEST_CASE("INTIDs by kind, bank and bit") {
  CHECK(raw(sgi(15)) == 15);
  CHECK(raw(ppi(0)) == 16);
  CHECK(raw(ppi(11)) == 27);
  CHECK(raw(spi(0)) == 32);
  CHECK(raw(spi(987)) == 1019);
  for (u32 i = 0; i < 1020; ++i) {
    const u32 bank = bank_of(intid{i});
    const u32 bit = bit_of(intid{i});
    CAPTURE(i);
    REQUIRE((bit & (bit - 1)) == 0);
    REQUIRE(bank * 32 + lowest(bit) == i);
  }
}

TEST_CASE("lowest is the index of the lowest set bit") {
  for (u32 i = 0; i < 32; ++i) {
    CHECK(lowest(u32{1} << i) == i);
    CHECK(lowest(~u32{0} << i) == i);
  }
}
