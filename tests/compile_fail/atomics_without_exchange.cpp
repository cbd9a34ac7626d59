// SPDX-License-Identifier: BSL-1.0
// EXPECT: atomics: the policy lacks an operation of atomics_policy
#include "good.hpp"

struct poor_atomics : vgic::single_cpu_atomics {
  template <class T>
  static T exchange(cell<T>&, T) = delete;
};

struct broken : good {
#ifndef UNBROKEN
  using atomics = poor_atomics;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
