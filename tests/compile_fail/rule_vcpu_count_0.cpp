// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: vcpu_count | 0 | 1
#include "good.hpp"

struct broken : good {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 1, .spis = 256};
#else
  static constexpr vgic::limits limits{.vcpus = 0, .spis = 256};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
