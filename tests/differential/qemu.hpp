// SPDX-License-Identifier: BSL-1.0
/// \file
/// A QEMU whose CPUs stand still, and whose interrupt controller is read and written over its qtest socket.
#pragma once

#include "operation.hpp"

#include <stdexcept>

namespace differential {

/// QEMU ended, or said something that is no answer.
struct qemu_failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One process of qemu-system-aarch64: `-machine virt`, stopped.
class qemu {
 public:
  explicit qemu(const setup& s);
  ~qemu();
  qemu(const qemu&) = delete;
  qemu& operator=(const qemu&) = delete;

  /// The machine as after power-on (GICv3: and its redistributors awake).
  void reset();

  /// Makes the requests, as many at a time as the socket holds; the answers of the reads, in order.
  [[nodiscard]] std::vector<u64> play(const std::vector<request>& requests);

  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  void start();
  void stop() noexcept;
  void find_controller();
  /// A command of the machine protocol; its answer, one line.
  std::string command(const std::string& text);
  std::string monitor_line();
  void append(std::string& to, const request& r) const;

  setup setup_;
  int qtest_ = -1;
  int monitor_ = -1;
  int process_ = -1;
  bool was_reset_ = false;
  std::string from_qtest_;
  std::string from_monitor_;
  std::string controller_;
  std::string version_;
};

}  // namespace differential
