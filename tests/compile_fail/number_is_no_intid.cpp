// SPDX-License-Identifier: BSL-1.0
// EXPECT: intid
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.raise(vgic::intid{32});
#else
  (void)vm.raise(32);
#endif
}
