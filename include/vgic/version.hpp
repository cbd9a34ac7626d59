// SPDX-License-Identifier: BSL-1.0
/// \file
/// The version policy: what differs between a GICv2 and a GICv3 beside their register handlers.
#pragma once

#include <layout/layout.hpp>
#include <vgic/registers/gicd.hpp>
#include <vgic/registers/gicr.hpp>
#include <vgic/types.hpp>

namespace vgic {

/// GICv2 (IHI 0048B): up to eight vCPUs, SPIs routed by a mask of CPU interfaces.
struct gicv2 {
  static constexpr u32 number = 2;
  static constexpr u32 most_vcpus = 8;

  template <class Features>
  using distributor_map = detail::gicd_v2_map<Features>;
  template <class Layout>
  static constexpr bool has_frames = layout::has_gicv2<Layout>;
};

/// GICv3 (IHI 0069) with one security state and affinity routing.
struct gicv3 {
  static constexpr u32 number = 3;
  static constexpr u32 most_vcpus = 512;

  template <class Features>
  using distributor_map = detail::gicd_v3_map<Features>;
  template <class Layout>
  static constexpr bool has_frames = layout::has_gicv3<Layout>;
};

/// GICD_IROUTER.IRM = 1. No vCPU has this affinity; a guest that writes 255.255.255.255 with IRM = 0 reads back
/// 255.255.255.254, which no vCPU has either. One word holds the whole route, so that a write is one store.
inline constexpr u32 route_any = 0xffff'ffff;

}  // namespace vgic
