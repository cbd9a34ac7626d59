// SPDX-License-Identifier: BSL-1.0
// EXPECT: nodiscard
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.raise(vgic::spi(0));
#else
  vm.raise(vgic::spi(0));
#endif
}
