// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: affinity_is_constexpr | mine
#include "good.hpp"

struct mine {
  static constexpr vgic::u32 highest_aff0 = 15;
#ifdef UNBROKEN
  static constexpr vgic::affinity of(vgic::vcpu_id v) { return vgic::affinity{vgic::raw(v)}; }
  static constexpr vgic::vcpu_id find(vgic::affinity a) { return vgic::vcpu_id{static_cast<vgic::u16>(vgic::raw(a))}; }
#else
  static vgic::affinity of(vgic::vcpu_id v) { return vgic::affinity{vgic::raw(v)}; }
  static constexpr vgic::vcpu_id find(vgic::affinity a) { return vgic::vcpu_id{static_cast<vgic::u16>(vgic::raw(a))}; }
#endif
};

struct broken : good {
  using affinity = mine;
};

int main() { return static_cast<int>(instantiate<broken>()); }
