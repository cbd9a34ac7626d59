// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: vcpu_count | 513 | 512
#include "good.hpp"

/// Room for 512 vCPUs and one more.
struct wide {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x1000'0000, 513 * 0x2'0000}}};
};

struct many : good {
  using layout = wide;
  using list_registers = vgic::simulated<512, 4>;
};

struct broken : many {
#ifdef UNBROKEN
  static constexpr vgic::limits limits{.vcpus = 512, .spis = 256};
#else
  static constexpr vgic::limits limits{.vcpus = 513, .spis = 256};
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
