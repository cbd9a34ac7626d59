// SPDX-License-Identifier: BSL-1.0
/// \file
/// What hypervisors call most, out of the library. by_hand.cpp has the same functions without it.
#include "configuration.hpp"

namespace {

using vgic::direction;
using vgic::guest_address;
using vgic::u32;
using vgic::u64;
using vgic::vcpu_id;
using vgic::width;

/// A register group alone, without the way to it: that is a table, the same for all.
template <class C>
struct opened : vgic::gic<C> {
  u64 read_group(vgic::reg what, vcpu_id v, u32 word) { return this->gicd_read(vgic::detail::of_spis(what), v, word); }
  void write_group(vgic::reg what, vcpu_id v, u32 word, u32 value) {
    this->gicd_write(vgic::detail::of_spis(what), v, word, value, ~u32{0});
  }
};

using gicv3 = opened<looked_into::gicv3>;
using gicv2 = opened<looked_into::gicv2>;

}  // namespace

extern "C" {

[[gnu::flatten]] u64 v3_read_typer(gicv3& g, vcpu_id v) { return g.read(v, guest_address{0x0300'1004}, width::word); }
[[gnu::flatten]] u64 v3_read_iidr(gicv3& g, vcpu_id v) { return g.read(v, guest_address{0x0300'1008}, width::word); }
[[gnu::flatten]] u64 v3_read_isenabler3(gicv3& g, vcpu_id v) {
  return g.read(v, guest_address{0x0300'110c}, width::word);
}
[[gnu::flatten]] u64 v3_read_isenabler(gicv3& g, vcpu_id v, u32 word) {
  return g.read_group(vgic::reg::gicd_isenabler, v, word);
}
[[gnu::flatten]] u64 v3_read_gicr_isenabler(gicv3& g, vcpu_id v) {
  return g.read(v, guest_address{0x0309'0100}, width::word);
}
void v3_write_icenabler(gicv3& g, vcpu_id v, u32 word, u32 value) {
  g.write_group(vgic::reg::gicd_icenabler, v, word, value);
}
[[gnu::flatten]] void v3_mask(gicv3& g, vcpu_id v, u32 bit) {
  g.write(v, guest_address{0x0300'118c}, width::word, bit);
}
u32 v3_owns(guest_address a) { return gicv3::owns(a) ? 1 : 0; }
void v3_entry(gicv3& g, vcpu_id v) { g.entry(v); }
void v3_exit(gicv3& g, vcpu_id v) { g.exit(v); }

[[gnu::flatten]] u64 v2_read_typer(gicv2& g, vcpu_id v) { return g.read(v, guest_address{0x0300'1004}, width::word); }
[[gnu::flatten]] u64 v2_read_isenabler0(gicv2& g, vcpu_id v) {
  return g.read(v, guest_address{0x0300'1100}, width::word);
}
[[gnu::flatten]] u64 v2_read_isenabler(gicv2& g, vcpu_id v, u32 word) {
  return g.read_group(vgic::reg::gicd_isenabler, v, word);
}
void v2_write_icenabler(gicv2& g, vcpu_id v, u32 word, u32 value) {
  g.write_group(vgic::reg::gicd_icenabler, v, word, value);
}
[[gnu::flatten]] void v2_mask(gicv2& g, vcpu_id v, u32 bit) {
  g.write(v, guest_address{0x0300'118c}, width::word, bit);
}

}  // extern "C"
