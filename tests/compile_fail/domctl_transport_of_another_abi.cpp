// SPDX-License-Identifier: BSL-1.0
// EXPECT: transport
#include <domctl/toolstack.hpp>

// Speaks Xen 4.5's ABI alone.
struct old_transport {
  domctl::error domctl(domctl::xen_4_5::xen_domctl&) { return domctl::error::none; }
};

int main() {
  old_transport xch;
#ifdef UNBROKEN
  domctl::xen_4_5::xen_domctl_arm_configuredomain config;
  (void)domctl::xc_domain_configure(xch, domctl::domid{1}, config);
#else
  (void)domctl::xc_domain_destroy(xch, domctl::domid{1});
#endif
}
