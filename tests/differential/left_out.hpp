// SPDX-License-Identifier: BSL-1.0
/// \file
/// Steps after which both sides would differ on purpose, or which would end QEMU: what the rows of `differences` that
/// leave steps out ask.
#pragma once

#include "situation.hpp"

namespace differential::left_out {

[[nodiscard]] bool disturbs_by_width(const operation& op, const situation& now);
[[nodiscard]] bool writes_in_pieces(const operation& op, const situation& now);
[[nodiscard]] bool targets_nobody(const operation& op, const situation& now);
[[nodiscard]] bool sends_from_others(const operation& op, const situation& now);
[[nodiscard]] bool uses_reserved_filter(const operation& op, const situation& now);
[[nodiscard]] bool group_is_off(const operation& op, const situation& now);
[[nodiscard]] bool equals_are_ordered_otherwise(const operation& op, const situation& now);
[[nodiscard]] bool no_list_register_is_left(const operation& op, const situation& now);
[[nodiscard]] bool moves_group_of_active(const operation& op, const situation& now);
[[nodiscard]] bool activates_taken_spi(const operation& op, const situation& now);
[[nodiscard]] bool preempts_by_sub_priority(const operation& op, const situation& now);
[[nodiscard]] bool ends_another(const operation& op, const situation& now);
[[nodiscard]] bool enables_lpis(const operation& op, const situation& now);

}  // namespace differential::left_out
