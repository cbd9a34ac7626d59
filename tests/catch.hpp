// SPDX-License-Identifier: BSL-1.0
/// \file
/// Catch2, whichever of 2.13 and 3 is installed, and the little that differs between them.
#pragma once

#include <cstdint>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define VGIC_TESTS_SEED Catch::getSeed()
#else
#include <catch2/catch.hpp>
#define VGIC_TESTS_SEED Catch::rngSeed()
#endif

namespace tests {

/// The seed of this run (`--rng-seed`): random tests take their words from it, so that a failure can be run again.
[[nodiscard]] inline std::uint32_t seed() { return VGIC_TESTS_SEED; }

}  // namespace tests

#undef VGIC_TESTS_SEED
