// SPDX-License-Identifier: BSL-1.0
// EXPECT: affinity: needs of(vcpu_id), find(affinity) and highest_aff0
#include "good.hpp"

struct one_way {
  static constexpr vgic::u32 highest_aff0 = 15;
  static constexpr vgic::affinity of(vgic::vcpu_id) { return {}; }
};

struct broken : good {
#ifndef UNBROKEN
  using affinity = one_way;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
