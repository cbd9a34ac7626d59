// SPDX-License-Identifier: BSL-1.0
// EXPECT: delete
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  [[maybe_unused]] auto& same = vm;
#else
  [[maybe_unused]] auto copy = vm;
#endif
}
