// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_capacity | 16 | 17
// BUILD_BUG_ON((GUEST_GICV3_GICR0_SIZE / GUEST_GICV3_RDIST_STRIDE) < MAX_VIRT_CPUS)
#include "good.hpp"

struct broken : good {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 16, .spis = 256};
#else
  static constexpr vgic::limits limits{.vcpus = 17, .spis = 256};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
