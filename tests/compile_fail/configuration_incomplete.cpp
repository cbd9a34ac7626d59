// SPDX-License-Identifier: BSL-1.0
// EXPECT: typename C::affinity
#include "good.hpp"

struct without_affinity {
  using version = good::version;
  using layout = good::layout;
  using features = good::features;
  using list_registers = good::list_registers;
  using host = good::host;
  using atomics = good::atomics;
#ifdef UNBROKEN
  using affinity = good::affinity;
#endif
  static constexpr vgic::limits limits = good::limits;
};

int main() { return static_cast<int>(instantiate<without_affinity>()); }
