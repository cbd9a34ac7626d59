// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: spi_count | 989 | 988
#include "good.hpp"

struct broken : good {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 988};
#else
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 989};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
