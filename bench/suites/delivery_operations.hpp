// SPDX-License-Identifier: BSL-1.0
/// \file
/// What an interrupt costs from its cause to its end.
#pragma once

#include <bench/suites/machine.hpp>

#include <memory>

namespace bench {

/// What an interrupt goes through, each step for a meter. vCPUs are out of the guest before and after.
template <vgic::configuration C, class Meter>
struct delivery_steps {
  using vm = machine<C>;
  using call = typename vm::call;

  /// `v` enters the guest, which takes and ends what it finds until its CPU is called back by a maintenance interrupt
  /// or nothing is left, and leaves it; so often that `wanted` interrupts were taken.
  static void take(vm& m, Meter& meter, vgic::vcpu_id v, u32 wanted = 1) {
    m.on(v);
    u32 taken = 0;
    for (u32 rounds = 0; taken < wanted; ++rounds) {
      must(rounds <= wanted, "an interrupt did not arrive");
      meter(call::entry, m.g, v);
      while (!m.maintenance()) {
        const u32 id = m.acknowledge();
        if ((id & 0x3ff) == 1023) break;
        if (m.maintenance()) {
          // Out and in again while the interrupt is active.
          meter(call::exit, m.g, v);
          if (m.maintenance()) meter(call::maintenance, m.g, v);
          meter(call::entry, m.g, v);
        }
        m.end(id);
        ++taken;
      }
      leave(m, meter, v);
    }
    must(taken == wanted, "more interrupts arrived than were sent");
  }
  static void leave(vm& m, Meter& meter, vgic::vcpu_id v) {
    meter(call::exit, m.g, v);
    if (m.maintenance()) meter(call::maintenance, m.g, v);
  }

  static void sgi(vm& m, Meter& meter, u32 targets, u32 cluster = 0) {
    m.on(vcpu(0));
    m.send(meter, vcpu(0), targets, 3, cluster);
  }
  /// A device's edge arrives on a CPU that runs no vCPU.
  static void edge(vm& m, Meter& meter, vgic::intid i) {
    m.on_none();
    must(meter(call::pulse, m.g, i) == vgic::result::ok, "pulse() refused an SPI");
  }
  /// It arrives on the CPU that runs its target.
  static void edge_here(vm& m, Meter& meter, vgic::vcpu_id v, vgic::intid i) {
    m.on(v);
    must(meter(call::pulse, m.g, i) == vgic::result::ok, "pulse() refused an SPI");
  }
  /// A level-sensitive PPI, raised on this CPU (`m.on`, `m.on_none`); the guest's driver lets the device lower it.
  static void level(vm& m, Meter& meter, vgic::vcpu_id v, vgic::intid i) {
    must(meter(call::raise_private, m.g, v, i) == vgic::result::ok, "raise() refused a PPI");
    m.on(v);
    meter(call::entry, m.g, v);
    const u32 id = m.acknowledge();
    must(id == raw(i), "a PPI did not arrive");
    must(meter(call::lower_private, m.g, v, i) == vgic::result::ok, "lower() refused a PPI");
    m.end(id);
    if (m.maintenance()) {
      // The guest's end called its CPU back; the guest goes on.
      leave(m, meter, v);
      meter(call::entry, m.g, v);
    }
    leave(m, meter, v);
  }
  /// `n` SPIs of vCPU 0 become pending, and are taken.
  static void pending(vm& m, Meter& meter, u32 n) {
    for (u32 i = 0; i < n; ++i) edge(m, meter, vgic::spi(i));
    take(m, meter, vcpu(0), n);
  }
};

/// The suite `delivery`.
template <vgic::configuration C, class Meter>
[[nodiscard]] operations<Meter> delivery_operations() {
  using vm = machine<C>;
  using call = typename vm::call;
  using steps = delivery_steps<C, Meter>;
  using vgic::intid;
  operations<Meter> list;
  const auto m = std::make_shared<std::unique_ptr<vm>>();
  const auto prepare = [m] {
    if (*m == nullptr) *m = std::make_unique<vm>();
  };
  const auto add = [&](std::string name, u32 each, auto&& once) {
    list.push_back({.name = std::move(name),
                    .each = each,
                    .run =
                        [m, once](Meter& meter, u32 n) {
                          for (u32 i = 0; i < n; ++i) once(**m, meter);
                        },
                    .prepare = prepare});
  };
  /// The operation before, but only its calls of `function`.
  const auto part = [&](const char* name, function_id function) {
    u32 whole = static_cast<u32>(list.size()) - 1;
    while (list[whole].only.has_value()) --whole;
    auto o = list[whole];
    o.name += std::string(": ") + name;
    o.only = function;
    list.push_back(std::move(o));
  };
  const function_id entry = id_of(call::entry);
  const function_id exit = id_of(call::exit);
  const function_id send = [] {
    if constexpr (vm::v3)
      return id_of(call::sgi1r);
    else
      return id_of(call::write);
  }();
  constexpr u32 vcpus = C::limits.vcpus;
  constexpr u32 others = vcpus > 8 ? 7 : vcpus - 1;

  add("entry and exit with nothing to do", 1, [](vm& g, Meter& meter) {
    g.on(vcpu(0));
    meter(call::entry, g.g, vcpu(0));
    meter(call::exit, g.g, vcpu(0));
  });

  if constexpr (vcpus > 1) {
    add("SGI to one vCPU", 1, [](vm& g, Meter& meter) {
      steps::sgi(g, meter, 1u << 1);
      steps::take(g, meter, vcpu(1));
    });
    part("send", send);
    part("enter", entry);
    part("leave", exit);
    add("SGI to " + (others == 7 ? std::string("seven") : std::to_string(others)) + ", each", others,
        [](vm& g, Meter& meter) {
          steps::sgi(g, meter, ((1u << others) - 1) << 1);
          for (u32 v = 1; v <= others; ++v) steps::take(g, meter, vcpu(v));
        });
    part("send", send);
    auto pending_sgi = list.front();
    pending_sgi.name = "SGI that is pending already";
    pending_sgi.run = [m](Meter& meter, u32 n) {
      for (u32 i = 0; i < n; ++i) steps::sgi(**m, meter, 1u << 1);
    };
    pending_sgi.prepare = [m, prepare] {
      prepare();
      clocked uncounted;
      delivery_steps<C, clocked>::sgi(**m, uncounted, 1u << 1);
    };
    pending_sgi.finish = [m] { must((*m)->drain(vcpu(1)) == 1, "an SGI that was sent often is one"); };
    list.push_back(std::move(pending_sgi));
  }

  add("edge SPI", 1, [](vm& g, Meter& meter) {
    steps::edge(g, meter, intid{40});
    steps::take(g, meter, vcpu(0));
  });
  part("raise", id_of(call::pulse));
  part("enter", entry);
  part("leave", exit);
  add("edge SPI, by direct listing", 1, [](vm& g, Meter& meter) {
    steps::edge_here(g, meter, vcpu(0), intid{40});
    steps::take(g, meter, vcpu(0));
  });
  part("raise", id_of(call::pulse));
  part("enter", entry);
  part("leave", exit);
  add("level PPI, by direct listing", 1, [](vm& g, Meter& meter) {
    g.on(vcpu(0));
    steps::level(g, meter, vcpu(0), intid{27});
  });
  part("raise", id_of(call::raise_private));
  part("enter", entry);
  part("lower", id_of(call::lower_private));
  part("leave", exit);
  add("level PPI", 1, [](vm& g, Meter& meter) {
    g.on_none();
    steps::level(g, meter, vcpu(0), intid{27});
  });

  for (const u32 n : {16u, 64u, 256u})
    if (n <= C::limits.spis) {
      add(std::to_string(n) + " pending SPIs, each", n, [n](vm& g, Meter& meter) { steps::pending(g, meter, n); });
      if (n == 256) {
        part("raise", id_of(call::pulse));
        part("enter", entry);
        part("leave", exit);
        part("maintenance", id_of(call::maintenance));
      }
    }
  return list;
}

}  // namespace bench
