// SPDX-License-Identifier: BSL-1.0
/// \file
/// Files of what was found: a section for each target, whose steps lead to the worst that is known of it.
#pragma once

#include <bench/worst/target.hpp>

#include <string>
#include <vector>

namespace bench::worst {

/// One target of one configuration.
struct entry {
  std::string stage;
  target what;
  steps how;
};

/// All that the files FOLDER/STAGE.txt hold; ends the program with a message about a line that is wrong.
[[nodiscard]] std::vector<entry> read_entries(const std::string& file, const std::string& stage);
void write_entries(const std::string& file, const std::string& stage, const std::vector<entry>& entries);

}  // namespace bench::worst
