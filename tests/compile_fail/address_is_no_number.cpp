// SPDX-License-Identifier: BSL-1.0
// EXPECT: guest_address
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.read(vgic::vcpu_id{0}, vgic::guest_address{0}, vgic::width::word);
#else
  (void)vm.read(vgic::vcpu_id{0}, 0x3001000u, vgic::width::word);
#endif
}
