// SPDX-License-Identifier: BSL-1.0
#include <bench/count/count.hpp>

namespace {
using bench::suites;
const bench::count<bench::gicv2, suites::trap | suites::delivery> usual{"GICv2"};
const bench::count<bench::large_gicv2, suites::scale> large{"GICv2"};
const bench::count<bench::gicv2, suites::replay> boot{"GICv2"};
}  // namespace
