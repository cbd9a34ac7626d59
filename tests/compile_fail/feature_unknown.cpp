// SPDX-License-Identifier: BSL-1.0
// EXPECT: features: the set names a type that is not a feature of this library
#include "good.hpp"

struct one_of_many {};

struct broken : good {
#ifndef UNBROKEN
  using features = vgic::features<vgic::one_of_n, one_of_many>;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
