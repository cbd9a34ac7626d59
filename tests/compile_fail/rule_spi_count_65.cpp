// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: spi_count | 65 | 64
#include "good.hpp"

struct broken : good {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 64};
#else
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 65};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
