// SPDX-License-Identifier: BSL-1.0
/// \file
/// The rules of a layout, as questions: each by its name, and all of them. <layout/require.hpp> makes demands of them;
/// <layout/rules/examine.hpp> asks the same of values that are known at run time only.
#pragma once

#include <layout/rules/examine.hpp>

#include <cstdint>

namespace layout {

namespace detail {
template <auto>
struct constant;
template <class L>
concept constant_v2 = requires {
  typename constant<(L::v2.distributor.base, L::v2.cpu_interface.base)>;
};
template <class L>
concept constant_v3 = requires {
  typename constant<(L::v3.distributor.base + L::v3.stride + L::v3.redistributors[0].base)>;
};
}  // namespace detail

/// A layout whose values come from the machine at run time says so: `static constexpr bool at_run_time = true`. Then no
/// rule that needs its values is demanded by the compiler; `examine` asks them when the values are there.
template <class L>
concept computed_at_run_time = requires {
  requires L::at_run_time;
};

/// All frames of the layout are constants.
template <class L>
concept known_at_compile_time =
    !computed_at_run_time<L> && (!has_gicv2<L> || detail::constant_v2<L>)&&(!has_gicv3<L> || detail::constant_v3<L>);

namespace detail {
/// The layout has frames for a GIC of version V, and they are constants.
template <class L, gic_version V>
concept has_constants = known_at_compile_time<L> &&
    ((V == gic_version::v2 && has_gicv2<L>) || (V == gic_version::v3 && has_gicv3<L>));
}  // namespace detail

// --- the rules, in the order of `layout::rule`; each is true while the rule is kept ---

template <gic_version V, std::uint64_t Vcpus>
concept vcpu_count = check::vcpu_count(V, Vcpus)
.kept();

template <std::uint64_t Spis>
concept spi_count = check::spi_count(Spis)
.kept();

template <class L>
concept guest_physical_bits = check::guest_physical_bits(surroundings_of<L>().guest_physical_bits)
.kept();

template <class L, gic_version V>
concept xen_abi_address = detail::has_constants<L, V> &&
    check::xen_abi_address(frames_of<L, V>(), surroundings_of<L>().claimed)
.kept();

template <class L, gic_version V>
concept distributor_size = detail::has_constants<L, V> && check::distributor_size(frames_of<L, V>())
.kept();

template <class L>
concept cpu_interface_size = detail::has_constants<L, gic_version::v2> &&
    check::cpu_interface_size(L::v2, surroundings_of<L>().claimed)
.kept();

template <class L>
concept redistributor_regions = detail::has_constants<L, gic_version::v3> &&
    check::redistributor_regions(L::v3, surroundings_of<L>().most_redistributor_regions)
.kept();

template <class L>
concept redistributor_stride_power_of_two = detail::has_constants<L, gic_version::v3> &&
    check::redistributor_stride_power_of_two(L::v3)
.kept();

template <class L>
concept redistributor_stride_covers_frames = detail::has_constants<L, gic_version::v3> &&
    check::redistributor_stride_covers_frames(L::v3)
.kept();

template <class L>
concept redistributor_region_whole = detail::has_constants<L, gic_version::v3> &&
    check::redistributor_region_whole(L::v3)
.kept();

template <class L, std::uint64_t Vcpus>
concept redistributor_capacity = detail::has_constants<L, gic_version::v3> &&
    check::redistributor_capacity(L::v3, Vcpus)
.kept();

template <class L, gic_version V>
concept frame_alignment = detail::has_constants<L, V> &&
    check::frame_alignment(frames_of<L, V>(), surroundings_of<L>().claimed)
.kept();

template <class L, gic_version V>
concept frame_in_guest_range = detail::has_constants<L, V> &&
    check::frame_in_guest_range(frames_of<L, V>(), surroundings_of<L>().guest_physical_bits)
.kept();

template <class L, gic_version V>
concept frames_disjoint = detail::has_constants<L, V> && check::frames_disjoint(frames_of<L, V>())
.kept();

template <class L, gic_version V>
concept frames_clear_of_neighbours = detail::has_constants<L, V> &&
    check::frames_clear_of_neighbours(frames_of<L, V>(), surroundings_of<L>())
.kept();

template <class L>
concept neighbour_in_guest_range = check::neighbour_in_guest_range(surroundings_of<L>())
.kept();

template <class L>
concept neighbours_disjoint = check::neighbours_disjoint(surroundings_of<L>())
.kept();

/// All rules are kept by layout `L` as a GIC of version `V` with so many vCPUs. False for a layout whose values are not
/// known: ask `examine` at run time.
template <class L, gic_version V, std::uint64_t Vcpus>
concept keeps_rules = detail::has_constants<L, V> && examine<L, V>(Vcpus)
.kept();

}  // namespace layout
