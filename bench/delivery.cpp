// SPDX-License-Identifier: BSL-1.0
// Suite `delivery` for the project's own configurations.
#include <bench/suites/delivery.hpp>

namespace {
const bench::delivery<bench::gicv3> gicv3{"GICv3"};
const bench::delivery<bench::gicv2> gicv2{"GICv2"};
}  // namespace

BENCHMARK_MAIN();
