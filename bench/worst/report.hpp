// SPDX-License-Identifier: BSL-1.0
/// \file
/// What was counted, for people, for the docs, and against what was kept.
#pragma once

#include <bench/worst/found.hpp>

namespace bench::worst {

/// No trap may cost more, whatever the state.
inline constexpr u32 most_instructions = 5000;

struct counted {
  entry of;
  u32 instructions;
};

enum class form : u8 { text, markdown };

/// A row for each target, a column for each stage; the worst of each stage at the end.
void print_table(const std::vector<counted>& all, form f);
/// The steps of the targets that have this name.
void print_steps(const std::vector<counted>& all, const std::string& name);

/// Compares with the file and with the limit; whether all is as it must be.
[[nodiscard]] bool check(const std::vector<counted>& all, const std::string& file);
void update(const std::vector<counted>& all, const std::string& file);

}  // namespace bench::worst
