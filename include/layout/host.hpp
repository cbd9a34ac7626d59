// SPDX-License-Identifier: BSL-1.0
/// \file
/// The layout of the hardware domain: the machine's own frames, which are known when the hypervisor has read the
/// machine's device tree or ACPI tables, behind the interface of the layouts of constants. As in Xen's gicv_v3_init,
/// the hardware domain gets these and every other domain the layout that was compiled in.
#pragma once

#include <layout/rules.hpp>

namespace layout {

/// Frames of a GICv3 with up to `MostRegions` redistributor regions; members as in gicv3_frames.
template <std::size_t MostRegions>
struct gicv3_machine_frames {
  range distributor{};
  std::uint64_t stride = 0;
  std::uint32_t regions = 0;  ///< how many of `redistributors` there are
  range redistributors[MostRegions]{};

  [[nodiscard]] constexpr std::uint64_t capacity(std::size_t r) const { return redistributors[r].size / stride; }
  [[nodiscard]] constexpr std::uint64_t capacity() const {
    std::uint64_t sum = 0;
    for (std::size_t r = 0; r < regions; ++r) sum += capacity(r);
    return sum;
  }
};

/// The machine's frames. One machine, so the values belong to the type: `set` them once, at boot, before `start()` of a
/// GIC with this layout. `Tag` tells layouts apart where a test has several machines.
template <std::size_t MostRegions = 32, class Tag = void>
struct host {
  static constexpr const char* name = "host";
  static constexpr bool at_run_time = true;
  static constexpr unsigned guest_physical_bits = most_guest_physical_bits;
  static constexpr std::size_t most_redistributor_regions = MostRegions;

  static inline constinit gicv2_frames v2{};
  static inline constinit gicv3_machine_frames<MostRegions> v3{};

  /// The machine has a GICv2. Keeps its frames if they keep all rules; else says which is broken first, and by what.
  [[nodiscard]] static constexpr verdict set(const gicv2_frames& machine, std::uint64_t vcpus) {
    const verdict v = examine(machine, vcpus, surroundings_of<host>());
    if (v.kept()) v2 = machine;
    return v;
  }

  /// The same of a GICv3 with `count` redistributor regions. A stride of 0 stands for two frames a redistributor, as in
  /// the device tree's binding.
  [[nodiscard]] static constexpr verdict set(range distributor, std::uint64_t stride, const range* redistributors,
                                             std::size_t count, std::uint64_t vcpus) {
    if (count > MostRegions) return {.broken = rule::redistributor_regions, .found = count, .wanted = MostRegions};
    gicv3_machine_frames<MostRegions> machine;
    machine.distributor = distributor;
    machine.stride = stride == 0 ? least_redistributor_stride : stride;
    machine.regions = static_cast<std::uint32_t>(count);
    for (std::size_t r = 0; r < count; ++r) machine.redistributors[r] = redistributors[r];
    const verdict v = examine(machine, vcpus, surroundings_of<host>());
    if (v.kept()) v3 = machine;
    return v;
  }
};

/// What a hypervisor keeps of a domain's GICv3 (Xen's dbase, dbase_size, rdist_stride, rdist_count, rbase[],
/// rbase_size[]); members as in gicv3_frames. `redistributors` belongs to the layout.
struct gicv3_view {
  range distributor;
  std::uint64_t stride;
  std::uint32_t regions;
  const range* redistributors;
};

enum class domain_kind : std::uint8_t { hardware, guest };

/// The frames that a domain sees: the machine's for the hardware domain, `Guest`'s for every other.
template <has_gicv3 Guest, has_gicv3 Host>
[[nodiscard]] constexpr gicv3_view gicv3_seen_by(domain_kind kind) {
  const auto view = [](const auto& frames) {
    return gicv3_view{frames.distributor, frames.stride, static_cast<std::uint32_t>(frames.regions),
                      frames.redistributors};
  };
  return kind == domain_kind::hardware ? view(Host::v3) : view(Guest::v3);
}

}  // namespace layout
