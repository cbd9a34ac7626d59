// SPDX-License-Identifier: BSL-1.0
/// \file
/// Interrupt specifiers: three cells, as the bindings of GICv2 and GICv3 have them.
#pragma once

#include <domctl/device_tree/writer.hpp>
#include <layout/layout.hpp>

#include <cstddef>
#include <cstdint>

namespace domctl {

/// An interrupt as the GIC counts them: PPIs 16..31, SPIs from 32 on. SGIs are in no device tree.
enum class intid : std::uint32_t {};

/// Third cell, bits 3:0: the two kinds that both bindings know. (Xen's toolstack has level-low, 8, for PPIs, which the
/// binding of GICv3 does not; nobody reads a PPI's polarity.)
enum class trigger : std::uint32_t { edge_rising = 1, level_high = 4 };

/// One interrupt of a device.
struct interrupt {
  intid number;
  trigger how;
};

/// Third cell, bits 15:8: the CPU interfaces that have a PPI. Of GICv2; 0 on GICv3.
class ppi_cpus {
 public:
  constexpr ppi_cpus(layout::gic_version gic, std::uint32_t vcpus)
      : bits_(gic == layout::gic_version::v2 ? (vcpus < 8 ? (1u << vcpus) - 1 : 0xffu) << 8 : 0) {}

  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

 private:
  std::uint32_t bits_;
};

/// The property `interrupts` with `N` specifiers.
template <tree_buffer Buffer, std::size_t N>
void make_interrupts(tree_writer<Buffer>& tree, ppi_cpus cpus, const interrupt (&list)[N]) {
  tree.cells("interrupts", 3 * N, [&](std::size_t i) -> std::uint32_t {
    const interrupt& each = list[i / 3];
    const auto number = static_cast<std::uint32_t>(each.number);
    const bool is_ppi = number < 32;
    switch (i % 3) {
      case 0: return is_ppi ? 1 : 0;
      case 1: return number - (is_ppi ? 16 : 32);
      default: return static_cast<std::uint32_t>(each.how) | (is_ppi ? cpus.bits() : 0);
    }
  });
}

}  // namespace domctl
