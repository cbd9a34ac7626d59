// SPDX-License-Identifier: BSL-1.0
/// \file
/// Google Benchmark suite `layout`.
#pragma once

#include <bench/suites/layout_operations.hpp>
#include <bench/suites/timed.hpp>

namespace bench {

/// An object of this registers the suite for configuration `C`, under the name given.
template <vgic::configuration C>
struct layout_costs {
  explicit layout_costs(const std::string& name) {
    add_timed(name, "layout", layout_operations<on_memory<C>, clocked>());
  }
};

}  // namespace bench
