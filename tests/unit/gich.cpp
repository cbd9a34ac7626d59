// SPDX-License-Identifier: BSL-1.0
// The back end in front of a GICv2's virtual interface control registers (IHI 0048B, 5.3): which word each function
// reads or writes. The frame is memory here.
#include "catch.hpp"

#include <vgic/backend/gich.hpp>

#include <cstdint>

using namespace vgic;

namespace {

u32 frame[0x140 / 4];
struct here {
  static std::uintptr_t address() { return reinterpret_cast<std::uintptr_t>(frame); }
};
using interface = gich<here>;
constexpr vcpu_id v{0};

/// Each word its own number, so that what is read says from where.
void number_words() {
  for (u32 i = 0; i < 0x140 / 4; ++i) frame[i] = 0xabc0'0000 + 4 * i;
}
/// Offset of the only word that another one than `number_words` left.
u32 changed_word() {
  u32 found = ~u32{0};
  for (u32 i = 0; i < 0x140 / 4; ++i)
    if (frame[i] != 0xabc0'0000 + 4 * i) {
      CHECK(found == ~u32{0});
      found = 4 * i;
    }
  return found;
}

}  // namespace

TEST_CASE("GICH: how many list registers there are, sixteen at most") {
  const auto with = [](u32 vtr) {
    number_words();
    frame[1] = vtr;
    return interface::implemented();
  };
  CHECK(with(0) == 1);
  CHECK(with(3) == 4);
  CHECK(with(0x9000'0003) == 4);  // priority and preemption bits
  CHECK(with(14) == 15);
  CHECK(with(15) == 16);
  CHECK(with(16) == 16);
  CHECK(with(32) == 16);
  CHECK(with(63) == 16);
  CHECK(with(0x43) == 4);  // [9:6] are reserved
}

TEST_CASE("GICH: what is read comes from its register") {
  number_words();
  for (u32 n = 0; n < 16; ++n) CHECK(interface::read(v, lr_index{n}) == 0xabc0'0100 + 4 * n);
  CHECK(interface::read_hcr(v) == 0xabc0'0000);
  CHECK(interface::read_vmcr(v) == 0xabc0'0008);
  CHECK(interface::read_misr(v) == 0xabc0'0010);
  CHECK(changed_word() == ~u32{0});
}

TEST_CASE("GICH: what is written goes to its register, and nowhere else") {
  for (u32 n = 0; n < 16; ++n) {
    number_words();
    interface::write(v, lr_index{n}, 0x1234'5678);
    CHECK(changed_word() == 0x100 + 4 * n);
    CHECK(frame[(0x100 + 4 * n) / 4] == 0x1234'5678);
  }
  number_words();
  interface::write_hcr(v, 5);
  CHECK(changed_word() == 0);
  CHECK(frame[0] == 5);
}

TEST_CASE("GICH: VMCR and APR move with the vCPU") {
  number_words();
  cpu_interface_state s;
  interface::save(v, s);
  CHECK(s.vmcr == 0xabc0'0008);
  CHECK(s.ap0r[0] == 0xabc0'00f0);
  CHECK(changed_word() == ~u32{0});

  s.vmcr = 0x77;
  interface::restore(v, s);
  CHECK(changed_word() == 8);
  CHECK(frame[8 / 4] == 0x77);
  s.vmcr = 0xabc0'0008;
  s.ap0r[0] = 0x99;
  interface::restore(v, s);
  CHECK(changed_word() == 0xf0);
  CHECK(frame[0xf0 / 4] == 0x99);
}
