// SPDX-License-Identifier: BSL-1.0
#include <bench/count/count.hpp>

namespace {
const bench::count<bench::gicv3> usual{"GICv3", bench::suites::trap | bench::suites::delivery};
const bench::count<bench::large_gicv3> large{"GICv3", bench::suites::scale};
}  // namespace
