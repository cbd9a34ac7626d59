// SPDX-License-Identifier: BSL-1.0
#include "my_gic.hpp"  // yours

#include <bench/suites/delivery.hpp>
#include <bench/suites/layout.hpp>
#include <bench/suites/replay.hpp>
#include <bench/suites/scale.hpp>
#include <bench/suites/trap.hpp>

const bench::trap<my_gic> trap{"mine"};
const bench::delivery<my_gic> delivery{"mine"};
const bench::scale<my_gic> scale{"mine"};
const bench::replay<my_gic> replay{"mine"};
const bench::layout_costs<my_gic> layout_costs{"mine"};

BENCHMARK_MAIN();
