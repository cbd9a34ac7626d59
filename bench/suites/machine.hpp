// SPDX-License-Identifier: BSL-1.0
/// \file
/// A VM to measure: set up as Linux does it, with a guest that takes and ends interrupts.
#pragma once

#include <bench/suites/configuration.hpp>
#include <bench/suites/meter.hpp>

#include <cstdio>
#include <cstdlib>

namespace bench {

/// Ends the program with a message unless `condition` holds: figures of an operation that did not happen are worthless.
inline void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "bench: %s\n", what);
  std::exit(1);
}

[[nodiscard]] constexpr vgic::vcpu_id vcpu(u32 n) { return vgic::vcpu_id{static_cast<u16>(n)}; }

/// Every vCPU is on and out of the guest, groups are on, every interrupt is enabled, in the group that Linux uses, of
/// one priority, edge-triggered (PPIs: level-sensitive), and every SPI goes to vCPU 0.
template <vgic::configuration C>
class machine {
 public:
  using gic_type = vgic::gic<C>;
  using call = calls<gic_type>;
  using layout = typename C::layout;
  static constexpr bool v3 = C::version::number == 3;
  static constexpr vgic::group normal = v3 ? vgic::group::one : vgic::group::zero;

  explicit machine(u32 vcpus = C::limits.vcpus, u32 spis = C::limits.spis) : vcpus_(vcpus), spis_(spis) {
    backend::forget();
    const vgic::machine shape{.vcpus = vcpus, .spis = spis, .list_registers = C::limits.list_registers};
    must(g.start(shape) == vgic::result::ok, "start() refused its limits");
    for (u32 v = 0; v < vcpus; ++v) turn_on(vcpu(v));
    for (u32 v = 0; v < vcpus; ++v) set_up_private(v);
    on(vcpu(0));
    for (u32 n = 1; n <= spis / 32; ++n) {
      if constexpr (v3) store(distributor() + 0x80 + 4 * n, 0xffff'ffff);
      for (u32 i = 0; i < 8; ++i) store(distributor() + 0x400 + 32 * n + 4 * i, 0xa0a0'a0a0);
      if constexpr (!v3)
        for (u32 i = 0; i < 8; ++i) store(distributor() + 0x800 + 32 * n + 4 * i, 0x0101'0101);
      store(distributor() + 0xc00 + 8 * n, 0xaaaa'aaaa);
      store(distributor() + 0xc04 + 8 * n, 0xaaaa'aaaa);
      store(distributor() + 0x100 + 4 * n, 0xffff'ffff);
    }
    store(distributor(), v3 ? 0x13 : 0x3);
    for (u32 v = 0; v < vcpus; ++v) pass(vcpu(v));
    must(static_cast<u32>(load(distributor() + 0x104)) == 0xffff'ffff, "GICD_ISENABLER1 does not read back");
  }
  ~machine() {
    backend::forget();
    g.host().running = vgic::no_vcpu;
  }
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  [[nodiscard]] u32 vcpus() const { return vcpus_; }
  [[nodiscard]] u32 spis() const { return spis_; }

  [[nodiscard]] static constexpr u64 distributor() {
    if constexpr (v3)
      return layout::v3.distributor.base;
    else
      return layout::v2.distributor.base;
  }
  /// RD frame of a vCPU's redistributor; its SGI frame is 64 KiB above.
  [[nodiscard]] static constexpr u64 redistributor(u32 v) {
    constexpr auto& frames = layout::v3;
    u32 region = 0;
    while (v >= frames.capacity(region)) v -= static_cast<u32>(frames.capacity(region++));
    return frames.redistributors[region].base + v * frames.stride;
  }
  /// The 32-interrupt register at `offset` for the interrupts of bank `n` (0: the private ones of `v`).
  [[nodiscard]] static constexpr u64 bank_register(u32 offset, u32 n, u32 v = 0) {
    if constexpr (v3)
      if (n == 0) return redistributor(v) + 0x1'0000 + offset;
    return distributor() + offset + 4 * n;
  }

  // --- who runs here; nothing of this is counted ---

  /// This CPU runs `v`, which is in the hypervisor.
  void on(vgic::vcpu_id v) {
    g.list_registers().run(v);
    g.host().running = v;
  }
  /// This CPU runs no vCPU: a device's interrupt arrives here.
  void on_none() { g.host().running = vgic::no_vcpu; }
  /// This CPU gives up its vCPU, so that another CPU (thread) can run it.
  void park() {
    g.list_registers().park();
    on_none();
  }

  // --- what a guest does on its own CPU; nothing of this is counted ---

  /// The guest takes the most urgent interrupt and ends it; its INTID, or 1023.
  u32 take() {
    auto& hardware = backend::guest();
    const u32 id = hardware.acknowledge(backend::only, normal);
    hardware.end(backend::only, normal, id);
    return id & 0x3ff;
  }
  [[nodiscard]] u32 acknowledge() { return backend::guest().acknowledge(backend::only, normal); }
  void end(u32 id) { backend::guest().end(backend::only, normal, id); }
  [[nodiscard]] bool maintenance() const { return backend::maintenance(); }

  void store(u64 address, u64 value, vgic::width w = vgic::width::word) {
    g.write(g.host().running, vgic::guest_address{address}, w, value);
  }
  [[nodiscard]] u64 load(u64 address, vgic::width w = vgic::width::word) {
    return g.read(g.host().running, vgic::guest_address{address}, w);
  }
  /// `v` enters the guest and leaves it again at once.
  void pass(vgic::vcpu_id v) {
    on(v);
    g.entry(v);
    g.exit(v);
    if (maintenance()) g.maintenance(v);
  }
  /// `v` takes and ends all that waits for it; how much that was.
  u32 drain(vgic::vcpu_id v) {
    on(v);
    u32 taken = 0;
    for (u32 idle = 0; idle < 2;) {
      g.entry(v);
      const u32 before = taken;
      while (take() != 1023) ++taken;
      g.exit(v);
      if (maintenance()) g.maintenance(v);
      idle = taken == before ? idle + 1 : 0;
    }
    return taken;
  }

  /// Sends SGI `id` from `from` to the vCPUs of `targets` (of the first sixteen) or, above these, to one of cluster
  /// `cluster`.
  template <class Meter>
  void send(Meter& meter, vgic::vcpu_id from, u32 targets, u32 id, u32 cluster = 0) {
    if constexpr (v3) {
      meter(call::sgi1r, g, from, u64{id} << 24 | u64{cluster} << 16 | targets);
    } else {
      const vgic::guest_address sgir{distributor() + 0xf00};
      meter(call::write, g, from, sgir, vgic::width::word, u64{targets} << 16 | id);
    }
  }

  gic_type g{};

 private:
  using backend = typename C::list_registers;

  void turn_on(vgic::vcpu_id v) {
    must(g.vcpu_on(v) == vgic::result::ok, "vcpu_on() refused a vCPU");
    on(v);
    g.load(v);
    backend::guest().set_priority_mask(backend::only, 0xff);
    backend::guest().enable_groups(backend::only, 3);
    pass(v);
  }
  void set_up_private(u32 v) {
    on(vcpu(v));
    if constexpr (v3) {
      store(redistributor(v) + 0x14, 0);  // GICR_WAKER
      store(bank_register(0x80, 0, v), 0xffff'ffff);
    }
    for (u32 i = 0; i < 8; ++i) store(bank_register(0x400, 0, v) + 4 * i, 0xa0a0'a0a0);
    store(bank_register(0x100, 0, v), 0xffff'ffff);
  }

  u32 vcpus_;
  u32 spis_;
};

}  // namespace bench
