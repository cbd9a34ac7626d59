// SPDX-License-Identifier: BSL-1.0
/// \file
/// Before and after the steps of a round.
#pragma once

#include "arch.hpp"

namespace guest::rounds {

/// Draws which interrupts take part and how they are configured, and programs the GIC so.
void begin();
/// Everything is disabled, and nothing is pending or active.
void end();

}  // namespace guest::rounds
