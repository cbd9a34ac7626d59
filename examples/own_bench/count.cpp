// SPDX-License-Identifier: BSL-1.0
#include "my_gic.hpp"  // yours

#include <bench/count/count.hpp>

const bench::count<my_gic> counted{"mine"};
