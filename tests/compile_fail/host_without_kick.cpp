// SPDX-License-Identifier: BSL-1.0
// EXPECT: host: needs kick(vcpu_id), current() -> vcpu_id, deactivate(vcpu_id, physical_intid)
#include "good.hpp"

struct deaf_host {
  [[nodiscard]] vgic::vcpu_id current() const { return vgic::no_vcpu; }
  void deactivate(vgic::vcpu_id, vgic::physical_intid) {}
};

struct broken : good {
#ifndef UNBROKEN
  using host = deaf_host;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
