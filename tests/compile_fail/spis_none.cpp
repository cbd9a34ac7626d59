// SPDX-License-Identifier: BSL-1.0
// EXPECT: limits.spis: a multiple of 32 from 32 to 960, or 988
#include "good.hpp"

struct broken : good {
#ifndef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 0};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
