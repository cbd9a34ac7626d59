// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: spi_count | 31 | 32
#include "good.hpp"

struct broken : good {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 32};
#else
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 31};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
