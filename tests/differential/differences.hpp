// SPDX-License-Identifier: BSL-1.0
/// \file
/// The deliberate differences between QEMU's interrupt controllers and the library: one row each. A read that differs
/// otherwise is a fault of one of them.
#pragma once

#include "situation.hpp"

#include <span>

namespace differential {

/// A read that was answered by both.
struct observation {
  const setup& machine;
  const request& access;  ///< with the library's answer
  u64 theirs;             ///< QEMU's
};

struct difference {
  u32 version;  ///< 2, 3, or 0 for both
  const char* where;
  const char* why;  ///< the architecture's words behind it, or docs/behaviour.md where it is the library's choice
  /// Bits of the answers that differ for this reason; the row has verified what they are.
  u64 (*bits)(const observation&) = nullptr;
  /// Would this step make the two differ from here on? It is left out on both sides then.
  bool (*avoided)(const operation&, const situation&) = nullptr;

  [[nodiscard]] bool applies_to(u32 v) const { return version == 0 || version == v; }
};

[[nodiscard]] std::span<const difference> differences();

/// How often each row was needed.
using row_counts = std::vector<u64>;
[[nodiscard]] inline row_counts no_rows() { return row_counts(differences().size()); }

/// Is the difference between the answers deliberate? Counts the rows that say so.
[[nodiscard]] bool explained(const observation& o, row_counts& counts);

/// The row that says why this step is not played, or `played::no_row`.
[[nodiscard]] int avoided(const operation& op, const situation& now);

}  // namespace differential
