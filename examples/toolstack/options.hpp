// SPDX-License-Identifier: BSL-1.0
/// \file
/// What vgic-domain is asked for on its command line.
#pragma once

#include <domctl/abi/common.hpp>
#include <domctl/environment.hpp>
#include <layout/layout.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace toolstack {

enum class abi { xen_4_5, xen_4_17 };

/// A list of devices: what Xen gives a domain, or what the machine has.
struct device_list {
  bool hypervisor = false;   ///< Xen's node: grant table and event channels
  bool sbsa_uart = false;    ///< the UART that Xen emulates
  std::uint32_t virtio = 0;  ///< virtio-mmio transports of Xen's layout
  bool machine = false;      ///< the devices of QEMU's virt machine, passed through
};

struct options {
  std::string layout;
  toolstack::abi abi;
  domctl::config_gic gic;
  domctl::hardware_gic hardware;
  std::uint32_t vcpus;
  std::uint64_t memory;  ///< bytes
  std::string bootargs;
  layout::range initrd;  ///< size 0: none
  device_list devices;
  std::string dtb;   ///< a file's name; empty: none
  std::string madt;  ///< a file's name; empty: none
};

/// The caller's mistake, in one sentence that says what to do.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

extern const char* const usage;

/// \throws usage_error
[[nodiscard]] options parse(int argc, char** argv);

}  // namespace toolstack
