// SPDX-License-Identifier: BSL-1.0
// Suite `replay` for the project's own configurations.
#include <bench/suites/replay.hpp>

namespace {
const bench::replay<bench::gicv3> gicv3{"GICv3"};
const bench::replay<bench::gicv2> gicv2{"GICv2"};
}  // namespace

BENCHMARK_MAIN();
