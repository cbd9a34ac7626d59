// SPDX-License-Identifier: BSL-1.0
// EXPECT: all rows of a register group must allow the same accesses
#include "good.hpp"

struct rows_of_ours {
  using feature = vgic::always;
  static constexpr vgic::row rows[] = {
      {0x00, 0x10, vgic::reg::gicd_ctlr, vgic::access::rw | vgic::access::w},
#ifdef UNBROKEN
      {0x10, 0x20, vgic::reg::gicd_ctlr, vgic::access::rw | vgic::access::w},
#else
      {0x10, 0x20, vgic::reg::gicd_ctlr, vgic::access::ro | vgic::access::w},
#endif
  };
};

int main() {
  using map = vgic::register_map<0x1000, vgic::features<>, rows_of_ours>;
  return map::find(0x18) == vgic::reg::gicd_ctlr ? 0 : 1;
}
