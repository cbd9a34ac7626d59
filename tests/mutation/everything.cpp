// SPDX-License-Identifier: BSL-1.0
// Everything that a hypervisor calls, of several configurations: a change to the library that leaves the object of this
// file as it is, to the bit, is none for any of them.
#include <vgic/backend/gich.hpp>

#include "support/policies.hpp"

using namespace tests;

namespace everything {

template <class C>
struct all {
  using gic = vgic::gic<C>;

  static result start(gic& g, const machine& m) { return g.start(m); }
  static void reset(gic& g) { g.reset(); }
  static result on(gic& g, vcpu_id v) { return g.vcpu_on(v); }
  static result off(gic& g, vcpu_id v) { return g.vcpu_off(v); }
  static void load(gic& g, vcpu_id v) { g.load(v); }
  static void put(gic& g, vcpu_id v) { g.put(v); }
  static void exit(gic& g, vcpu_id v) { g.exit(v); }
  static void entry(gic& g, vcpu_id v) { g.entry(v); }
  static void maintenance(gic& g, vcpu_id v) { g.maintenance(v); }
  static bool has_work(gic& g, vcpu_id v) { return g.has_work(v); }

  static result raise(gic& g, intid i) { return g.raise(i); }
  static result lower(gic& g, intid i) { return g.lower(i); }
  static result pulse(gic& g, intid i) { return g.pulse(i); }
  static result link(gic& g, intid i) { return g.link(i); }
  static result forward(gic& g, intid i) { return g.forward(i); }
  static result raise(gic& g, vcpu_id v, intid i) { return g.raise(v, i); }
  static result lower(gic& g, vcpu_id v, intid i) { return g.lower(v, i); }
  static result pulse(gic& g, vcpu_id v, intid i) { return g.pulse(v, i); }
  static result link(gic& g, vcpu_id v, intid i) { return g.link(v, i); }
  static result forward(gic& g, vcpu_id v, intid i) { return g.forward(v, i); }

  static bool owns(guest_address a) { return gic::owns(a); }
  static u64 read(gic& g, vcpu_id v, guest_address a, width w) { return g.read(v, a, w); }
  static void write(gic& g, vcpu_id v, guest_address a, width w, u64 value) { g.write(v, a, w, value); }
  static trap_status data_abort(gic& g, vcpu_id v, const abort_syndrome& s, u64* x) { return g.data_abort(v, s, x); }
  static trap_status system_register(gic& g, vcpu_id v, u64 esr, const u64* x) { return g.system_register(v, esr, x); }
};

extern u64 gich_frame;
struct frame {
  static std::uintptr_t address() { return gich_frame; }
};
template <class C, class List>
struct on_list_registers : C {
  using list_registers = List;
};
struct everything_asked : recording_host {  // with each optional function
  void sync(vcpu_id) { ++kinds; }
  physical_intid physical(vcpu_id, intid i) { return physical_intid{raw(i) + kinds}; }
  bool ends_in_hardware(vcpu_id, intid) { return (kinds & 1) != 0; }
  void on_access(const access_record& a) { kinds += static_cast<u32>(a.what) + a.offset + static_cast<u32>(a.value); }
  void on_sgi(vcpu_id from, vcpu_id to, intid i) { kinds += raw(from) + raw(to) + raw(i); }
  void on_listed(vcpu_id, intid i) { kinds += raw(i); }
  void on_refill(vcpu_id v) { kinds += raw(v); }
  u32 kinds = 0;
};
static_assert(host_can_sync<everything_asked> && host_numbers_interrupts<everything_asked> &&
              host_ends_interrupts<everything_asked> && traces_accesses<everything_asked> &&
              traces_sgis<everything_asked> && traces_listing<everything_asked> && traces_refills<everything_asked>);
/// And more than one cluster: a vCPU's number is not its affinity.
struct observed : config<gicv3, all_features, 8, 40, 352, layout::qemu_virt> {
  using host = everything_asked;
};

}  // namespace everything

template struct everything::all<config<gicv2, all_features, 16>>;
#ifndef VGIC_FEW  // one shows most changes, and is compiled in a third of the time
template struct everything::all<config<gicv3, all_features, 16>>;
template struct everything::all<config<gicv2, no_features, 4, 8, 256, layout::qemu_virt, single_cpu_atomics>>;
template struct everything::all<config<gicv3, no_features, 4, 8, 256, layout::qemu_virt, single_cpu_atomics>>;
template struct everything::all<config<gicv3, features<message_spis, reset_to_group1>, 2, 40, 988, layout::qemu_virt,
                                       builtin_atomics, wide_affinity, 8>>;
template struct everything::all<everything::observed>;
template struct everything::all<
    everything::on_list_registers<config<gicv2, all_features, 16>, gich<everything::frame>>>;
template struct vgic::simulated<8, 4, gich_format>;
template struct vgic::simulated<8, 4, ich_format>;
#endif
