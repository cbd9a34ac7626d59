// SPDX-License-Identifier: BSL-1.0
// EXPECT: raise
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.raise(vgic::vcpu_id{0}, vgic::ppi(11));
#else
  (void)vm.raise(vgic::ppi(11), vgic::vcpu_id{0});
#endif
}
