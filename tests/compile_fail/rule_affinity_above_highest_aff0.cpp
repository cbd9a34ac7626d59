// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: affinity_covers_vcpus | 7 | 8
#include "good.hpp"

struct mine {
  static constexpr vgic::u32 highest_aff0 = 15;
#ifdef UNBROKEN
  static constexpr vgic::affinity of(vgic::vcpu_id v) { return vgic::affinity{vgic::raw(v) + 8}; }
  static constexpr vgic::vcpu_id find(vgic::affinity a) {
    return vgic::vcpu_id{static_cast<vgic::u16>(vgic::raw(a) - 8)};
  }
#else
  static constexpr vgic::affinity of(vgic::vcpu_id v) { return vgic::affinity{vgic::raw(v) + 9}; }
  static constexpr vgic::vcpu_id find(vgic::affinity a) {
    return vgic::vcpu_id{static_cast<vgic::u16>(vgic::raw(a) - 9)};
  }
#endif
};

struct broken : good {
  using affinity = mine;
};

int main() { return static_cast<int>(instantiate<broken>()); }
