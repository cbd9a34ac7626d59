// SPDX-License-Identifier: BSL-1.0
/// \file
/// The hypervisor that vgic-domain talks to: the library's own handlers on a model, and each call printed.
#pragma once

#include <domctl/describe.hpp>
#include <domctl/in_process.hpp>
#include <domctl/model.hpp>

#include <cstdio>

namespace toolstack {

/// Prints as libxl does.
struct stderr_log {
  void debug(const char* line) { std::fprintf(stderr, "libxl: debug: %s\n", line); }
  void error(const char* line) { std::fprintf(stderr, "libxl: error: %s\n", line); }
};

using host = domctl::in_memory<>;

/// In process, and prints what was asked and answered: the hypervisor's log.
class traced {
 public:
  explicit traced(host& h) : way_(h) {}

  domctl::error domctl(domctl::xen_4_5::xen_domctl& op) {
    const domctl::config_gic asked = op.u.configuredomain.gic_version;
    const domctl::error e = way_.domctl(op);
    print("arm_configure_domain", op.cmd, asked, op.u.configuredomain.gic_version, e);
    return e;
  }
  domctl::error domctl(domctl::xen_4_17::xen_domctl& op) {
    const domctl::config_gic asked = op.u.createdomain.arch.gic_version;
    const domctl::error e = way_.domctl(op);
    print("createdomain", op.cmd, asked, op.u.createdomain.arch.gic_version, e);
    return e;
  }

 private:
  static void print(const char* name, domctl::command cmd, domctl::config_gic asked, domctl::config_gic answered,
                    domctl::error e) {
    std::fprintf(stderr, "hypervisor: XEN_DOMCTL_%s (%u), gic_version %u: ", name, unsigned{raw(cmd)},
                 unsigned{raw(asked)});
    if (e == domctl::error::none) {
      std::fprintf(stderr, "0, gic_version %u\n", unsigned{raw(answered)});
    } else {
      std::fprintf(stderr, "-%d\n", raw(e));
    }
  }

  domctl::in_process<host> way_;
};

}  // namespace toolstack
