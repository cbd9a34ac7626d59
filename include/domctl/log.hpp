// SPDX-License-Identifier: BSL-1.0
/// \file
/// The log policy of the toolstack's side, and the lines that it gets about a layout's rules.
#pragma once

#include <domctl/text.hpp>
#include <layout/rules/verdict.hpp>

#include <cstdint>

namespace domctl {

/// Takes whole lines without their end, as libxl's LOG(DEBUG, ...) and LOG(ERROR, ...). The text is gone afterwards.
template <class L>
concept log_policy = requires(L& log, const char* line) {
  log.debug(line);
  log.error(line);
};

/// A line of a log: cut off where it gets longer.
using log_line = text<240>;

/// One sentence on the rule that `v` found broken, with its name and the numbers in conflict.
/// \param name  the layout's
[[nodiscard]] constexpr log_line sentence(const char* name, const layout::verdict& v) {
  log_line line{"layout "};
  line.add(name);
  switch (v.broken) {
    case layout::rule::vcpu_count:
      line.add(v.wanted == 1 ? ": a domain has 1 vCPU at least, not " : ": its GIC has CPU interfaces for ");
      if (v.wanted != 1) line.decimal(v.wanted).add(" vCPUs, not for ");
      line.decimal(v.found);
      break;
    case layout::rule::redistributor_capacity:
      line.add(" has room for the redistributors of ").decimal(v.found).add(" vCPUs, not of ").decimal(v.wanted);
      break;
    default:
      line.add(": found ").decimal(v.found).add(", wanted ").decimal(v.wanted);
      if (v.first.what != layout::part::none) line.add(", at 0x").hex(v.first.where.base);
      if (v.second.what != layout::part::none) line.add(" and 0x").hex(v.second.where.base);
      break;
  }
  return line.add(" (rule ").add(layout::name(v.broken)).add(')');
}

}  // namespace domctl
