// SPDX-License-Identifier: BSL-1.0
/// \file
/// The fields of the system registers that trap, and those of all registers together.
#pragma once

#include "fields.hpp"

#include <vector>

namespace conformance {

inline void append_sgi_register(std::vector<field>& all, reg r, const char* groups) {
  const auto add = [&](u8 high, u8 low, const char* name, const char* says) {
    all.push_back({r, in::v3, which::all, high, low, name, kind::wo, "-", zeros, always, says});
  };
  add(15, 0, "TargetList", "vCPUs whose Aff0 is 16 * RS and the bit's number");
  add(23, 16, "Aff1", "with Aff2 and Aff3 the cluster; one that is not there: nobody");
  add(27, 24, "INTID", groups);
  add(39, 32, "Aff2", "");
  add(40, 40, "IRM", "all but the writer");
  add(47, 44, "RS", "range selector");
  add(55, 48, "Aff3", "");
}

/// Every field there is.
[[nodiscard]] inline std::vector<field> all_fields() {
  std::vector<field> all(std::begin(fields), std::end(fields));
  append_sgi_register(all, reg::icc_sgi1r, "reaches the SGI in either group of its target");
  append_sgi_register(all, reg::icc_asgi1r, "reaches the SGI where its target has it in group 0");
  append_sgi_register(all, reg::icc_sgi0r, "reaches the SGI where its target has it in group 0");
  all.push_back({reg::icc_dir, in::v3, which::all, 23, 0, "INTID", kind::wo, "-", zeros, always,
                 "ends that interrupt wherever it is active; for hosts that trap it (ICH_HCR_EL2.TDIR)"});
  return all;
}

}  // namespace conformance
