// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <vgic/affinity_rules.hpp>
#include <vgic/version.hpp>

#include <random>
#include <set>

using namespace vgic;

TEMPLATE_TEST_CASE("find is the inverse of of, and affinities are distinct", "", flat_affinity, wide_affinity) {
  std::set<u32> seen;
  for (u32 n = 0; n < 0xffff; ++n) {
    const auto v = vcpu_id{static_cast<u16>(n)};
    const affinity a = TestType::of(v);
    if (TestType::find(a) != v || raw(a) == route_any) FAIL("vCPU " << n << " has affinity " << raw(a));
    if (n < gicv3::most_vcpus) {
      seen.insert(raw(a));
      if ((raw(a) & 0xff) > TestType::highest_aff0) FAIL("vCPU " << n << " has an Aff0 above highest_aff0");
    }
  }
  CHECK(seen.size() == gicv3::most_vcpus);
}

TEMPLATE_TEST_CASE("an affinity that no vCPU has finds none", "", flat_affinity, wide_affinity) {
  // Whatever find answers, that vCPU must have exactly this affinity, or be beyond every VM.
  const auto foreign_or_right = [](u32 a) {
    const vcpu_id v = TestType::find(affinity{a});
    return raw(v) >= gicv3::most_vcpus || raw(TestType::of(v)) == a;
  };
  for (u32 low = 0; low < 0x1'0000; ++low)
    for (const u32 high : {0u, 1u, 0x80u, 0xffu, 0x100u, 0x8000u, 0xff00u, 0xffffu})
      if (!foreign_or_right(high << 16 | low)) FAIL("affinity " << (high << 16 | low));
  std::mt19937 random{tests::seed()};
  for (int k = 0; k < 200'000; ++k) {
    const u32 a = static_cast<u32>(random());
    if (!foreign_or_right(a)) FAIL("affinity " << a);
  }
  CHECK(raw(TestType::find(affinity{route_any})) >= gicv3::most_vcpus);
  CHECK(raw(TestType::find(affinity{route_any - 1})) >= gicv3::most_vcpus);
}

TEST_CASE("flat affinity: sixteen vCPUs a cluster") {
  CHECK(raw(flat_affinity::of(vcpu_id{0})) == 0);
  CHECK(raw(flat_affinity::of(vcpu_id{15})) == 0x00f);
  CHECK(raw(flat_affinity::of(vcpu_id{16})) == 0x100);
  CHECK(raw(flat_affinity::of(vcpu_id{511})) == 0x1f0f);
  CHECK(flat_affinity::find(affinity{0x10}) == no_vcpu);
  CHECK(flat_affinity::find(affinity{0x0100'0000}) == no_vcpu);
}

TEST_CASE("wide affinity: 256 vCPUs a cluster, reached by the range selector") {
  CHECK(raw(wide_affinity::of(vcpu_id{255})) == 0xff);
  CHECK(raw(wide_affinity::of(vcpu_id{256})) == 0x100);
  CHECK(raw(wide_affinity::find(affinity{0x1'0000})) >= gicv3::most_vcpus);
}

namespace {

/// Flat affinities but for one vCPU, which has another; `find` knows it.
template <u32 Odd, u32 Affinity, u32 HighestAff0>
struct all_but {
  static constexpr u32 highest_aff0 = HighestAff0;
  static constexpr affinity of(vcpu_id v) { return raw(v) == Odd ? affinity{Affinity} : flat_affinity::of(v); }
  static constexpr vcpu_id find(affinity a) {
    return raw(a) == Affinity ? vcpu_id{static_cast<u16>(Odd)} : flat_affinity::find(a);
  }
};
/// vCPU 4 is not found.
struct forgetful : flat_affinity {
  static constexpr vcpu_id find(affinity a) { return raw(a) == 4 ? no_vcpu : flat_affinity::find(a); }
};
/// vCPU 6 has the affinity that stands for any vCPU in a route.
struct one_is_any : all_but<6, route_any, 255> {};
struct aff0_one_too_high : flat_affinity {
  static constexpr u32 highest_aff0 = 14;
};
struct aff0_far_too_high : wide_affinity {
  static constexpr u32 highest_aff0 = 127;
};

}  // namespace

TEST_CASE("affinities cover the vCPUs before the first that is lost") {
  CHECK(affinity_covers<flat_affinity>(0) == 0);
  CHECK(affinity_covers<flat_affinity>(1) == 1);
  CHECK(affinity_covers<flat_affinity>(512) == 512);
  CHECK(affinity_covers<wide_affinity>(512) == 512);
  CHECK(affinity_covers<flat_affinity>(0x1'0000) == 0xffff);  // no_vcpu is none
  CHECK(affinity_covers<forgetful>(4) == 4);
  CHECK(affinity_covers<forgetful>(5) == 4);
  CHECK(affinity_covers<forgetful>(8) == 4);
  CHECK(affinity_covers<one_is_any>(6) == 6);
  CHECK(affinity_covers<one_is_any>(8) == 6);
  CHECK(affinity_covers<aff0_one_too_high>(32) == 15);
  CHECK(affinity_covers<aff0_far_too_high>(256) == 128);
  CHECK(affinity_covers<all_but<3, 0x0203'000f, 15>>(16) == 16);
  CHECK(affinity_covers<all_but<3, 0x0203'0010, 15>>(16) == 3);
}

namespace {
struct no_find {
  [[maybe_unused]] static constexpr u32 highest_aff0 = 15;
  static constexpr affinity of(vcpu_id) { return {}; }
};
}  // namespace

TEST_CASE("the policies are policies") {
  static_assert(affinity_policy<flat_affinity>);
  static_assert(affinity_policy<wide_affinity>);
  static_assert(!affinity_policy<no_find>);
  SUCCEED();
}
