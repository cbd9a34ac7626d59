// SPDX-License-Identifier: BSL-1.0
/// \file
/// Figures for people and programs.
#pragma once

#include <bench/count/figures.hpp>

#include <string>
#include <vector>

namespace bench {

/// All figures, one line each.
void print_all(const std::vector<figure>& figures);

/// All figures as JSON: name, count, unit, configuration, compiler.
void write_json(const std::vector<figure>& figures, const std::string& counter, const std::string& file);

/// What bench/plot draws: one file a plot in `folder`, columns separated by tabs.
void write_plot_data(const std::vector<figure>& figures, const std::string& folder);

}  // namespace bench
