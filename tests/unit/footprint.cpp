// SPDX-License-Identifier: BSL-1.0
// What the state costs. The sizes are the project's promise: 8 bytes an SPI, 512 bytes a vCPU at 960 SPIs with sixteen
// list registers. `ctest -R footprint -V` prints them.
#include "catch.hpp"
#include "support/vm.hpp"

#include <cstdio>

using namespace tests;

namespace {

template <class Version, class Features>
using largest = config<Version, Features, 16, 8, 960>;

template <class C>
constexpr bool within_promise = footprint<C>::per_32_spis <= 32 * 8 && footprint<C>::per_vcpu <= 512;

static_assert(within_promise<largest<gicv2, all_features>>);
static_assert(within_promise<largest<gicv2, features<>>>);
static_assert(within_promise<largest<gicv3, all_features>>);
static_assert(within_promise<largest<gicv3, features<>>>);

/// The whole VM is known at compile time, and is the sum of its parts but for a few words and the alignment (512
/// bytes).
template <class C>
constexpr bool adds_up = footprint<C>::total == sizeof(state<C>) &&
                         footprint<C>::total >= C::limits.spis / 32 * footprint<C>::per_32_spis
                                                    + C::limits.vcpus* footprint<C>::per_vcpu&& footprint<C>::total
                             <= C::limits.spis / 32 * footprint<C>::per_32_spis
                                    + C::limits.vcpus* footprint<C>::per_vcpu + 1280;
static_assert(adds_up<largest<gicv2, all_features>>);
static_assert(adds_up<largest<gicv3, all_features>>);
static_assert(adds_up<config<gicv3, all_features, 4, 8, 256>>);

/// One bank more is one bank more.
template <class Version, class Features>
constexpr bool grows_by_its_banks =
    footprint<config<Version, Features, 4, 8, 960>>::total - footprint<config<Version, Features, 4, 8, 448>>::total ==
    16 * footprint<config<Version, Features, 4, 8, 960>>::per_32_spis;
static_assert(grows_by_its_banks<gicv2, all_features>);
static_assert(grows_by_its_banks<gicv3, all_features>);

// The object is the state, the host and the list registers' back end, no more.
using usual = config<gicv3>;
static_assert(sizeof(gic<usual>) <=
              footprint<usual>::total + sizeof(usual::host) + sizeof(usual::list_registers) + 640);

// One cache line a bank with five priority bits, at its own line.
static_assert(sizeof(bank<builtin_atomics, 5>) == 64 && alignof(bank<builtin_atomics, 5>) == 64);

template <class C>
void print(const char* what) {
  using f = footprint<C>;
  std::printf("footprint: %-28s %4.1f bytes an SPI, %4llu bytes a vCPU, %6llu bytes a VM of %u vCPUs and %u SPIs\n",
              what, static_cast<double>(f::per_32_spis) / 32, static_cast<unsigned long long>(f::per_vcpu),
              static_cast<unsigned long long>(f::total), C::limits.vcpus, C::limits.spis);
  CHECK(f::per_32_spis <= 32 * 8);
  CHECK(f::per_vcpu <= 512);
}

}  // namespace

TEST_CASE("footprint: bytes an SPI, a vCPU and a VM") {
  print<largest<gicv2, all_features>>("GICv2, 16 list registers");
  print<largest<gicv3, all_features>>("GICv3, 16 list registers");
  print<config<gicv2, all_features, 4, 8, 256>>("GICv2, 4 list registers");
  print<config<gicv3, all_features, 4, 8, 256>>("GICv3, 4 list registers");
  print<config<gicv3, features<>, 4, 1, 32>>("GICv3, the smallest");
  std::fflush(stdout);
}
