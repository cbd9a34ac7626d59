// SPDX-License-Identifier: BSL-1.0
/// \file
/// The rules of a layout, as demands: a broken rule fails the build, and the error names the rule and the numbers.
#pragma once

#include <layout/diagnostics.hpp>
#include <layout/rules.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace layout {
namespace detail {

/// Hexadecimal digits of a number, behind 0x.
[[nodiscard]] constexpr std::size_t hex_length(std::uint64_t n) {
  std::size_t digits = 3;
  for (; n > 0xf; n >>= 4) ++digits;
  return digits;
}
[[nodiscard]] constexpr char hex_digit(std::uint64_t n, std::size_t i) {
  if (i < 2) return i == 0 ? '0' : 'x';
  return "0123456789abcdef"[n >> (4 * (hex_length(n) - 1 - i)) & 0xf];
}
[[nodiscard]] constexpr std::size_t length(const char* text) {
  std::size_t n = 0;
  while (text[n] != 0) ++n;
  return n;
}

template <template <char...> class As, std::uint64_t N, std::size_t... I>
As<hex_digit(N, I)...> spell_number(std::index_sequence<I...>);
template <template <char...> class As, std::uint64_t N>
using spelt = decltype(spell_number<As, N>(std::make_index_sequence<hex_length(N)>{}));

/// The places of a verdict, as types. `Found::value` is the verdict.
template <class Found, std::size_t... I>
broken::name<Found::value.first.name[I]...> spell_first(std::index_sequence<I...>);
template <class Found, std::size_t... I>
broken::name<Found::value.second.name[I]...> spell_second(std::index_sequence<I...>);

template <class Found>
using first_name = decltype(spell_first<Found>(std::make_index_sequence<length(Found::value.first.name)>{}));
template <class Found>
using second_name = decltype(spell_second<Found>(std::make_index_sequence<length(Found::value.second.name)>{}));

template <class Found>
using first_frame = broken::frame<Found::value.first.what, Found::value.first.number,
                                  spelt<broken::base, Found::value.first.where.base>,
                                  spelt<broken::size, Found::value.first.where.size>>;
template <class Found>
using second_frame = broken::frame<Found::value.second.what, Found::value.second.number,
                                   spelt<broken::base, Found::value.second.where.base>,
                                   spelt<broken::size, Found::value.second.where.size>>;
template <class Found>
using first_neighbour = broken::neighbour<first_name<Found>, spelt<broken::base, Found::value.first.where.base>,
                                          spelt<broken::size, Found::value.first.where.size>>;
template <class Found>
using second_neighbour = broken::neighbour<second_name<Found>, spelt<broken::base, Found::value.second.where.base>,
                                           spelt<broken::size, Found::value.second.where.size>>;

template <class Found>
using found_size = spelt<broken::size, Found::value.found>;
template <class Found>
using wanted_size = spelt<broken::size, Found::value.wanted>;

/// The class of namespace `broken` that says what was found; nothing where all rules are kept.
template <rule R, class Found>
struct demand {};
template <class F>
struct demand<rule::guest_physical_bits, F> : broken::guest_physical_bits<F::value.found, F::value.wanted> {};
template <class F>
struct demand<rule::xen_abi_address, F>
    : broken::xen_abi_address<spelt<broken::base, F::value.found>, spelt<broken::base, F::value.wanted>> {};
template <class F>
struct demand<rule::distributor_size, F> : broken::distributor_size<found_size<F>, wanted_size<F>> {};
template <class F>
struct demand<rule::cpu_interface_size, F> : broken::cpu_interface_size<found_size<F>, wanted_size<F>> {};
template <class F>
struct demand<rule::redistributor_regions, F> : broken::redistributor_regions<F::value.found, F::value.wanted> {};
template <class F>
struct demand<rule::redistributor_stride_power_of_two, F>
    : broken::redistributor_stride_power_of_two<found_size<F>, wanted_size<F>> {};
template <class F>
struct demand<rule::redistributor_stride_covers_frames, F>
    : broken::redistributor_stride_covers_frames<found_size<F>, wanted_size<F>> {};
template <class F>
struct demand<rule::redistributor_region_whole, F>
    : broken::redistributor_region_whole<first_frame<F>, wanted_size<F>> {};
template <class F>
struct demand<rule::redistributor_capacity, F> : broken::redistributor_capacity<F::value.found, F::value.wanted> {};
template <class F>
struct demand<rule::frame_alignment, F>
    : broken::frame_alignment<first_frame<F>, spelt<broken::alignment, F::value.found>,
                              spelt<broken::alignment, F::value.wanted>> {};
template <class F>
struct demand<rule::frame_in_guest_range, F> : broken::frame_in_guest_range<first_frame<F>, F::value.wanted> {};
template <class F>
struct demand<rule::frames_disjoint, F> : broken::frames_disjoint<first_frame<F>, second_frame<F>> {};
template <class F>
struct demand<rule::frames_clear_of_neighbours, F>
    : broken::frames_clear_of_neighbours<first_frame<F>, second_neighbour<F>> {};
template <class F>
struct demand<rule::neighbour_in_guest_range, F>
    : broken::neighbour_in_guest_range<first_neighbour<F>, F::value.wanted> {};
template <class F>
struct demand<rule::neighbours_disjoint, F> : broken::neighbours_disjoint<first_neighbour<F>, second_neighbour<F>> {};

template <class L, gic_version V, std::uint64_t Vcpus>
struct found {
  static constexpr verdict value = examine<L, V>(Vcpus);
};

template <class L, gic_version V>
inline constexpr bool has_frames = V == gic_version::v2 ? has_gicv2<L> : has_gicv3<L>;

/// The demands on one layout, one after the other, so that the first broken rule is the only one reported.
template <class L, gic_version V, std::uint64_t Vcpus>
[[nodiscard]] consteval auto demands() {
  if constexpr (!has_frames<L, V>)
    return broken::frames_present<L, broken::gic<static_cast<unsigned>(V)>>{};
  else if constexpr (!check::vcpu_count(V, Vcpus).kept())
    return broken::vcpu_count<broken::gic<static_cast<unsigned>(V)>, Vcpus, check::vcpu_count(V, Vcpus).wanted>{};
  else if constexpr (known_at_compile_time<L>)
    return demand<found<L, V, Vcpus>::value.broken, found<L, V, Vcpus>>{};
  else if constexpr (!computed_at_run_time<L>)
    return broken::frames_constant<L>{};
  else
    return demand<rule::none, void>{};
}

}  // namespace detail

/// Demands all rules of layout `L`, as a GIC of version `V` with so many vCPUs. To use it is to demand:
/// `template struct layout::require<my_layout, layout::gic_version::v3, 16>;`. Of a layout that is computed at run time
/// it demands what can be known: that there are frames for this version, and the number of vCPUs.
template <class L, gic_version V, std::uint64_t Vcpus>
struct require : decltype(detail::demands<L, V, Vcpus>()) {
  static constexpr bool demanded = true;
};

/// Demands a number of SPIs that a GIC can have.
template <std::uint64_t Spis>
struct require_spis : broken::spi_count<Spis, check::spi_count(Spis).kept() ? Spis : check::spi_count(Spis).wanted> {
  static constexpr bool demanded = true;
};

}  // namespace layout
