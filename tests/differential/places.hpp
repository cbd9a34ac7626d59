// SPDX-License-Identifier: BSL-1.0
/// \file
/// Where an access goes, by the architecture's maps as tests/support/registers.hpp has them.
#pragma once

#include "operation.hpp"
#include "support/registers.hpp"

namespace differential {

using features = vgic::features<>;

[[nodiscard]] inline bool inside(u64 address, u64 first, u64 bytes) { return address - first < bytes; }
[[nodiscard]] inline bool at_distributor(const setup& s, u64 address) {
  return inside(address, gicd, s.is_v2() ? 0x1000 : 0x1'0000);
}
[[nodiscard]] inline bool at_redistributor(const setup& s, u64 address) {
  return !s.is_v2() && inside(address, gicr, s.vcpus * gicr_stride);
}
[[nodiscard]] inline u32 in_frame(const setup& s, u64 address) {
  return static_cast<u32>(at_redistributor(s, address) ? (address - gicr) % 0x1'0000 : address - gicd);
}
[[nodiscard]] inline bool at_rd_frame(const setup& s, u64 address) {
  return at_redistributor(s, address) && (address - gicr) % gicr_stride < 0x1'0000;
}

[[nodiscard]] inline const tests::known_register* find(const setup& s, u64 address) {
  const u32 offset = in_frame(s, address);
  if (at_distributor(s, address))
    return s.is_v2() ? tests::find_register(tests::gicv2_distributor, offset)
                     : tests::find_register(tests::gicv3_distributor<features>, offset);
  if (!at_redistributor(s, address)) return nullptr;
  return at_rd_frame(s, address) ? tests::find_register(tests::redistributor_frame<features>, offset)
                                 : tests::find_register(tests::sgi_frame_registers, offset);
}
[[nodiscard]] inline bool legal(const setup& s, u64 address, vgic::width w, vgic::direction d) {
  return tests::is_legal(find(s, address), in_frame(s, address), w, d);
}
[[nodiscard]] inline bool misaligned(u64 address, vgic::width w) { return address % raw(w) != 0; }

}  // namespace differential
