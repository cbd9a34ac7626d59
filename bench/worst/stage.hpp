// SPDX-License-Identifier: BSL-1.0
/// \file
/// A VM on which steps are played, whatever its configuration and however its calls are counted.
#pragma once

#include <bench/worst/target.hpp>
#include <vgic/registers/map.hpp>

#include <memory>
#include <string>
#include <vector>

namespace bench::worst {

/// Registers of one frame, as the register map has them.
struct registers {
  frame where;
  u32 base;  ///< of the map in the frame: 0x1'0000 for the SGI frame of a redistributor
  vgic::row row;
};

class stage {
 public:
  virtual ~stage() = default;
  [[nodiscard]] virtual const char* name() const = 0;
  [[nodiscard]] virtual u32 version() const = 0;
  [[nodiscard]] virtual u32 vcpus() const = 0;
  [[nodiscard]] virtual u32 spis() const = 0;
  [[nodiscard]] virtual std::vector<registers> all_registers() const = 0;

  /// What call `j` of a step is, or that no trap comes of it.
  [[nodiscard]] virtual std::optional<target> call_of(const step& s, u32 j) const = 0;

  /// A new VM: every vCPU is on and in the guest with its groups on, all else is at reset.
  virtual void begin() = 0;
  /// Plays call `j` of vCPU `i` of a step; only the given parts are counted.
  virtual spent play(const step& s, u32 i, u32 j, u32 counted_parts) = 0;
};

/// The configurations: of each version one with few list registers and one with as many as there can be.
using stages = std::vector<std::unique_ptr<stage>>;

}  // namespace bench::worst
