// SPDX-License-Identifier: BSL-1.0
// EXPECT: configure(d, configuration)
#include <domctl/model.hpp>

using model = domctl::in_memory<>;

#ifdef UNBROKEN
struct hypervisor : model {
  using model::model;
};
#else
// Knows what domains are, but not what to do with a domain's configuration.
struct hypervisor : model {
  using model::model;
  void configure(domain&, const domctl::domain_configuration&) = delete;
};
#endif

int main() {
  hypervisor host(domctl::hardware_gic::v3);
  return raw(domctl::xen_4_5::do_domctl(host, {0}));
}
