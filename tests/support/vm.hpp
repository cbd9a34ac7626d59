// SPDX-License-Identifier: BSL-1.0
/// \file
/// A virtual GIC on simulated list registers, with a host that records what it is asked, and a guest that acts on it.
#pragma once

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <vgic/backend/simulated.hpp>
#include <vgic/gic.hpp>
#include "support/touched.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace tests {

using namespace vgic;

/// A host of one thread: `current_vcpu` says whose CPU we are on, kicks and deactivations are recorded.
struct recording_host {
  void kick(vcpu_id v) { kicks.push_back(v); }
  [[nodiscard]] vcpu_id current() const { return current_vcpu; }
  void deactivate(vcpu_id v, physical_intid p) { deactivated.emplace_back(v, p); }

  vcpu_id current_vcpu = no_vcpu;
  std::vector<vcpu_id> kicks;
  std::vector<std::pair<vcpu_id, physical_intid>> deactivated;
};

using all_features = features<message_spis, status_registers, one_of_n>;

/// The policies of a configuration, each with the usual choice.
template <class Version, class Features = all_features, u32 Lrs = 4, u32 Vcpus = 8, u32 Spis = 256,
          class Layout = layout::xen_4_5, class Atomics = builtin_atomics, class Affinity = flat_affinity, u32 Bits = 5>
struct config {
  using version = Version;
  using layout = Layout;
  using features = Features;
  using list_registers = simulated<Vcpus, Lrs, std::conditional_t<Version::number == 2, gich_format, ich_format>>;
  using host = recording_host;
  using atomics = Atomics;
  using affinity = Affinity;
  static constexpr vgic::limits limits{.vcpus = Vcpus, .spis = Spis, .list_registers = Lrs, .priority_bits = Bits};
};

inline constexpr vcpu_id vcpu(u32 n) { return vcpu_id{static_cast<u16>(n)}; }

/// A VM whose vCPUs take turns on one thread. A vCPU is "in the guest" while it runs guest code (`enter`..`leave`).
template <class Config>
struct machine_under_test {
  using gic_type = gic<Config>;
  using format = typename Config::list_registers::format;
  static constexpr bool v2 = Config::version::number == 2;
  static constexpr group normal = v2 ? group::zero : group::one;  ///< the group a guest puts its interrupts into

  explicit machine_under_test(u32 vcpus = Config::limits.vcpus, u32 spis = Config::limits.spis,
                              u32 lrs = Config::limits.list_registers)
      : vcpus_(vcpus) {
    started = g.start({.vcpus = vcpus, .spis = spis, .list_registers = lrs});
    for (u32 v = 0; v < vcpus; ++v) turn_on(vcpu(v));
  }

  /// PSCI CPU_ON of `v`, as a guest that enables both groups and opens its priority mask at once.
  void turn_on(vcpu_id v) {
    on_[raw(v)] = true;
    on_cpu_of(v, [&] {
      (void)g.vcpu_on(v);
      g.load(v);
      hardware().set_priority_mask(v, 0xff);
      hardware().enable_groups(v, 3);
      g.exit(v);
      if (hardware().maintenance(v)) g.maintenance(v);
      g.entry(v);
    });
  }
  void turn_off(vcpu_id v) {
    on_cpu_of(v, [&] {
      g.exit(v);
      (void)g.vcpu_off(v);
    });
    on_[raw(v)] = false;
  }
  [[nodiscard]] bool is_on(vcpu_id v) const { return on_[raw(v)]; }
  [[nodiscard]] u32 vcpus() const { return vcpus_; }

  [[nodiscard]] auto& hardware() { return g.list_registers(); }

  /// Runs `f` on the CPU whose virtual interface is v's.
  template <class F>
  void on_cpu_of(vcpu_id v, F&& f) {
    const vcpu_id before = std::exchange(g.host().current_vcpu, v);
    f();
    g.host().current_vcpu = before;
  }

  /// One pass of `v` through the hypervisor: exit, the maintenance interrupt if it is asserted, entry.
  void pass(vcpu_id v) {
    on_cpu_of(v, [&] {
      g.exit(v);
      if (hardware().maintenance(v)) g.maintenance(v);
      g.entry(v);
    });
  }
  /// What the hypervisor does on v's CPU while the guest is out: exit, `f`, entry.
  template <class F>
  void between(vcpu_id v, F&& f) {
    on_cpu_of(v, [&] {
      g.exit(v);
      f();
      g.entry(v);
    });
  }
  /// Every vCPU that was kicked passes, until nobody is kicked any more; a kick of one that is off does nothing.
  void settle() {
    for (int rounds = 0; rounds < 100 && !g.host().kicks.empty(); ++rounds) {
      const auto kicked = std::exchange(g.host().kicks, {});
      for (const vcpu_id v : kicked)
        if (is_on(v)) pass(v);
    }
  }
  /// Lets `v` pass for as long as the maintenance interrupt is asserted; how often it was.
  u32 serve_maintenance(vcpu_id v) {
    u32 n = 0;
    while (hardware().maintenance(v) && n < 1000) {
      pass(v);
      ++n;
    }
    return n;
  }

  // The guest on `v`.

  /// Acknowledges; the INTID (GICv2: with source in [12:10]) or 1023.
  u32 ack(vcpu_id v, group gr = normal) { return hardware().acknowledge(v, gr); }
  /// Ends what `ack` returned, and lets the hypervisor serve the maintenance interrupts that come of it.
  void eoi(vcpu_id v, u32 id, group gr = normal) {
    hardware().end(v, gr, id);
    serve_maintenance(v);
  }
  /// ack and eoi; the INTID or 1023.
  u32 take(vcpu_id v, group gr = normal) {
    const u32 id = ack(v, gr);
    if (id != 1023) eoi(v, id, gr);
    return id;
  }

  /// EOImode 1 from now on: `end` drops the priority, `deactivate` ends the interrupt.
  void split_end(vcpu_id v) { hardware().split_end(v); }
  /// EOImode 1: drops the priority; deactivates.
  void drop(vcpu_id v, u32 id, group gr = normal) { hardware().end(v, gr, id); }
  void deactivate(vcpu_id v, u32 id) {
    hardware().deactivate(v, id);
    serve_maintenance(v);
  }
  /// Takes and ends all that is signalled, maintenance and kicks served in between: what was taken, in order.
  std::vector<u32> take_all(vcpu_id v, group gr = normal, u32 at_most = 2000) {
    std::vector<u32> ids;
    settle();
    serve_maintenance(v);
    for (u32 id = take(v, gr); id != 1023 && ids.size() < at_most; id = take(v, gr)) {
      ids.push_back(id);
      settle();
    }
    return ids;
  }
  /// The list register of `v` that holds INTID `i`, 0 if none does.
  [[nodiscard]] auto lr_of(vcpu_id v, u32 i) {
    using word = typename format::word;
    for (const word w : hardware().at(v).lr)
      if (format::state(w) != lr_state::invalid && raw(format::id(w)) == i) return w;
    return word{0};
  }

  [[nodiscard]] lr_state state_in_lr(vcpu_id v, u32 i) { return format::state(lr_of(v, i)); }

  /// An access of `v` to an address, with exit before it and entry behind it, as a trap has.
  u64 load(vcpu_id v, u64 address, width w = width::word) {
    u64 value = 0;
    touches(address, w, direction::read);
    on_cpu_of(v, [&] {
      g.exit(v);
      last = g.owns(guest_address{address}) ? trap_status::handled : trap_status::not_gic;
      value = g.read(v, guest_address{address}, w);
      g.entry(v);
    });
    return value;
  }
  void store(vcpu_id v, u64 address, u64 value, width w = width::word) {
    touches(address, w, direction::write);
    on_cpu_of(v, [&] {
      g.exit(v);
      last = g.owns(guest_address{address}) ? trap_status::handled : trap_status::not_gic;
      g.write(v, guest_address{address}, w, value);
      g.entry(v);
    });
  }

  static constexpr u64 gicd = [] {
    if constexpr (v2)
      return Config::layout::v2.distributor.base;
    else
      return Config::layout::v3.distributor.base;
  }();
  /// RD frame of `v`'s redistributor (GICv3, one region), and its SGI frame.
  static constexpr u64 rd(u32 v) { return Config::layout::v3.redistributors[0].base + v * Config::layout::v3.stride; }
  static constexpr u64 sgi_frame(u32 v) { return rd(v) + 0x1'0000; }

  /// Frame and offset of a 32-interrupt register of INTID `i` as vCPU `v` reaches it: the private part of a GICv3 is in
  /// the redistributor.
  static constexpr u64 bits(u32 reg, u32 i, u32 v = 0) {
    if constexpr (!v2)
      if (i < 32) return sgi_frame(v) + reg;
    return gicd + reg + i / 32 * 4;
  }
  static constexpr u64 bytes(u32 reg, u32 i, u32 v = 0) {
    if constexpr (!v2)
      if (i < 32) return sgi_frame(v) + reg + i;
    return gicd + reg + i;
  }

  enum : u32 {
    igroupr = 0x80,
    isenabler = 0x100,
    icenabler = 0x180,
    ispendr = 0x200,
    icpendr = 0x280,
    isactiver = 0x300,
    icactiver = 0x380,
    ipriorityr = 0x400,
    itargetsr = 0x800,
    icfgr = 0xc00
  };

  /// Reads the bit of `i` in such a register, or writes a 1 to it.
  bool bit(u32 reg, u32 i, u32 v = 0) { return (load(vcpu(v), bits(reg, i, v)) >> (i % 32) & 1) != 0; }
  void set(u32 reg, u32 i, u32 v = 0) { store(vcpu(v), bits(reg, i, v), u64{1} << (i % 32)); }

  void enable(u32 i, u32 v = 0) { set(isenabler, i, v); }
  void disable(u32 i, u32 v = 0) { set(icenabler, i, v); }
  void priority(u32 i, u32 p, u32 v = 0) { store(vcpu(v), bytes(ipriorityr, i, v), p, width::byte); }
  void group_of(u32 i, group gr, u32 v = 0) {
    const u64 old = load(vcpu(v), bits(igroupr, i, v));
    const u64 mask = u64{1} << (i % 32);
    store(vcpu(v), bits(igroupr, i, v), gr == group::one ? old | mask : old & ~mask);
  }
  /// GICD_ICFGR / GICR_ICFGR1: edge-triggered or level-sensitive.
  void edge(u32 i, u32 v = 0) { configure(i, 2, v); }
  void level(u32 i, u32 v = 0) { configure(i, 0, v); }
  /// Routes SPI `i` to vCPU `t` alone.
  void route(u32 i, u32 t, u32 v = 0) {
    if constexpr (v2)
      store(vcpu(v), gicd + itargetsr + i, u64{1} << t, width::byte);
    else
      store(vcpu(v), gicd + 0x6000 + 8 * i, raw(Config::affinity::of(vcpu(t))), width::dword);
  }
  /// Lets any vCPU take SPI `i` (IRM; GICv2: a mask of all).
  void route_to_any(u32 i, u32 v = 0) {
    if constexpr (v2)
      store(vcpu(v), gicd + itargetsr + i, (u64{1} << vcpus_) - 1, width::byte);
    else
      store(vcpu(v), gicd + 0x6000 + 8 * i, u64{1} << 31, width::dword);
  }
  void gates(u32 value, u32 v = 0) { store(vcpu(v), gicd, value); }

  /// SGI `n` from `from` to `to` alone, as the guest sends it.
  void sgi(u32 from, u32 to, u32 n) {
    if constexpr (v2) {
      store(vcpu(from), gicd + 0xf00, u64{1} << (16 + to) | n);
    } else {
      const u32 a = raw(Config::affinity::of(vcpu(to)));
      write_sgi1r(from, u64{1} << (a & 0xf) | u64{a >> 4 & 0xf} << 44 | u64{a >> 8 & 0xff} << 16 |
                            u64{a >> 16 & 0xff} << 32 | u64{a >> 24} << 48 | u64{n} << 24);
    }
  }
  void write_sgi1r(u32 from, u64 value, u32 key = syndrome::key_icc_sgi1r) {
    touched.add(key == syndrome::key_icc_sgi1r    ? reg::icc_sgi1r
                : key == syndrome::key_icc_asgi1r ? reg::icc_asgi1r
                : key == syndrome::key_icc_sgi0r  ? reg::icc_sgi0r
                : key == syndrome::key_icc_dir    ? reg::icc_dir
                                                  : reg::reserved);
    on_cpu_of(vcpu(from), [&] {
      g.exit(vcpu(from));
      u64 x[31] = {};
      x[3] = value;
      last = g.system_register(vcpu(from), u64{syndrome::ec_system_register} << 26 | key | 3u << 5, x);
      g.entry(vcpu(from));
    });
  }

  /// What an ordinary guest does first: groups on; each SPI in use is enabled, in the normal group, of priority 0xa0.
  void boot() {
    touched.off = true;
    gates(3);
    if constexpr (!v2)
      for (u32 v = 0; v < vcpus_; ++v) {
        store(vcpu(v), sgi_frame(v) + igroupr, 0xffff'ffff);
        store(vcpu(v), sgi_frame(v) + isenabler, 0xffff);
      }
    if constexpr (!v2)
      for (u32 i = 32; i < 32 + Config::limits.spis; i += 32) store(vcpu(0), bits(igroupr, i), 0xffff'ffff);
    for (u32 v = 0; v < vcpus_; ++v)
      for (u32 i = 0; i < 32; i += 4) store(vcpu(v), bytes(ipriorityr, i, v), 0xa0a0'a0a0);
    for (u32 i = 32; i < 32 + Config::limits.spis; i += 4) store(vcpu(0), bytes(ipriorityr, i), 0xa0a0'a0a0);
    if constexpr (v2)
      for (u32 i = 32; i < 32 + Config::limits.spis; i += 4) store(vcpu(0), gicd + itargetsr + i, 0x0101'0101);
    for (u32 v = 0; v < vcpus_; ++v) pass(vcpu(v));
    g.host().kicks.clear();
    touched.off = false;
  }

  gic_type g{};
  result started{};
  trap_status last{};

 private:
  /// Says which register that is (support/touched.hpp).
  static void touches(u64 address, width w, direction dir) {
    using features = typename Config::features;
    touched.add<typename Config::version::template distributor_map<features>>(address - gicd, w, dir);
    if constexpr (!v2)
      for (const auto& region : Config::layout::v3.redistributors) {
        if (!region.contains(address)) continue;
        const u64 offset = (address - region.base) % Config::layout::v3.stride;
        touched.add<detail::gicr_rd_map<features>>(offset, w, dir);
        touched.add<detail::gicr_sgi_map<features>>(offset - 0x1'0000, w, dir);
      }
  }

  void configure(u32 i, u32 field, u32 v) {
    const u64 a = (!v2 && i < 32) ? sgi_frame(v) + icfgr + i / 16 * 4 : gicd + icfgr + i / 16 * 4;
    const u64 old = load(vcpu(v), a);
    store(vcpu(v), a, (old & ~(u64{3} << (i % 16 * 2))) | u64{field} << (i % 16 * 2));
  }

  u32 vcpus_;
  bool on_[Config::limits.vcpus] = {};
};

}  // namespace tests
