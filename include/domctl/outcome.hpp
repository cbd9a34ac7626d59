// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the toolstack's calls come back with: an error number, and a sentence that says what it means for that call.
#pragma once

#include <cstdint>
#include <domctl/error.hpp>

namespace domctl {

/// The calls of the toolstack's side.
enum class request : std::uint8_t { open_privcmd, arm_configure_domain, createdomain, destroydomain, getdomaininfo };

namespace detail {

struct sentence_row {
  request of;
  error code;
  const char* text;
};

inline constexpr sentence_row sentences[] = {
    {request::open_privcmd, error::none, "privcmd is open"},
    {request::open_privcmd, error::enoent,
     "there is neither /dev/xen/privcmd nor /proc/xen/privcmd: Linux does not run on Xen (ENOENT, 2)"},
    {request::open_privcmd, error::eperm, "this program may not open privcmd: it needs root (EPERM, 1)"},
    {request::open_privcmd, error::eacces, "this program may not open privcmd: it needs root (EACCES, 13)"},
    {request::open_privcmd, error::enxio, "privcmd has no driver behind it: Linux does not run on Xen (ENXIO, 6)"},
    {request::open_privcmd, error::enodev, "privcmd has no driver behind it: Linux does not run on Xen (ENODEV, 19)"},
    {request::open_privcmd, error::enomem,
     "no memory for the page that hypercalls take their argument from (ENOMEM, 12)"},
    {request::open_privcmd, error::eagain,
     "the page that hypercalls take their argument from cannot be locked: RLIMIT_MEMLOCK is reached (EAGAIN, 11)"},
    {request::open_privcmd, error::emfile, "this program has too many files open (EMFILE, 24)"},

    {request::arm_configure_domain, error::none, "the hypervisor has told the domain's GIC version"},
    {request::arm_configure_domain, error::eacces, "the hypervisor's interface version is not 0xa (EACCES, 13)"},
    {request::arm_configure_domain, error::esrch, "there is no such domain (ESRCH, 3)"},
    {request::arm_configure_domain, error::eperm, "this caller may not configure that domain (EPERM, 1)"},
    {request::arm_configure_domain, error::eopnotsupp,
     "a GIC version may not be chosen, only asked for with DEFAULT (EOPNOTSUPP, 95)"},

    {request::createdomain, error::none, "the domain is created"},
    {request::createdomain, error::eacces, "the hypervisor's interface version is not 0x15 (EACCES, 13)"},
    {request::createdomain, error::eperm, "this caller may not create such a domain (EPERM, 1)"},
    {request::createdomain, error::eexist, "there is a domain with that identifier already (EEXIST, 17)"},
    {request::createdomain, error::einval,
     "the hypervisor takes no domain with these flags, GIC version, number of vCPUs or SPIs, TEE or grant limits "
     "(EINVAL, 22)"},
    {request::createdomain, error::enodev,
     "the hardware cannot give the domain that GIC version, or the CPU pool has no CPUs (ENODEV, 19)"},
    {request::createdomain, error::enomem, "the hypervisor has no memory or no free identifier left (ENOMEM, 12)"},
    {request::createdomain, error::ebusy, "the hypervisor has no VMID left (EBUSY, 16)"},
    {request::createdomain, error::esrch, "there is no such CPU pool (ESRCH, 3)"},

    {request::destroydomain, error::none, "the domain is destroyed"},
    {request::destroydomain, error::eacces, "the hypervisor's interface version is not 0x15 (EACCES, 13)"},
    {request::destroydomain, error::esrch, "there is no such domain (ESRCH, 3)"},
    {request::destroydomain, error::eperm, "this caller may not destroy that domain (EPERM, 1)"},
    {request::destroydomain, error::einval, "a domain cannot destroy itself (EINVAL, 22)"},

    {request::getdomaininfo, error::none, "the hypervisor has described the domain"},
    {request::getdomaininfo, error::eacces, "the hypervisor's interface version is not 0x15 (EACCES, 13)"},
    {request::getdomaininfo, error::esrch, "there is no such domain (ESRCH, 3)"},
    {request::getdomaininfo, error::eperm, "this caller may not have that domain described (EPERM, 1)"},
    {request::getdomaininfo, error::einval, "no domain can have that identifier: it is 0x7ff0 or above (EINVAL, 22)"},
};

/// Where the meaning is the same for all calls.
inline constexpr sentence_row common_sentences[] = {
    {{}, error::none, "done"},
    {{}, error::eperm, "not permitted (EPERM, 1)"},
    {{}, error::enoent, "there is no such file (ENOENT, 2)"},
    {{}, error::esrch, "there is no such domain (ESRCH, 3)"},
    {{}, error::eio, "input or output failed (EIO, 5)"},
    {{}, error::enxio, "there is no such device (ENXIO, 6)"},
    {{}, error::ebadf, "privcmd is not open (EBADF, 9)"},
    {{}, error::eagain, "try again (EAGAIN, 11)"},
    {{}, error::enomem, "no memory is left (ENOMEM, 12)"},
    {{}, error::eacces, "access denied, or another interface version (EACCES, 13)"},
    {{},
     error::efault,
     "the hypervisor could not read or write the call's argument in the caller's memory (EFAULT, 14)"},
    {{}, error::ebusy, "what is needed is in use (EBUSY, 16)"},
    {{}, error::eexist, "it exists already (EEXIST, 17)"},
    {{}, error::enodev, "there is no such device (ENODEV, 19)"},
    {{}, error::einval, "a value is out of its range (EINVAL, 22)"},
    {{}, error::emfile, "too many files are open (EMFILE, 24)"},
    {{}, error::enotty, "the file that was opened is not Xen's privcmd (ENOTTY, 25)"},
    {{}, error::enosys, "the hypervisor has no such operation (ENOSYS, 38)"},
    {{}, error::eopnotsupp, "the hypervisor does not support that (EOPNOTSUPP, 95)"},
};

}  // namespace detail

/// What `e` means, whatever the call was. Errors without a name in `error` have one sentence together: print the
/// number beside it.
[[nodiscard]] constexpr const char* sentence(error e) {
  for (const auto& row : detail::common_sentences) {
    if (row.code == e) return row.text;
  }
  return "an error that this program does not know by name";
}

/// What `e` means as the answer to `what`.
[[nodiscard]] constexpr const char* sentence(request what, error e) {
  for (const auto& row : detail::sentences) {
    if (row.of == what && row.code == e) return row.text;
  }
  return sentence(e);
}

/// Outcome of a call of the toolstack.
struct [[nodiscard]] outcome {
  request what;
  error code;

  [[nodiscard]] constexpr bool ok() const { return code == error::none; }
  /// What happened, with the error's name and number if it is one. No full stop.
  [[nodiscard]] constexpr const char* sentence() const { return domctl::sentence(what, code); }
};

}  // namespace domctl
