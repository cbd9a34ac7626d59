// SPDX-License-Identifier: BSL-1.0
// EXPECT: layout: the redistributor stride is a power of two and holds an RD and an SGI frame
#include "good.hpp"

struct odd {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0, 0x10000}, .stride = 0x30000, .redistributors = {{0x100000, 0x300000}}};
};

struct broken : good {
#ifndef UNBROKEN
  using layout = odd;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
