// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frames_present | only_v3 | 2
#include "good.hpp"

struct only_v3 {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0, 0x10000}, .stride = 0x20000, .redistributors = {{0x100000, 0x200000}}};
};

struct broken : good2 {
#ifndef UNBROKEN
  using layout = only_v3;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
