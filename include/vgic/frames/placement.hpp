// SPDX-License-Identifier: BSL-1.0
/// \file
/// Where the frames of a configuration's layout are. Of a layout of constants all of this is constants; one that is
/// known at run time only (layout::host) is read here, each time, and nowhere else. Strides are powers of two in both.
#pragma once

#include <layout/rules.hpp>
#include <vgic/config.hpp>

namespace vgic::detail {

template <configuration C>
struct placement {
  using s = settings<C>;
  using layout = typename s::layout;

  /// Has the layout frames for so many vCPUs? One of constants has: `settings` demanded it.
  [[nodiscard]] static constexpr bool serve(u32 vcpus) {
    if constexpr (::layout::known_at_compile_time<layout>)
      return true;
    else
      return ::layout::examine < layout,
             s::is_v2 ? ::layout::gic_version::v2 : ::layout::gic_version::v3 > (vcpus).kept();
  }

  [[nodiscard]] static constexpr ::layout::range distributor() {
    if constexpr (s::is_v2)
      return layout::v2.distributor;
    else
      return layout::v3.distributor;
  }
  /// Address of the first redistributor. No GICv2 has one.
  [[nodiscard]] static constexpr u64 first_redistributor() {
    if constexpr (s::is_v2)
      return 0;
    else
      return layout::v3.redistributors[0].base;
  }
  /// Bytes from one redistributor to the next.
  [[nodiscard]] static constexpr u64 stride() {
    if constexpr (s::is_v2)
      return 0x2'0000;
    else
      return layout::v3.stride;
  }
  /// Which redistributor: the number of whole strides in `bytes`.
  [[nodiscard]] static constexpr u64 strides_in(u64 bytes) {
    return bytes >> static_cast<u32>(__builtin_ctzll(stride()));
  }
  /// Offset in a redistributor.
  [[nodiscard]] static constexpr u64 within_stride(u64 bytes) { return bytes & (stride() - 1); }

  /// The same of a word's index.
  [[nodiscard]] static constexpr u64 strides_in_words(u64 words) {
    return words >> (static_cast<u32>(__builtin_ctzll(stride())) - 2);
  }
  [[nodiscard]] static constexpr u64 words_within_stride(u64 words) { return words & (stride() / 4 - 1); }

  /// Calls `f(first, capacity, range)` for each redistributor region until it answers true: the vCPU of its first
  /// redistributor, how many there are, and where.
  template <class F>
  static constexpr void each_region(F f) {
    u64 first = 0;
    for (u32 r = 0; r < layout::v3.regions; ++r) {
      const u64 room = layout::v3.capacity(r);
      if (f(first, room, layout::v3.redistributors[r])) return;
      first += room;
    }
  }
};

}  // namespace vgic::detail
