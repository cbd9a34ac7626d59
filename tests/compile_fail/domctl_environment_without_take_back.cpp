// SPDX-License-Identifier: BSL-1.0
// EXPECT: take_back(d)
#include <domctl/model.hpp>

using model = domctl::in_memory<>;

#ifdef UNBROKEN
struct hypervisor : model {
  using model::model;
};
#else
// Could not undo a creation whose caller cannot be told.
struct hypervisor : model {
  using model::model;
  void take_back(domain&) = delete;
};
#endif

int main() {
  hypervisor host(domctl::hardware_gic::v3);
  return raw(domctl::xen_4_17::do_domctl(host, {0}));
}
