// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frames_present | only_v2 | 3
#include "good.hpp"

struct only_v2 {
  static constexpr layout::gicv2_frames v2{.distributor = {0x1000, 0x1000}, .cpu_interface = {0x2000, 0x1000}};
};

struct broken : good {
#ifndef UNBROKEN
  using layout = only_v2;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
