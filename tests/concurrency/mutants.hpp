// SPDX-License-Identifier: BSL-1.0
/// \file
/// Memory orders that are weakened on purpose, one at a time: a scenario has to show what comes of it.
#pragma once

#include "concurrency/search.hpp"

namespace tests {

/// Which places are changed: fences are left out; read-modify-writes get a weaker order.
enum class changes : u8 { fences, orders };

/// Changes each place that the scenarios reach, and searches those that reach it until one fails. The file `expected`
/// has exceptions, one a line: file, function, number of the place in it, operation, order, and why. Fences are noticed
/// but for those; orders of read-modify-writes are not but for those, because fences stand beside them. How many are
/// not as they should be.
[[nodiscard]] u32 try_mutants(scenarios& all, const effort& e, changes which, const std::string& expected, u32 part,
                              u32 parts);

[[nodiscard]] const char* name_of(model::operation o);

}  // namespace tests
