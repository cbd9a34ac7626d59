// SPDX-License-Identifier: BSL-1.0
// EXPECT: limits.list_registers: 1..16
#include "good.hpp"

struct broken : good {
#ifndef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .list_registers = 17};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
