// SPDX-License-Identifier: BSL-1.0
/// \file
/// FLASK's classes and permissions for domctls, as one table: the hook reads it, and the policy's text is made from it.
#pragma once

#include <cstdint>
#include <domctl/abi/common.hpp>

namespace domctl::xsm {

/// Classes of Xen's access_vectors that have permissions of domctls.
enum class security_class : std::uint8_t { domain, domain2 };

/// Permissions, those of all classes counted through. Not all that Xen has: what creating, configuring, describing
/// and destroying a domain needs, and the other domain2 permissions of whoever creates domains.
enum class permission : std::uint8_t {
  create,
  destroy,
  getdomaininfo,
  set_cpuid,
  settsc,
  setscheduler,
  setclaim,
  set_max_evtchn,
  set_vnumainfo,
  get_vnumainfo,
  psr_cmt_op,
  configure_domain,
};

/// The macros of Xen's policy (xen.if) that grant a permission.
enum class granted_by : std::uint8_t { create_domain_common = 1, manage_domain = 2, both = 3 };

/// Whether what grants `who` contains the macro `by`.
[[nodiscard]] constexpr bool grants(granted_by who, granted_by by) {
  return (static_cast<std::uint8_t>(who) & static_cast<std::uint8_t>(by)) != 0;
}

/// One permission.
struct permission_row {
  permission what;
  security_class of;
  const char* name;      ///< as the policy writes it
  const char* asked_by;  ///< the operation that asks for it
  granted_by where;
};

/// All permissions, in the order of `permission` (Xen 4.5: access_vectors, xen.if).
inline constexpr permission_row permissions[] = {
    {permission::create, security_class::domain, "create", "XEN_DOMCTL_createdomain", granted_by::create_domain_common},
    {permission::destroy, security_class::domain, "destroy", "XEN_DOMCTL_destroydomain", granted_by::manage_domain},
    {permission::getdomaininfo, security_class::domain, "getdomaininfo", "XEN_DOMCTL_getdomaininfo", granted_by::both},
    {permission::set_cpuid, security_class::domain2, "set_cpuid", "XEN_DOMCTL_set_cpuid",
     granted_by::create_domain_common},
    {permission::settsc, security_class::domain2, "settsc", "XEN_DOMCTL_settscinfo", granted_by::create_domain_common},
    {permission::setscheduler, security_class::domain2, "setscheduler", "XEN_DOMCTL_scheduler_op with putinfo",
     granted_by::create_domain_common},
    {permission::setclaim, security_class::domain2, "setclaim", "XENMEM_claim_pages", granted_by::create_domain_common},
    {permission::set_max_evtchn, security_class::domain2, "set_max_evtchn", "XEN_DOMCTL_set_max_evtchn",
     granted_by::create_domain_common},
    {permission::set_vnumainfo, security_class::domain2, "set_vnumainfo", "XEN_DOMCTL_setvnumainfo",
     granted_by::create_domain_common},
    {permission::get_vnumainfo, security_class::domain2, "get_vnumainfo", "XENMEM_get_vnumainfo",
     granted_by::create_domain_common},
    {permission::psr_cmt_op, security_class::domain2, "psr_cmt_op", "XEN_DOMCTL_psr_cmt_op",
     granted_by::create_domain_common},
    {permission::configure_domain, security_class::domain2, "configure_domain", "XEN_DOMCTL_arm_configure_domain",
     granted_by::create_domain_common},
};

[[nodiscard]] constexpr const permission_row& row_of(permission p) { return permissions[static_cast<std::uint8_t>(p)]; }

/// The class's name, as the policy writes it.
[[nodiscard]] constexpr const char* name_of(security_class c) {
  return c == security_class::domain ? "domain" : "domain2";
}

/// When an operation's permission is asked for.
enum class asked : std::uint8_t {
  at_the_hook,  ///< the target is known when flask_domctl runs
  once_known,   ///< the operation finds or makes the target, and asks then
};

/// One operation: the permission that it asks for, of (caller, target).
struct operation_row {
  command cmd;
  permission needs;
  asked when;
};

/// Operations of Xen 4.5 that the hook knows.
struct operations_4_5 {
  static constexpr operation_row rows[] = {
      {command::createdomain, permission::create, asked::once_known},
      {command::destroydomain, permission::destroy, asked::at_the_hook},
      {command::getdomaininfo, permission::getdomaininfo, asked::once_known},
      {command::arm_configure_domain, permission::configure_domain, asked::at_the_hook},
  };
};

/// Operations of Xen 4.17 that the hook knows.
struct operations_4_17 {
  static constexpr operation_row rows[] = {
      {command::createdomain, permission::create, asked::once_known},
      {command::destroydomain, permission::destroy, asked::at_the_hook},
      {command::getdomaininfo, permission::getdomaininfo, asked::once_known},
  };
};

namespace detail {
[[nodiscard]] constexpr bool permissions_in_order() {
  std::uint8_t at = 0;
  for (const auto& row : permissions) {
    if (static_cast<std::uint8_t>(row.what) != at++) return false;
  }
  return true;
}
static_assert(permissions_in_order(), "permissions: a row is not where its number says");
}  // namespace detail

}  // namespace domctl::xsm
