// SPDX-License-Identifier: BSL-1.0
/// \file
/// Rules about the size of the machine and of the frames that every GIC has.
#pragma once

#include <layout/rules/frames.hpp>

namespace layout::check {

/// 1..8 vCPUs on a GICv2, 1..512 on a GICv3.
[[nodiscard]] constexpr verdict vcpu_count(gic_version v, std::uint64_t vcpus) {
  if (vcpus >= 1 && vcpus <= most_vcpus(v)) return {};
  return {.broken = rule::vcpu_count, .found = vcpus, .wanted = vcpus == 0 ? 1 : most_vcpus(v)};
}

/// A multiple of 32 from 32 to 960, or 988: GICD_TYPER.ITLinesNumber counts banks of 32, and the last ends at INTID
/// 1019.
[[nodiscard]] constexpr verdict spi_count(std::uint64_t spis) {
  if (spis == all_spis || (spis != 0 && spis % spis_a_bank == 0 && spis <= most_spis_in_banks)) return {};
  return {.broken = rule::spi_count,
          .found = spis,
          .wanted = spis > all_spis             ? all_spis
                    : spis > most_spis_in_banks ? most_spis_in_banks
                    : spis < spis_a_bank        ? spis_a_bank
                                                : spis / spis_a_bank * spis_a_bank};
}

/// What stage 2 can translate.
[[nodiscard]] constexpr verdict guest_physical_bits(unsigned bits) {
  if (bits >= fewest_guest_physical_bits && bits <= most_guest_physical_bits) return {};
  return {.broken = rule::guest_physical_bits,
          .found = bits,
          .wanted = bits < fewest_guest_physical_bits ? fewest_guest_physical_bits : most_guest_physical_bits};
}

/// The distributor holds all of its registers.
template <frames_like F>
[[nodiscard]] constexpr verdict distributor_size(const F& f) {
  constexpr std::uint64_t least = least_distributor(detail::version_of<F>);
  if (f.distributor.size >= least) return {};
  return {
      .broken = rule::distributor_size, .found = f.distributor.size, .wanted = least, .first = detail::frame_at(f, 0)};
}

/// The CPU interface reaches up to GICC_DIR; Xen 4.5's does not, which is an exception by name.
template <gicv2_like F>
[[nodiscard]] constexpr verdict cpu_interface_size(const F& f, exceptions claimed = exceptions::none) {
  if (f.cpu_interface.size >= least_cpu_interface) return {};
  if (claimed == exceptions::xen_abi && f.cpu_interface == xen_abi::cpu_interface) return {};
  return {.broken = rule::cpu_interface_size,
          .found = f.cpu_interface.size,
          .wanted = least_cpu_interface,
          .first = detail::frame_at(f, 1)};
}

}  // namespace layout::check
