// SPDX-License-Identifier: BSL-1.0
/// \file
/// Google Benchmark suite `delivery`.
#pragma once

#include <bench/suites/delivery_operations.hpp>
#include <bench/suites/timed.hpp>

namespace bench {

/// An object of this registers the suite for configuration `C`, under the name given.
template <vgic::configuration C>
struct delivery {
  explicit delivery(const std::string& name) {
    add_timed(name, "delivery", delivery_operations<on_memory<C>, clocked>());
  }
};

}  // namespace bench
