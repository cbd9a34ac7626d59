// SPDX-License-Identifier: BSL-1.0
// EXPECT: physical_intid
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.forward(vgic::intid{32});
#else
  (void)vm.forward(vgic::physical_intid{32});
#endif
}
