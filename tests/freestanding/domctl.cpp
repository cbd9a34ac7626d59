// SPDX-License-Identifier: BSL-1.0
// The hypervisor's side of the domctl, both ABIs, with FLASK and with the model. It is linked, not run.
#include <cstdint>
#include <domctl/in_process.hpp>
#include <domctl/model.hpp>
#include <domctl/toolstack.hpp>
#include <domctl/xsm/flask.hpp>
#include <domctl/xsm/policy_text.hpp>

namespace {

// Where a hypervisor's own words would be: volatile, so that nothing is folded away.
volatile std::uint64_t input;
volatile std::uint64_t output;

struct policy {
  domctl::xsm::verdict allowed(domctl::xsm::ssid, domctl::xsm::ssid, domctl::xsm::security_class,
                               domctl::xsm::permission what) const {
    return input == static_cast<std::uint64_t>(what) ? domctl::xsm::verdict::allowed : domctl::xsm::verdict::denied;
  }
};

using flask_4_5 = domctl::xsm::flask<domctl::xsm::operations_4_5, policy>;
using flask_4_17 = domctl::xsm::flask<domctl::xsm::operations_4_17, policy>;

constinit domctl::in_memory<flask_4_5> old_hypervisor(domctl::hardware_gic::v3);
constinit domctl::in_memory<flask_4_17> hypervisor(domctl::hardware_gic::v3_with_v2);

}  // namespace

extern "C" [[noreturn]] void start();

extern "C" [[noreturn]] void start() {
  for (;;) {
    // A guest's x0.
    output = static_cast<std::uint64_t>(
        hypercall_return(do_domctl(old_hypervisor, domctl::guest_handle<domctl::xen_4_5::xen_domctl>{input})));
    output = static_cast<std::uint64_t>(
        hypercall_return(do_domctl(hypervisor, domctl::guest_handle<domctl::xen_4_17::xen_domctl>{input})));

    domctl::in_process xch(hypervisor);
    domctl::domid id{static_cast<std::uint16_t>(input)};
    domctl::xen_4_17::xen_domctl_createdomain config;
    const domctl::outcome made = xc_domain_create(xch, id, config);
    output = reinterpret_cast<std::uintptr_t>(made.sentence());

    const auto print = [](const char* piece) { output = reinterpret_cast<std::uintptr_t>(piece); };
    domctl::xsm::write_macro(print, domctl::xsm::granted_by::create_domain_common);
  }
}
