// SPDX-License-Identifier: BSL-1.0
// EXPECT: limits.vcpus: 1..8 for GICv2, 1..512 for GICv3
#include "good.hpp"

struct broken : good {
#ifndef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 0, .spis = 256};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
