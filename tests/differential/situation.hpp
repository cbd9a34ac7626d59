// SPDX-License-Identifier: BSL-1.0
/// \file
/// What may be asked of the library's side, to tell whether a step would lead where both sides differ on purpose.
#pragma once

#include "operation.hpp"

#include <vgic/words.hpp>

namespace differential {

/// An interrupt that a guest acknowledged, until it has ended and deactivated it.
struct taken {
  u32 id;
  u32 name;  ///< what IAR read: on GICv2 with the source CPU
  vgic::group in;
  bool dropped = false;  ///< its priority; it is to be deactivated still
  bool stale = false;    ///< was ended by ICACTIVER and acknowledged anew
};

class situation {
 public:
  [[nodiscard]] virtual const setup& machine_of() const = 0;
  /// Planes of bank `w`; bank 0 is that of vCPU `v`.
  [[nodiscard]] virtual vgic::planes planes_of(u32 v, u32 w) const = 0;
  [[nodiscard]] virtual u32 priority_of(u32 v, u32 id) const = 0;
  /// Groups that the distributor forwards: a bit each.
  [[nodiscard]] virtual u32 gates() const = 0;
  /// GICC_CTLR of vCPU `v`; on a GICv3 its two lowest bits only.
  [[nodiscard]] virtual u32 interface_control(u32 v) const = 0;
  [[nodiscard]] virtual bool is_active_in_list_register(u32 v, u32 id) const = 0;
  /// GICv2: what HPPIR is about; 1023 if nothing is.
  [[nodiscard]] virtual u32 highest(u32 v) const = 0;
  /// GICv2: is the most urgent pending interrupt's priority higher than the one that runs, but not its group priority?
  [[nodiscard]] virtual bool only_sub_priority_is_higher(u32 v) const = 0;
  [[nodiscard]] virtual bool list_registers_are_active(u32 v) const = 0;
  /// What `v` acknowledged, the last one last.
  [[nodiscard]] virtual const std::vector<taken>& taken_by(u32 v) const = 0;

  /// Groups that `v` has on at its CPU interface.
  [[nodiscard]] u32 groups_on(u32 v) const { return interface_control(v) & 3; }

 protected:
  ~situation() = default;
};

}  // namespace differential
