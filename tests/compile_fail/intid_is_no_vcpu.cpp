// SPDX-License-Identifier: BSL-1.0
// EXPECT: vcpu_id
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.vcpu_on(vgic::vcpu_id{0});
#else
  (void)vm.vcpu_on(vgic::intid{0});
#endif
}
