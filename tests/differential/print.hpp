// SPDX-License-Identifier: BSL-1.0
/// \file
/// A history as text: step by step, and as a Catch2 test to paste.
#pragma once

#include "compare.hpp"

namespace differential {

[[nodiscard]] std::string as_steps(const setup& s, const history& h);
[[nodiscard]] std::string as_test(const setup& s, const history& h, const finding& f);

/// The name of the register at an address, with the INTIDs that it is about.
[[nodiscard]] std::string register_name(const setup& s, u64 address);

}  // namespace differential
