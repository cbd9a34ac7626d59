// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_capacity | 8 | 9
#include "good.hpp"

struct released : good {
  using layout = ::layout::xen_4_5_released;
};

struct broken : released {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256};
#else
  static constexpr vgic::limits limits{.vcpus = 9, .spis = 256};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
