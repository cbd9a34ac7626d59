// SPDX-License-Identifier: BSL-1.0
// EXPECT: access_control
#include <domctl/model.hpp>

// An access check that answers nothing is none.
struct silent {
#ifdef UNBROKEN
  domctl::error
#else
  void
#endif
  domctl(const domctl::xsm::party&, const domctl::xsm::party*, domctl::command) const {
#ifdef UNBROKEN
    return domctl::error::none;
#endif
  }
};

int main() {
  domctl::in_memory<silent> host(domctl::hardware_gic::v3);
  return static_cast<int>(host.bugs());
}
