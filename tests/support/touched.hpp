// SPDX-License-Identifier: BSL-1.0
/// \file
/// Which registers the running test has accessed at a width and in a direction that they have. A test that is tagged
/// with a register's name must access it; docs/conformance.md lists such tests (touched.cpp).
#pragma once

#include <vgic/registers/gicd.hpp>
#include <vgic/registers/gicr.hpp>
#include <vgic/types.hpp>

#include <bitset>

namespace tests {

struct touched_registers {
  std::bitset<static_cast<std::size_t>(vgic::reg::count)> seen;
  bool off = false;  ///< what a guest does at boot counts for no test

  void add(vgic::reg r) {
    if (!off) seen.set(static_cast<std::size_t>(r));
  }
  /// An access at `offset` of a frame.
  template <class Map>
  void add(vgic::u64 offset, vgic::width w, vgic::direction dir) {
    if (off || offset >= Map::frame_size) return;
    const vgic::reg r = Map::find(static_cast<vgic::u32>(offset));
    const vgic::u8 need =
        static_cast<vgic::u8>(raw(w) | (dir == vgic::direction::read ? vgic::access::ro : vgic::access::wo));
    if ((Map::how(r) & need) == need) seen.set(static_cast<std::size_t>(r));
  }
};
inline thread_local touched_registers touched;

}  // namespace tests
