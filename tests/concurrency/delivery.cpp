// SPDX-License-Identifier: BSL-1.0
// Something comes in while a vCPU enters, takes, ends, and while its interrupt is masked, cleared and moved.
#include "concurrency/list.hpp"

namespace tests {

namespace {

constexpr u32 a = 40;  // edge-triggered, to vCPU 0
constexpr u32 b = 41;
constexpr u32 level = 56;

template <class C>
void coming_in(scenarios& all, const std::string& v) {
  using w = world<C>;
  const auto add = [&](const char* name, auto... more) {
    all.push_back(std::make_unique<scenario_on<C>>(v + name, more...));
  };
  using acts = std::vector<typename scenario_on<C>::act>;
  const auto nothing = [](w&) {};
  const auto pass = [](w& m) { m.pass(0); };
  const auto pulse = [](w& m) { m.pulse(a); };
  const auto pending = [](w& m) { m.pulse(a); };
  const auto listed = [](w& m) { m.pulse(a), m.pass(0); };

  add("edge, entry", nothing, acts{pulse, pass});
  add("edge twice, entry and take", nothing,
      acts{[](w& m) { m.pulse(a), m.pulse(a); }, [](w& m) { m.pass(0), m.take(0), m.poll(0); }});
  add("edge, edge, entry", nothing, acts{pulse, pulse, pass});
  add("edge, another of the same word, entry", nothing, acts{pulse, [](w& m) { m.pulse(b); }, pass});
  add("edge, its end", listed, acts{pulse, [](w& m) { m.take(0), m.pass(0); }});
  add("edge, its end after it was active at an exit", listed,
      acts{pulse, [](w& m) { m.acknowledge(0), m.pass(0), m.end(0), m.pass(0); }});
  add("edge behind one in a list register, entry", listed, acts{pulse, pass});
  add(
      "edge, end of another of the same word", [](w& m) { m.pulse(b), m.pass(0); },
      acts{pulse, [](w& m) { m.take(0), m.pass(0); }});
  add("edge on its own CPU, edge from elsewhere", nothing,
      acts{[](w& m) { m.between(0, [&] { m.pulse(a); }); }, pulse});
  add("edge on its own CPU, mask", nothing,
      acts{[](w& m) { m.between(0, [&] { m.pulse(a); }); }, [](w& m) { m.mask(1, a); }});
  add("level, entry", nothing, acts{[](w& m) { m.up(level); }, pass});
  add(
      "level rises, its end", [](w& m) { m.up(level), m.pass(0); },
      acts{[](w& m) { m.down(level), m.up(level); }, [](w& m) { m.take(0), m.pass(0); }});
  add(
      "level falls and rises, take and end at once", [](w& m) { m.up(level), m.pass(0); },
      acts{[](w& m) { m.down(level), m.up(level); }, [](w& m) { m.acknowledge(0), m.end(0); }});
  add(
      "level falls, rises by another, take and end at once", [](w& m) { m.up(level), m.pass(0); },
      acts{[](w& m) { m.down(level); }, [](w& m) { m.up(level); }, [](w& m) { m.acknowledge(0), m.end(0); }});
  add(
      "level falls, its end", [](w& m) { m.up(level), m.pass(0); },
      acts{[](w& m) { m.down(level); }, [](w& m) { m.acknowledge(0), m.end(0), m.pass(0); }});
  add(
      "level falls, entry", [](w& m) { m.up(level); }, acts{[](w& m) { m.down(level); }, pass});
  add("level rises, falls, entry twice", nothing,
      acts{[](w& m) { m.up(level), m.down(level); }, [](w& m) { m.pass(0), m.pass(0); }});
  add("level on its own CPU, falls elsewhere", nothing,
      acts{[](w& m) { m.between(0, [&] { m.up(level); }); }, [](w& m) { m.down(level); }});

  const auto linked = [](w& m) { (void)m.m.g.link(intid{a}), m.forward(a); };
  // At least once: one more than needed ends nothing.
  const auto ends = [](w& m) { return m.physical_ends() != 0 ? nullptr : "the physical interrupt did not end"; };
  add("linked: clear pending, entry", linked, acts{[](w& m) { m.clear_pending(1, a); }, pass}, ends);
  add(
      "linked: clear pending, take", [=](w& m) { linked(m), m.pass(0); },
      acts{[](w& m) { m.clear_pending(1, a); }, [](w& m) { m.take(0), m.pass(0); }}, ends);
  add(
      "linked: clear active, entry", [](w& m) { (void)m.m.g.link(intid{a}), m.set_active(1, a); },
      acts{[](w& m) { m.clear_active(1, a); }, pass}, ends);
  add(
      "linked: off while it is active, clear active", [=](w& m) { linked(m), m.pass(0), m.acknowledge(0), m.pass(0); },
      acts{[](w& m) { m.clear_active(1, a); }, [](w& m) { m.off(0); }}, ends);
  add(
      "linked: off, clear pending", [=](w& m) { linked(m), m.pass(0); },
      acts{[](w& m) { m.clear_pending(1, a); }, [](w& m) { m.off(0); }}, ends);
  add("linked: mask, entry", linked, acts{[](w& m) { m.mask(1, a); }, pass});

  // What a device wrote before it asked is seen by the guest that was asked.
  const auto look = [](w& m) {
    m.pass(0);
    if (m.take(0)) model::read_data();
  };
  add("data and edge, entry and take", nothing, acts{[](w& m) { model::write_data(), m.pulse(a); }, look});
  add("data and level, entry and take", nothing, acts{[](w& m) { model::write_data(), m.up(level); }, look});
  add("data and set pending, entry and take", nothing,
      acts{[](w& m) { model::write_data(), m.set_pending(1, a); }, look});
  add("data and SGI, entry and take", nothing, acts{[](w& m) { model::write_data(), m.sgi(1, 0, 3); }, look});
  add(
      "data, edge and unmask, entry and take", [](w& m) { m.mask(0, a); },
      acts{[](w& m) { model::write_data(), m.pulse(a), m.unmask(1, a); }, look});
  add("data and edge behind one in a list register, take twice", listed,
      acts{[](w& m) { model::write_data(), m.pulse(a); },
           [](w& m) {
             m.take(0), m.pass(0);
             if (m.take(0)) model::read_data();
           }});

  add("mask, entry", pending, acts{[](w& m) { m.mask(1, a); }, pass});
  add(
      "mask, entry with two", [](w& m) { m.pulse(a), m.pulse(b); }, acts{[](w& m) { m.mask(1, a); }, pass});
  add(
      "two of a word end, edge", [](w& m) { m.pulse(a), m.pulse(b), m.pass(0); },
      acts{[](w& m) { m.take(0), m.take(0), m.pass(0); }, pulse});
  add(
      "unmask, entry", [](w& m) { m.mask(0, a), m.pulse(a); }, acts{[](w& m) { m.unmask(1, a); }, pass});
  add(
      "edge, unmask, entry", [](w& m) { m.mask(0, a); }, acts{pulse, [](w& m) { m.unmask(1, a); }, pass});
  add(
      "edge, unmask", [](w& m) { m.mask(0, a); }, acts{pulse, [](w& m) { m.unmask(1, a); }});
  add("mask, unmask by another, entry", pending, acts{[](w& m) { m.mask(1, a); }, [](w& m) { m.unmask(2, a); }, pass});
  add("mask and unmask, entry and take", pending,
      acts{[](w& m) { m.mask(1, a), m.unmask(1, a); }, [](w& m) { m.pass(0), m.take(0), m.pass(0); }});
  add(
      "mask, level's end", [](w& m) { m.up(level), m.pass(0); },
      acts{[](w& m) { m.mask(1, level); }, [](w& m) { m.acknowledge(0), m.end(0), m.pass(0); }});

  add("set pending, entry", nothing, acts{[](w& m) { m.set_pending(1, a); }, pass});
  add("set pending, edge, entry", nothing, acts{[](w& m) { m.set_pending(1, a); }, pulse, pass});
  add("clear pending, entry", pending, acts{[](w& m) { m.clear_pending(1, a); }, pass});
  add("clear pending, edge, entry", pending, acts{[](w& m) { m.clear_pending(1, a); }, pulse, pass});
  add("clear pending, edge", listed, acts{[](w& m) { m.clear_pending(1, a); }, pulse});
  add("clear pending, take and end", listed,
      acts{[](w& m) { m.clear_pending(1, a); }, [](w& m) { m.take(0), m.pass(0); }});
  add("set active, entry", pending, acts{[](w& m) { m.set_active(1, b); }, pass});
  add("set active, its own entry", pending, acts{[](w& m) { m.set_active(1, a); }, pass});
  add(
      "clear active, entry", [](w& m) { m.set_active(1, a); }, acts{[](w& m) { m.clear_active(1, a); }, pass});
  add(
      "clear active, edge, entry", [](w& m) { m.set_active(0, a); },
      acts{[](w& m) { m.clear_active(1, a); }, pulse, pass});
  add(
      "clear active, end", [](w& m) { m.pulse(a), m.pass(0), m.acknowledge(0), m.pass(0), m.pulse(a); },
      acts{[](w& m) { m.clear_active(1, a); }, [](w& m) { m.end(0), m.pass(0); }});

  // With one list register the other one waits, and is listed as soon as the first has ended.
  const auto waits = [](w& m) { m.pulse(a), m.pulse(b), m.pass(0); };
  const auto take = [](w& m) { m.take(0); };
  add("another waits: mask, end", waits, acts{[](w& m) { m.mask(1, b); }, take});
  add("another waits: mask and unmask, end", waits, acts{[](w& m) { m.mask(1, b), m.unmask(1, b); }, take});
  add("another waits: clear pending, end", waits, acts{[](w& m) { m.clear_pending(1, b); }, take});
  add("another waits: set active, end", waits, acts{[](w& m) { m.set_active(1, b); }, take});
  add("another waits: priority, end", waits, acts{[](w& m) { m.priority(1, b, 0x80); }, take});
  add("another waits: edge, end", waits, acts{[](w& m) { m.pulse(b); }, take});
  add("another waits: the first again, end", waits, acts{pulse, take});
  add("another waits: gate off, end", waits, acts{[](w& m) { m.gates(1, 0); }, take});

  add("gate off, entry", pending, acts{[](w& m) { m.gates(1, 0); }, pass});
  add(
      "gate on, edge, entry", [](w& m) { m.gates(0, 0); }, acts{[](w& m) { m.gates(1, 3); }, pulse, pass});
  add("gate off and on, entry", pending, acts{[](w& m) { m.gates(1, 0), m.gates(1, 3); }, pass});
  add(
      "priority, entry", [](w& m) { m.pulse(a), m.pulse(b); }, acts{[](w& m) { m.priority(1, b, 0x80); }, pass});
  add("priority, priority of its neighbour", pending,
      acts{[](w& m) { m.priority(1, a, 0x80); }, [](w& m) { m.priority(2, b, 0xf0); }});
  add("priority, the same priority, entry", pending,
      acts{[](w& m) { m.priority(1, a, 0x80); }, [](w& m) { m.priority(2, a, 0xf0); }, pass});
  add(
      "kick, a host that kicks whom it sees run",
      [](w& m) { m.m.g.host().selective = true, m.pass(0), m.as(0, [&] { m.leave(0); }); },
      acts{pulse, [](w& m) { m.as(0, [&] { m.enter(0); }); }});
  add("kick, a host that sleeps", nothing, acts{pulse, [](w& m) { m.sleep(0); }});
}

}  // namespace

void add_delivery(scenarios& all) {
  coming_in<v3_1>(all, "v3, 1 LR: ");
  coming_in<v2_2>(all, "v2, 2 LRs: ");
}

}  // namespace tests
