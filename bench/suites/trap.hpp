// SPDX-License-Identifier: BSL-1.0
/// \file
/// Google Benchmark suite `trap`.
#pragma once

#include <bench/suites/timed.hpp>
#include <bench/suites/trap_operations.hpp>

namespace bench {

/// An object of this registers the suite for configuration `C`, under the name given.
template <vgic::configuration C>
struct trap {
  explicit trap(const std::string& name) { add_timed(name, "trap", trap_operations<on_memory<C>, clocked>()); }
};

}  // namespace bench
