// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: vcpu_count | 9 | 8
#include "good.hpp"

struct broken : good2 {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256};
#else
  static constexpr vgic::limits limits{.vcpus = 9, .spis = 256};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
