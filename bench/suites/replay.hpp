// SPDX-License-Identifier: BSL-1.0
/// \file
/// Google Benchmark suite `replay`.
#pragma once

#include <bench/suites/replay_operations.hpp>
#include <bench/suites/timed.hpp>

namespace bench {

/// An object of this registers the suite for configuration `C`, under the name given.
template <vgic::configuration C>
struct replay {
  explicit replay(const std::string& name) { add_timed(name, "replay", replay_operations<on_memory<C>, clocked>()); }
};

}  // namespace bench
