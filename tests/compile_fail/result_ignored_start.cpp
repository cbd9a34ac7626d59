// SPDX-License-Identifier: BSL-1.0
// EXPECT: nodiscard
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  (void)vm.start({.vcpus = 1, .spis = 32, .list_registers = 4});
#else
  vm.start({.vcpus = 1, .spis = 32, .list_registers = 4});
#endif
}
