// SPDX-License-Identifier: BSL-1.0
/// \file
/// Whether the table is there is not to be forgotten.
// EXPECT: nodiscard
#include <domctl/madt.hpp>

domctl::madt_status write(std::byte* out) {
  constexpr layout::gicv2_frames frames{{0x1000, 0x1000}, {0x2000, 0x2000}};
#ifdef UNBROKEN
  return domctl::write_madt(out, 4096, frames, 1).status;
#else
  domctl::write_madt(out, 4096, frames, 1);
  return domctl::madt_status::written;
#endif
}
