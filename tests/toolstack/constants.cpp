// SPDX-License-Identifier: BSL-1.0
/// \file
/// Numbers of the trees against Xen's own public headers, where the machine has them (libxen-dev).
#include "catch.hpp"

#include <domctl/device_tree/gic.hpp>

#if __has_include(<xen/device_tree_defs.h>)
#define __XEN_TOOLS__ 1
#include <xen/device_tree_defs.h>

TEST_CASE("the interrupt controller's phandle is Xen's GUEST_PHANDLE_GIC") {
  CHECK(domctl::phandle_gic == GUEST_PHANDLE_GIC);
}
#endif
