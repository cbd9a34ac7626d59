// SPDX-License-Identifier: BSL-1.0
// The fields of docs/conformance.md, bit by bit, on each combination of features.
#include "walk.hpp"

using namespace conformance;
using namespace tests;

namespace {

template <class Config>
void walk(u32 vcpus, u32 spis, u32 least_words) {
  walker<Config> w(vcpus, spis);
  for (const u32 v : {0u, vcpus - 1}) {
    if (v == 0 || Config::version::number == 2) w.distributor(v);
    w.redistributor(v);
  }
  CHECK(w.words >= least_words);
  CHECK(w.bits >= 2000);
}

template <u32 Bits, class... Features>
using gic3 = config<gicv3, features<Features...>, 4, 4, 64, layout::qemu_virt, builtin_atomics, flat_affinity, Bits>;
template <u32 Bits, class... Features>
using gic2 = config<gicv2, features<Features...>, 4, 8, 64, layout::xen_4_5, single_cpu_atomics, flat_affinity, Bits>;

}  // namespace

TEST_CASE("fields: GICv2, 8 vCPUs") { walk<gic2<5>>(8, 64, 1700); }
TEST_CASE("fields: GICv2, one vCPU") { walk<gic2<8, one_of_n>>(1, 32, 1700); }
TEST_CASE("fields: GICv2, 988 SPIs") { walk<config<gicv2, all_features, 4, 3, 988>>(3, 988, 1700); }
TEST_CASE("fields: GICv3 without features") { walk<gic3<5>>(4, 64, 2900); }
TEST_CASE("fields: GICv3 with message_spis") { walk<gic3<6, message_spis>>(1, 64, 2900); }
TEST_CASE("fields: GICv3 with status_registers") { walk<gic3<7, status_registers, reset_to_group1>>(2, 32, 2900); }
TEST_CASE("fields: GICv3 with one_of_n") { walk<gic3<8, one_of_n>>(3, 64, 2900); }
TEST_CASE("fields: GICv3 with message_spis, status_registers") {
  walk<gic3<5, message_spis, status_registers>>(4, 64, 2900);
}
TEST_CASE("fields: GICv3 with message_spis, one_of_n") {
  walk<gic3<5, message_spis, one_of_n, reset_to_group1>>(4, 64, 2900);
}
TEST_CASE("fields: GICv3 with status_registers, one_of_n") { walk<gic3<5, status_registers, one_of_n>>(4, 64, 2900); }
TEST_CASE("fields: GICv3 with every feature, 988 SPIs, wide affinities") {
  walk<config<gicv3, all_features, 4, 20, 988, layout::qemu_virt, builtin_atomics, wide_affinity>>(20, 988, 2900);
}
