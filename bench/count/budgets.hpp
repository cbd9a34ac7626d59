// SPDX-License-Identifier: BSL-1.0
/// \file
/// The file of budgets: what each operation may cost, and what it was seen to cost.
///
/// `operations` has an object for each operation's name: `budget` and `rmw_budget` (may be missing), and one object for
/// each configuration: `reached` and `rmws` are what was counted when the file was last written by `--update`; `must`:
/// false while a budget is not met yet; `argued`: the section of docs/performance.md that says why it cannot be.
/// `ratios` are pairs of operations of which the first may cost no more than `limit` times the second.
#pragma once

#include <bench/count/figures.hpp>

#include <string>
#include <vector>

namespace bench {

/// Compares figures with the budgets, prints what is worst and what is wrong; whether all is as it must be.
[[nodiscard]] bool check_budgets(const std::vector<figure>& figures, const std::string& file);

/// Writes what was reached into the file. A budget that is met must be met from now on.
void update_budgets(const std::vector<figure>& figures, const std::string& file);

/// The table of operations that have a budget, and of ratios.
void print_budgets(const std::vector<figure>& figures, const std::string& file);

}  // namespace bench
