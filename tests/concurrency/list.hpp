// SPDX-License-Identifier: BSL-1.0
/// \file
/// All scenarios.
#pragma once

#include "concurrency/scenario.hpp"

namespace tests {

void add_delivery(scenarios& all);
void add_targets(scenarios& all);

}  // namespace tests
