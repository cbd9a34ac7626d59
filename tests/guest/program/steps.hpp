// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a round consists of.
#pragma once

#include "arch.hpp"

namespace guest::steps {

struct theme {
  const char* name;
  const u8* weights;  ///< how often each step comes, of those that are possible
};
[[nodiscard]] u32 theme_count();
[[nodiscard]] const theme& theme_at(u32 n);

/// One step of a theme: chosen, carried out and printed.
void one(const theme& t, u32 number);

/// Everything that is active ends, everything is let through, and everything that is pending is taken.
void drain();

}  // namespace guest::steps
