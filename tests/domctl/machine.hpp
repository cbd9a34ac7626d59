// SPDX-License-Identifier: BSL-1.0
/// \file
/// The model hypervisor with a caller's memory that can fail, and how the suite's tests talk to it.
#pragma once

#include <cstring>
#include <domctl/in_process.hpp>
#include <domctl/model.hpp>
#include <domctl/toolstack.hpp>
#include <domctl/xsm/flask.hpp>

#include "catch.hpp"

namespace Catch {
template <>
struct StringMaker<domctl::error> {
  static std::string convert(domctl::error e) { return domctl::sentence(e); }
};
}  // namespace Catch

namespace domctl_tests {

using namespace domctl;

/// A security policy that allows one thing, of one caller on one target.
struct one_rule {
  xsm::ssid caller{};
  xsm::ssid target{};
  xsm::permission what = xsm::permission::create;

  [[nodiscard]] xsm::verdict allowed(xsm::ssid from, xsm::ssid to, xsm::security_class of, xsm::permission p) const {
    const bool same = from == caller && to == target && p == what && of == xsm::row_of(what).of;
    return same ? xsm::verdict::allowed : xsm::verdict::denied;
  }
};

/// `in_memory`, whose caller's memory may be unreadable or unwritable.
template <class Access = xsm::privileged_only>
struct machine : in_memory<Access> {
  using in_memory<Access>::in_memory;

  copied reading = copied::all;
  copied writing = copied::all;
  int written = 0;

  template <class Op>
  copied copy_from_caller(Op& op, guest_handle<Op> where) const {
    return reading == copied::all ? in_memory<Access>::copy_from_caller(op, where) : copied::fault;
  }
  template <class Op>
  copied copy_to_caller(guest_handle<Op> where, const Op& op) {
    if (writing != copied::all) return copied::fault;
    ++written;
    return in_memory<Access>::copy_to_caller(where, op);
  }
};

/// A domain that is no control domain, as who calls.
inline constexpr xsm::party somebody{domid{5}, xsm::ssid{50}, xsm::role::other};

/// The hypercall. If it fails nothing may have changed: no domain, and nothing in the caller's memory.
template <class Machine, class Op>
error call(Machine& host, Op& op) {
  const auto state_before = host.now();
  const Op op_before = op;
  const int written_before = host.written;
  const error e = do_domctl(host, guest_handle<Op>{reinterpret_cast<std::uintptr_t>(&op)});
  if (e != error::none) {
    CHECK((host.now() == state_before));
    CHECK(std::memcmp(&op, &op_before, sizeof op) == 0);
    CHECK(host.written == written_before);
  }
  return e;
}

}  // namespace domctl_tests
