// SPDX-License-Identifier: BSL-1.0
// EXPECT: intid
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  [[maybe_unused]] const vgic::u32 n = vgic::raw(vgic::spi(0)) + vm.inspect().vcpus;
#else
  [[maybe_unused]] const vgic::u32 n = vgic::spi(0) + vm.inspect().vcpus;
#endif
}
