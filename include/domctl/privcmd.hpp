// SPDX-License-Identifier: BSL-1.0
/// \file
/// Linux: hypercalls by /dev/xen/privcmd, from a root program in the control domain. Needs a hosted libc, no more.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <domctl/abi/common.hpp>
#include <domctl/outcome.hpp>

namespace domctl {

/// struct privcmd_hypercall of Linux' xen/privcmd.h: any hypercall.
struct privcmd_hypercall {
  std::uint64_t op;
  std::uint64_t arg[5];
};
static_assert(sizeof(privcmd_hypercall) == 48 && alignof(privcmd_hypercall) == 8);
static_assert(offsetof(privcmd_hypercall, op) == 0 && offsetof(privcmd_hypercall, arg) == 8);

/// IOCTL_PRIVCMD_HYPERCALL of Linux' xen/privcmd.h.
inline constexpr unsigned long ioctl_privcmd_hypercall = _IOC(_IOC_NONE, 'P', 0, sizeof(privcmd_hypercall));
static_assert(ioctl_privcmd_hypercall == 0x00305000);

/// An open privcmd, with the page that arguments are in during a call: Xen walks the caller's page tables itself, so
/// the page is locked, touched, and not copied by fork.
class privcmd {
 public:
  struct opened;

  /// Opens /dev/xen/privcmd, or /proc/xen/privcmd where the former does not exist.
  static opened open();
  /// Opens that file.
  static opened open(const char* path);

  privcmd(privcmd&& other) noexcept : file_(other.file_), page_(other.page_), bytes_(other.bytes_) {
    other.file_ = -1;
    other.page_ = nullptr;
  }
  privcmd& operator=(privcmd&& other) noexcept {
    if (this != &other) {
      close();
      file_ = other.file_;
      page_ = other.page_;
      bytes_ = other.bytes_;
      other.file_ = -1;
      other.page_ = nullptr;
    }
    return *this;
  }
  privcmd(const privcmd&) = delete;
  privcmd& operator=(const privcmd&) = delete;
  ~privcmd() { close(); }

  /// The domctl hypercall, for the struct xen_domctl of any ABI. `op` has the hypervisor's answer after success and is
  /// untouched after failure. Not for two threads at once: there is one page.
  template <class Op>
  error domctl(Op& op) {
    static_assert(__is_trivially_copyable(Op) && sizeof(Op) <= 4096, "privcmd: the argument must fit into one page");
    if (page_ == nullptr) return error::ebadf;
    __builtin_memcpy(page_, &op, sizeof(Op));
    privcmd_hypercall call{hypercall_domctl, {reinterpret_cast<std::uintptr_t>(page_), 0, 0, 0, 0}};
    if (ioctl(file_, ioctl_privcmd_hypercall, &call) < 0) return last_error();
    __builtin_memcpy(&op, page_, sizeof(Op));
    return error::none;
  }

 private:
  privcmd() = default;

  static error last_error() { return error{errno}; }

  error open_file(const char* path) {
    file_ = ::open(path, O_RDWR | O_CLOEXEC);
    return file_ >= 0 ? error::none : last_error();
  }

  error map_page() {
    const long bytes = sysconf(_SC_PAGESIZE);
    if (bytes <= 0) return error::einval;
    bytes_ = static_cast<std::size_t>(bytes);
    void* const page = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    if (page == MAP_FAILED) return last_error();
    page_ = page;
    if (mlock(page_, bytes_) != 0) return last_error();  // MAP_LOCKED alone may fail without a word
    if (madvise(page_, bytes_, MADV_DONTFORK) != 0) return last_error();
    __builtin_memset(page_, 0, bytes_);
    return error::none;
  }

  void close() {
    if (page_ != nullptr) munmap(page_, bytes_);
    if (file_ >= 0) ::close(file_);
    page_ = nullptr;
    file_ = -1;
  }

  int file_ = -1;
  void* page_ = nullptr;
  std::size_t bytes_ = 0;
};

/// What opening came to. If `result` is not ok, the transport answers every call with -EBADF, as one that was moved
/// from.
struct privcmd::opened {
  privcmd transport;
  outcome result;
};

inline privcmd::opened privcmd::open(const char* path) {
  opened made{privcmd(), {request::open_privcmd, error::none}};
  made.result.code = made.transport.open_file(path);
  if (made.result.ok()) made.result.code = made.transport.map_page();
  if (!made.result.ok()) made.transport.close();
  return made;
}

inline privcmd::opened privcmd::open() {
  opened made = open("/dev/xen/privcmd");
  const error e = made.result.code;
  if (e == error::enoent || e == error::enxio || e == error::enodev) return open("/proc/xen/privcmd");
  return made;
}

}  // namespace domctl
