// SPDX-License-Identifier: BSL-1.0
// EXPECT: list_registers: the back end lacks an operation of list_register_backend
#include "good.hpp"

struct blind : vgic::simulated<8, 4> {
  vgic::u32 read_misr(vgic::vcpu_id) = delete;
};

struct broken : good {
#ifndef UNBROKEN
  using list_registers = blind;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
