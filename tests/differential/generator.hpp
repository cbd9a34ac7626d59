// SPDX-License-Identifier: BSL-1.0
/// \file
/// Histories from a seed, biased to what is interesting.
#pragma once

#include "operation.hpp"

namespace differential {

/// The `number`th history of `seed` for this machine: some hundred to some thousand steps from reset, and at last a
/// read of every register that has state.
[[nodiscard]] history make_history(const setup& s, u64 seed, u64 number);

}  // namespace differential
