// SPDX-License-Identifier: BSL-1.0
// EXPECT: nodiscard
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.vcpu_on(vgic::vcpu_id{0});
#else
  vm.vcpu_on(vgic::vcpu_id{0});
#endif
}
