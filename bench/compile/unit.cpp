// SPDX-License-Identifier: BSL-1.0
/// \file
/// The one translation unit of a hypervisor that has the GIC in it: each function that it calls, out of line, for the
/// configuration that VGIC_COMPILED names. It is compiled, not linked.
#include <bench/compile/configurations.hpp>

using configuration = compiled::VGIC_COMPILED;
using gic = vgic::gic<configuration>;
using vgic::intid;
using vgic::vcpu_id;

extern "C" {

vgic::result gic_start(gic& g, const vgic::machine& m) { return g.start(m); }
void gic_reset(gic& g) { g.reset(); }
vgic::result gic_vcpu_on(gic& g, vcpu_id v) { return g.vcpu_on(v); }
vgic::result gic_vcpu_off(gic& g, vcpu_id v) { return g.vcpu_off(v); }
void gic_load(gic& g, vcpu_id v) { g.load(v); }
void gic_put(gic& g, vcpu_id v) { g.put(v); }
void gic_exit(gic& g, vcpu_id v) { g.exit(v); }
void gic_entry(gic& g, vcpu_id v) { g.entry(v); }
void gic_maintenance(gic& g, vcpu_id v) { g.maintenance(v); }
vgic::u32 gic_has_work(gic& g, vcpu_id v) { return g.has_work(v) ? 1 : 0; }

vgic::result gic_raise(gic& g, intid i) { return g.raise(i); }
vgic::result gic_lower(gic& g, intid i) { return g.lower(i); }
vgic::result gic_pulse(gic& g, intid i) { return g.pulse(i); }
vgic::result gic_raise_private(gic& g, vcpu_id v, intid i) { return g.raise(v, i); }
vgic::result gic_lower_private(gic& g, vcpu_id v, intid i) { return g.lower(v, i); }
vgic::result gic_pulse_private(gic& g, vcpu_id v, intid i) { return g.pulse(v, i); }
vgic::result gic_link(gic& g, intid i) { return g.link(i); }
vgic::result gic_link_private(gic& g, vcpu_id v, intid i) { return g.link(v, i); }
vgic::result gic_forward(gic& g, intid i) { return g.forward(i); }
vgic::result gic_forward_private(gic& g, vcpu_id v, intid i) { return g.forward(v, i); }

vgic::u32 gic_owns(vgic::guest_address a) { return gic::owns(a) ? 1 : 0; }
vgic::u64 gic_read(gic& g, vcpu_id v, vgic::guest_address a, vgic::width w) { return g.read(v, a, w); }
void gic_write(gic& g, vcpu_id v, vgic::guest_address a, vgic::width w, vgic::u64 value) { g.write(v, a, w, value); }
vgic::trap_status gic_data_abort(gic& g, vcpu_id v, const vgic::abort_syndrome& s, vgic::u64* x) {
  return g.data_abort(v, s, x);
}
vgic::trap_status gic_system_register(gic& g, vcpu_id v, vgic::u64 esr, const vgic::u64* x) {
  return g.system_register(v, esr, x);
}

}  // extern "C"
