// SPDX-License-Identifier: BSL-1.0
/// \file
/// Error numbers as Xen and Linux give them out.
#pragma once

// C's own header, as in abi/.
#include <stdint.h>

namespace domctl {

/// What a domctl, or the way to it, failed with: a number of public/errno.h, which on Arm are those of Linux. A
/// transport may hand on numbers that have no name here.
enum class [[nodiscard]] error : int{
    none = 0,    eperm = 1,   enoent = 2,  esrch = 3,   eio = 5,         enxio = 6,   ebadf = 9,
    eagain = 11, enomem = 12, eacces = 13, efault = 14, ebusy = 16,      eexist = 17, enodev = 19,
    einval = 22, emfile = 24, enotty = 25, enosys = 38, eopnotsupp = 95,
};

/// The positive number, as errno has it.
[[nodiscard]] constexpr int raw(error e) { return static_cast<int>(e); }

/// What the hypercall leaves in x0: 0 or the negative number.
[[nodiscard]] constexpr int64_t hypercall_return(error e) { return -int64_t{raw(e)}; }

}  // namespace domctl
