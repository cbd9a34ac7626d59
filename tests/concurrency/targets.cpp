// SPDX-License-Identifier: BSL-1.0
// Who takes it: routes, 1-of-N, SGIs, vCPUs that go off and come back, list registers that have to be given up.
#include "concurrency/list.hpp"

namespace tests {

namespace {

constexpr u32 a = 40;
constexpr u32 b = 41;
constexpr u32 to_0 = 1;
constexpr u32 to_1 = 2;
constexpr u32 to_2 = 4;
constexpr u32 to_any = 7;

template <class C>
void going_to(scenarios& all, const std::string& v) {
  using w = world<C>;
  const auto add = [&](const char* name, auto... more) {
    all.push_back(std::make_unique<scenario_on<C>>(v + name, more...));
  };
  using acts = std::vector<typename scenario_on<C>::act>;
  const auto nothing = [](w&) {};
  const auto pulse = [](w& m) { m.pulse(a); };
  const auto pass0 = [](w& m) { m.pass(0); };
  const auto pass1 = [](w& m) { m.pass(1); };

  add("route away, entry", pulse, acts{[](w& m) { m.route(2, a, to_1); }, pass0});
  add(
      "another waits: route away, end", [](w& m) { m.pulse(a), m.pulse(b), m.pass(0); },
      acts{[](w& m) { m.route(2, b, to_1); }, [](w& m) { m.take(0); }});
  add(
      "another waits: route to any, end", [](w& m) { m.pulse(a), m.pulse(b), m.pass(0); },
      acts{[](w& m) { m.route(2, b, to_any); }, [](w& m) { m.take(0); }});
  add("route away, edge", nothing, acts{[](w& m) { m.route(2, a, to_1); }, pulse});
  add("route here, edge, entry", nothing, acts{[](w& m) { m.route(2, a, to_1); }, pulse, pass1});
  add("route here and away, entry", pulse, acts{[](w& m) { m.route(2, a, to_1), m.route(2, a, to_0); }, pass0});
  add("route, another route", pulse, acts{[](w& m) { m.route(1, a, to_1); }, [](w& m) { m.route(2, a, to_2); }});
  add("route, another route, entry", pulse,
      acts{[](w& m) { m.route(1, a, to_1); }, [](w& m) { m.route(2, a, to_0); }, pass0});
  add(
      "route away, take and end", [](w& m) { m.pulse(a), m.pass(0); },
      acts{[](w& m) { m.route(2, a, to_1); }, [](w& m) { m.take(0), m.pass(0); }});
  add(
      "route away, end, edge", [](w& m) { m.pulse(a), m.pass(0), m.acknowledge(0); },
      acts{[](w& m) { m.route(2, a, to_1); }, [](w& m) { m.end(0), m.pass(0); }, pulse});
  add(
      "to any, edge, two entries", [](w& m) { m.route(0, a, to_any); }, acts{pulse, pass0, pass1});
  add(
      "to any, two entries", [](w& m) { m.route(0, a, to_any), m.pulse(a), m.call(0), m.call(1); }, acts{pass0, pass1});
  add(
      "to any, two that take", [](w& m) { m.route(0, a, to_any), m.pulse(a), m.call(0), m.call(1); },
      acts{[](w& m) { m.pass(0), m.take(0), m.pass(0); }, [](w& m) { m.pass(1), m.take(1), m.pass(1); }});
  add(
      "to any, set active, entry", [](w& m) { m.route(0, a, to_any), m.pulse(a), m.call(0); },
      acts{[](w& m) { m.set_active(1, a); }, pass0});
  add(
      "to any, route to one, entry", [](w& m) { m.route(0, a, to_any), m.pulse(a), m.call(0), m.call(1); },
      acts{[](w& m) { m.route(2, a, to_1); }, pass0});
  add(
      "to any, the one that was told turns its groups off", [](w& m) { m.route(0, a, to_any); },
      acts{pulse, [](w& m) { m.m.hardware().enable_groups(vcpu(0), 0), m.pass(0); }});
  add(
      "to any, it goes off", [](w& m) { m.route(0, a, to_any); }, acts{pulse, [](w& m) { m.off(0); }});
  add(
      "to any, all go off but one", [](w& m) { m.route(0, a, to_any), m.off(2); },
      acts{pulse, [](w& m) { m.off(0); }, pass1});

  add("off, edge", nothing, acts{pulse, [](w& m) { m.off(0); }});
  add(
      "off with it in a list register, edge", [](w& m) { m.pulse(a), m.pass(0); }, acts{pulse, [](w& m) { m.off(0); }});
  add(
      "off with it in a list register, route away", [](w& m) { m.pulse(a), m.pass(0); },
      acts{[](w& m) { m.route(1, a, to_1); }, [](w& m) { m.off(0); }});
  add(
      "on, edge", [](w& m) { m.off(0); }, acts{pulse, [](w& m) { m.back_on(0); }});
  add("off and on, edge", nothing, acts{pulse, [](w& m) { m.off(0), m.back_on(0); }});

  add("SGI, entry", nothing, acts{[](w& m) { m.sgi(1, 0, 3); }, pass0});
  add(
      "SGI, entry for another SGI", [](w& m) { m.sgi(2, 0, 4); }, acts{[](w& m) { m.sgi(1, 0, 3); }, pass0});
  add("SGI, the same of another vCPU, entry", nothing,
      acts{[](w& m) { m.sgi(1, 0, 3); }, [](w& m) { m.sgi(2, 0, 3); }, pass0});
  add(
      "SGI, the same of another vCPU, take", [](w& m) { m.sgi(1, 0, 3), m.pass(0); },
      acts{[](w& m) { m.sgi(2, 0, 3); }, [](w& m) { m.take(0), m.pass(0); }});
  add("SGI, the same of another vCPU", nothing, acts{[](w& m) { m.sgi(1, 0, 3); }, [](w& m) { m.sgi(2, 0, 3); }});
  add(
      "SGI again, take", [](w& m) { m.sgi(1, 0, 3), m.pass(0); },
      acts{[](w& m) { m.sgi(1, 0, 3); }, [](w& m) { m.take(0), m.pass(0); }});
  add(
      "SGI again, entry and take", [](w& m) { m.sgi(1, 0, 3); },
      acts{[](w& m) { m.sgi(1, 0, 3); }, [](w& m) { m.pass(0), m.take(0), m.pass(0); }});
  add(
      "SGI again, entry with it in a list register", [](w& m) { m.sgi(1, 0, 3), m.pass(0); },
      acts{[](w& m) { m.sgi(1, 0, 3); }, pass0});
  add(
      "SGI again, the same of another vCPU, entry with it in a list register", [](w& m) { m.sgi(1, 0, 3), m.pass(0); },
      acts{[](w& m) { m.sgi(1, 0, 3); }, [](w& m) { m.sgi(2, 0, 3); }, pass0});
  add("SGI to itself, from elsewhere", nothing,
      acts{[](w& m) { m.sgi(0, 0, 3), m.take(0); }, [](w& m) { m.sgi(1, 0, 3); }});
  add("SGI, off", nothing, acts{[](w& m) { m.sgi(1, 0, 3); }, [](w& m) { m.off(0); }});

  add(
      "more urgent one, entry with a full set of list registers",
      [](w& m) { m.priority(0, b, 0x80), m.pulse(a), m.pulse(56), m.set_pending(1, 56), m.pass(0); },
      acts{[](w& m) { m.pulse(b); }, pass0});
  add(
      "it gives way, mask",
      [](w& m) { m.priority(0, b, 0x80), m.set_pending(1, 56), m.pulse(a), m.pass(0), m.pulse(b); },
      acts{[](w& m) { m.mask(1, a); }, pass0});
  add(
      "it gives way, route away",
      [](w& m) { m.priority(0, b, 0x80), m.set_pending(1, 56), m.pulse(a), m.pass(0), m.pulse(b); },
      acts{[](w& m) { m.route(1, a, to_1); }, pass0});
  add(
      "it gives way, edge",
      [](w& m) { m.priority(0, b, 0x80), m.set_pending(1, 56), m.pulse(a), m.pass(0), m.pulse(b); },
      acts{pulse, pass0});
}

/// GICR_WAKER.
template <class C>
void waking(scenarios& all, const std::string& v) {
  using w = world<C>;
  using acts = std::vector<typename scenario_on<C>::act>;
  const auto add = [&](const char* name, auto... more) {
    all.push_back(std::make_unique<scenario_on<C>>(v + name, more...));
  };
  const auto pulse = [](w& m) { m.pulse(a); };
  const auto pass0 = [](w& m) { m.pass(0); };
  const auto sleep = [](w& m) { m.write(1, w::machine::rd(0) + 0x14, 2); };
  const auto wake = [](w& m) { m.write(1, w::machine::rd(0) + 0x14, 0); };
  add(
      "redistributor sleeps, edge", [](w&) {}, acts{sleep, pulse});
  add("redistributor sleeps, entry", pulse, acts{sleep, pass0});
  add(
      "redistributor wakes, entry", [=](w& m) { sleep(m), m.pulse(a), m.pass(0); }, acts{wake, pass0});
  add(
      "redistributor wakes, entry that looks at everything", [=](w& m) { sleep(m), m.pulse(a), m.pass(0), m.call(0); },
      acts{wake, pass0});
  add("redistributor wakes, edge", sleep, acts{wake, pulse});
}

/// What a GICv3 alone has.
void going_to_v3(scenarios& all) {
  using w = world<v3_1>;
  using acts = std::vector<scenario_on<v3_1>::act>;
  const auto add = [&](const char* name, auto... more) {
    all.push_back(std::make_unique<scenario_on<v3_1>>(std::string("v3, 1 LR: ") + name, more...));
  };
  const auto pulse = [](w& m) { m.pulse(a); };
  const auto pass0 = [](w& m) { m.pass(0); };
  add("group of it changes, entry", pulse, acts{[](w& m) { m.groups(1, 0); }, pass0});
  add(
      "group of it changes, one gate off, entry", [](w& m) { m.gates(0, 1), m.pulse(a); },
      acts{[](w& m) { m.groups(1, 0); }, pass0});
  add(
      "group of it changes, edge", [](w& m) { m.gates(0, 1); }, acts{[](w& m) { m.groups(1, 0); }, pulse});
  add(
      "message, clear of it, entry", [](w&) {},
      acts{[](w& m) { m.message(1, 56); }, [](w& m) { m.write(2, m.m.gicd + 0x48, 56); }, pass0});
  add(
      "DPG of the one that was told, edge", [](w& m) { m.route(0, a, to_any); },
      acts{[](w& m) { m.write(0, w::machine::rd(0), 3u << 24); }, pulse});

  const auto triggers = [](u32 by, u32 value) {
    return [=](w& m) { m.write(by, w::machine::sgi_frame(0) + 0xc04, value); };
  };
  add(
      "ICFGR1, ICFGR1", [](w&) {}, acts{triggers(1, 0xaaaa'aaaa), triggers(2, 0x0000'aaaa)});
  const auto dpg = [](w& m, u64 bits) { m.write(1, w::machine::rd(0), bits << 24); };
  const auto groups_of_guest = [](w& m, u32 on) { m.m.hardware().enable_groups(vcpu(0), on), m.pass(0); };
  add(
      "DPG goes, its groups go on", [=](w& m) { groups_of_guest(m, 0), dpg(m, 3); },
      acts{[=](w& m) { dpg(m, 0); }, [=](w& m) { groups_of_guest(m, 3); }});
  add(
      "DPG comes, its groups go off", [=](w& m) { m.route(0, a, to_any); },
      acts{[=](w& m) { dpg(m, 3); }, [=](w& m) { groups_of_guest(m, 0); }});
  add(
      "DPG comes, redistributor sleeps, edge", [=](w& m) { m.route(0, a, to_any); },
      acts{[=](w& m) { dpg(m, 2); }, [](w& m) { m.write(2, w::machine::rd(0) + 0x14, 2); }, pulse});

  // After RWP reads 0 no vCPU takes what was masked before.
  add("mask and wait for RWP, entry and take", pulse,
      acts{[](w& m) {
             m.mask(1, a);
             if (!m.in_flight(1)) m.over = 1;
           },
           [](w& m) {
             m.pass(0);
             const u32 over = m.over;
             if (m.acknowledge(0) && over != 0) m.log.wrong("an interrupt was taken after RWP was over", a);
           }});
}

}  // namespace

void add_targets(scenarios& all) {
  going_to<v3_1>(all, "v3, 1 LR: ");
  going_to<v2_2>(all, "v2, 2 LRs: ");
  going_to_v3(all);
  waking<v3_1>(all, "v3, 1 LR: ");
  waking<v3_plain>(all, "v3 without features: ");
}

}  // namespace tests
