// SPDX-License-Identifier: BSL-1.0
#include "all.hpp"

const void* address_of_layout();
const void* address_of_layout() { return &layout::xen_4_5::v3; }
