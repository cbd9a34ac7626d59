// SPDX-License-Identifier: BSL-1.0
/// \file
/// Exact counts: the steps are played again by a program compiled as a hypervisor is, under callgrind, which collects
/// during the counted calls of the last step alone.
#pragma once

#include <bench/worst/found.hpp>

namespace bench::worst {

/// The number of instructions of each; the program `replay` is started under valgrind.
[[nodiscard]] std::vector<u32> count_exactly(const std::string& replay, const std::vector<entry>& entries);

}  // namespace bench::worst
