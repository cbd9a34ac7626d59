// SPDX-License-Identifier: BSL-1.0
// EXPECT: nodiscard
#include "good.hpp"

int main() {
  static vgic::gic<good> vm{};
#ifdef UNBROKEN
  vgic::u64 x[31]{};
  (void)vm.data_abort(vgic::vcpu_id{0}, {.esr = 0, .hpfar = 0, .far = 0}, x);
#else
  vgic::u64 x[31]{};
  vm.data_abort(vgic::vcpu_id{0}, {.esr = 0, .hpfar = 0, .far = 0}, x);
#endif
}
