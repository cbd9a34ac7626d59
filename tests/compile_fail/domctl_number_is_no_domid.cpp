// SPDX-License-Identifier: BSL-1.0
// EXPECT: domid
#include <domctl/in_process.hpp>
#include <domctl/model.hpp>
#include <domctl/toolstack.hpp>

int main() {
  domctl::in_memory<> host(domctl::hardware_gic::v3);
  domctl::in_process xch(host);
#ifdef UNBROKEN
  (void)xc_domain_destroy(xch, domctl::domid{1});
#else
  (void)domctl::xc_domain_destroy(xch, 1);
#endif
}
