// SPDX-License-Identifier: BSL-1.0
/// \file
/// A transport straight into a handler of the same program: for tests and examples.
#pragma once

#include <domctl/handler_4_17.hpp>
#include <domctl/handler_4_5.hpp>

namespace domctl {

/// Calls the handler of the structure's ABI on `Environment`, which takes addresses of this program for the caller's.
template <class Environment>
class in_process {
 public:
  /// \param host outlives the transport
  explicit constexpr in_process(Environment& host) : host_(host) {}

  error domctl(xen_4_5::xen_domctl& op) requires xen_4_5::environment<Environment> {
    return xen_4_5::do_domctl(host_, handle(op));
  }
  error domctl(xen_4_17::xen_domctl& op) requires xen_4_17::environment<Environment> {
    return xen_4_17::do_domctl(host_, handle(op));
  }

 private:
  template <class Op>
  static guest_handle<Op> handle(Op& op) {
    return {reinterpret_cast<std::uintptr_t>(&op)};
  }

  Environment& host_;
};

}  // namespace domctl
