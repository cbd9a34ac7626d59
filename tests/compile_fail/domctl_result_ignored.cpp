// SPDX-License-Identifier: BSL-1.0
// EXPECT: nodiscard
#include <domctl/model.hpp>

int main() {
  domctl::in_memory<> host(domctl::hardware_gic::v3);
#ifdef UNBROKEN
  (void)domctl::xen_4_5::do_domctl(host, {0});
#else
  domctl::xen_4_5::do_domctl(host, {0});
#endif
}
