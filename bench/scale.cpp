// SPDX-License-Identifier: BSL-1.0
// Suite `scale` for the project's own configurations.
#include <bench/suites/scale.hpp>

namespace {
const bench::scale<bench::large_gicv3> gicv3{"GICv3"};
const bench::scale<bench::large_gicv2> gicv2{"GICv2"};
}  // namespace

BENCHMARK_MAIN();
