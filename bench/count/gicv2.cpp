// SPDX-License-Identifier: BSL-1.0
#include <bench/count/count.hpp>

namespace {
const bench::count<bench::gicv2> usual{"GICv2", bench::suites::trap | bench::suites::delivery};
const bench::count<bench::large_gicv2> large{"GICv2", bench::suites::scale};
}  // namespace
