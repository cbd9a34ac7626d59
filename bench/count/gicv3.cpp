// SPDX-License-Identifier: BSL-1.0
#include <bench/count/count.hpp>

namespace {
using bench::suites;
const bench::count<bench::gicv3, suites::trap | suites::delivery> usual{"GICv3"};
const bench::count<bench::large_gicv3, suites::scale> large{"GICv3"};
const bench::count<bench::gicv3, suites::replay> boot{"GICv3"};
}  // namespace
