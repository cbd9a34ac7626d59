// SPDX-License-Identifier: BSL-1.0
#include "all.hpp"

// Defined in the other unit, with the same headers.
const void* address_of_layout();

int main() {
  // An inline constant is one object in the whole program.
  return address_of_layout() == &layout::xen_4_5::v3 ? 0 : 1;
}
