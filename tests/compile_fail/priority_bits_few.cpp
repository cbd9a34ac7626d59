// SPDX-License-Identifier: BSL-1.0
// EXPECT: limits.priority_bits: 5..8
#include "good.hpp"

struct broken : good {
#ifndef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .priority_bits = 4};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
