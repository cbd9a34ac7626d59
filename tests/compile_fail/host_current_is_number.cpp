// SPDX-License-Identifier: BSL-1.0
// EXPECT: host: needs kick(vcpu_id), current() -> vcpu_id, deactivate(vcpu_id, physical_intid)
#include "good.hpp"

struct counting_host : good_host {
  [[nodiscard]] unsigned current() const { return 0; }
};

struct broken : good {
#ifndef UNBROKEN
  using host = counting_host;
#endif
};

int main() { return static_cast<int>(instantiate<broken>()); }
