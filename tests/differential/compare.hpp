// SPDX-License-Identifier: BSL-1.0
/// \file
/// Plays histories on both sides and compares, and makes a history that shows a fault short.
#pragma once

#include "machine.hpp"
#include "qemu.hpp"

#include <functional>
#include <optional>

namespace differential {

/// Where a history showed something unexplained.
struct finding {
  std::size_t step;
  request access;  ///< with the library's answer
  u64 theirs = 0;
  std::string failure;  ///< not an answer: QEMU or the library gave up, with these words
};

/// What was done so far.
struct tally {
  u64 requests = 0;  ///< made of both: reads, writes, lines
  u64 reads = 0;
  u64 lines = 0;
  u64 taken = 0;  ///< interrupts that were acknowledged
  u64 histories = 0;
  row_counts rows = no_rows();

  tally& operator+=(const tally& o);
};

class comparison {
 public:
  explicit comparison(const setup& s) : setup_(s), ours_(make_machine(s)), theirs_(std::in_place, s) {}

  [[nodiscard]] const setup& machine() const { return setup_; }
  [[nodiscard]] const qemu& other() const { return *theirs_; }

  /// From reset; the first read that differs without a reason.
  [[nodiscard]] std::optional<finding> play(const history& h, tally& t);

  /// A short history that shows a fault, from one that does; `progress` is told how long it is.
  [[nodiscard]] history shrink(history h, const std::function<void(std::size_t)>& progress);

 private:
  [[nodiscard]] bool fails(const history& h);
  void leave_out_parts(history& h, std::size_t largest, const std::function<void(std::size_t)>& progress);
  void simplify_values(history& h);
  /// QEMU anew if it is gone.
  void revive();

  setup setup_;
  std::unique_ptr<subject> ours_;
  std::optional<qemu> theirs_;
};

}  // namespace differential
