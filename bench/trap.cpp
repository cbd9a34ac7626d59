// SPDX-License-Identifier: BSL-1.0
// Suite `trap` for the project's own configurations.
#include <bench/suites/trap.hpp>

namespace {
const bench::trap<bench::gicv3> gicv3{"GICv3"};
const bench::trap<bench::gicv2> gicv2{"GICv2"};
}  // namespace

BENCHMARK_MAIN();
