// SPDX-License-Identifier: BSL-1.0
// The simulated list registers do what the guest's CPU interface does (IHI 0069, chapter 4.6 and 12.4): what all tests
// of delivery rest on.
#include "catch.hpp"

#include <vgic/backend/simulated.hpp>

using namespace vgic;

namespace {

using format = ich_format;
constexpr vcpu_id v{0};

struct interface : simulated<1, 4, format> {
  interface() {
    set_priority_mask(v, 0xff);
    enable_groups(v, 3);
    write_hcr(v, hcr::en);
  }
  void holds(u32 r, u32 i, u32 priority, lr_state state = lr_state::pending, group g = group::one) {
    write(v, lr_index{r},
          format::word{i} | format::priority_field(priority) | format::state(0, state) |
              (g == group::one ? format::group1 : format::word{0}));
  }
};

}  // namespace

TEST_CASE("simulated: only what is more urgent than the mask and the running priority is signalled") {
  interface c;
  c.holds(0, 40, 0x80);
  c.set_priority_mask(v, 0x80);
  CHECK_FALSE(c.signals(v, group::one));
  CHECK(c.acknowledge(v, group::one) == c.spurious);
  c.set_priority_mask(v, 0x88);
  CHECK(c.signals(v, group::one));
  CHECK_FALSE(c.signals(v, group::zero));
  CHECK(c.acknowledge(v, group::one) == 40);
  c.holds(1, 41, 0x80);
  CHECK(c.acknowledge(v, group::one) == c.spurious);
  c.holds(2, 42, 0x78);
  CHECK(c.acknowledge(v, group::one) == 42);
  c.write_hcr(v, 0);
  c.holds(3, 43, 0);
  CHECK_FALSE(c.signals(v, group::one));
}

TEST_CASE("simulated: priority mask, groups and EOImode leave the rest of VMCR alone") {
  interface c;
  c.restore(v, {.vmcr = ~u32{0}});
  c.set_priority_mask(v, 0);
  CHECK(c.read_vmcr(v) == 0x00ff'ffff);
  c.enable_groups(v, 2);
  CHECK(c.read_vmcr(v) == 0x00ff'fffe);
  c.restore(v, {.vmcr = 0});
  c.set_priority_mask(v, 0xff);
  CHECK(c.read_vmcr(v) == 0xf800'0000);
  c.enable_groups(v, ~u32{0});
  CHECK(c.read_vmcr(v) == 0xf800'0003);
  c.split_end(v);
  CHECK(c.read_vmcr(v) == 0xf800'0203);
}

TEST_CASE("simulated: an end drops the most urgent running priority, of whichever group it is") {
  interface c;
  c.holds(0, 40, 0x80);
  CHECK(c.acknowledge(v, group::one) == 40);
  c.holds(1, 41, 0x40, lr_state::pending, group::zero);
  CHECK(c.acknowledge(v, group::zero) == 41);
  CHECK(c.at(v).apr[0] == 1u << (0x40 >> 3));
  CHECK(c.at(v).apr[1] == 1u << (0x80 >> 3));
  c.end(v, group::zero, 41);
  CHECK(c.at(v).apr[0] == 0);
  CHECK(c.at(v).apr[1] == 1u << (0x80 >> 3));
  c.end(v, group::one, 40);
  CHECK(c.at(v).apr[1] == 0);
  CHECK(format::state(c.at(v).lr[0]) == lr_state::invalid);
}

TEST_CASE("simulated: an end with no priority running does nothing, one of what no list register holds is counted") {
  interface c;
  c.holds(0, 40, 0x80, lr_state::active);
  c.end(v, group::one, 40);
  CHECK(format::state(c.at(v).lr[0]) == lr_state::active);
  c.holds(1, 41, 0x40);
  CHECK(c.acknowledge(v, group::one) == 41);
  c.end(v, group::one, 77);
  CHECK(c.at(v).hcr >> hcr::eoicount_shift == 1);
  c.end(v, group::one, 1023);
  CHECK(c.at(v).hcr >> hcr::eoicount_shift == 1);
  // An event if it is asked for.
  CHECK((c.misr(v) & 4) == 0);
  c.write_hcr(v, c.read_hcr(v) | hcr::lrenpie);
  CHECK((c.misr(v) & 4) == 4);
  c.split_end(v);
  c.deactivate(v, 78);
  CHECK(c.at(v).hcr == (2u << hcr::eoicount_shift | hcr::lrenpie | hcr::en));
  c.deactivate(v, 79);
  CHECK(c.at(v).hcr == (3u << hcr::eoicount_shift | hcr::lrenpie | hcr::en));
}

TEST_CASE("simulated: maintenance events of list registers and groups, none with the interface off") {
  interface c;
  c.write_hcr(v, hcr::en | hcr::uie | hcr::npie | hcr::vgrp1die);
  CHECK(c.misr(v) == (2 | 8));
  CHECK(c.maintenance(v));
  c.write_hcr(v, hcr::uie | hcr::npie);
  CHECK_FALSE(c.maintenance(v));
  c.write_hcr(v, hcr::en | hcr::uie | hcr::npie | hcr::vgrp1die);
  c.holds(0, 40, 0x80);
  CHECK(c.misr(v) == 2);
  c.holds(1, 41, 0x80, lr_state::active);
  CHECK(c.misr(v) == 0);
  CHECK_FALSE(c.maintenance(v));
  c.enable_groups(v, 1);
  CHECK(c.misr(v) == 0x80);
}

TEST_CASE("simulated: the numbers from 1020 on end nothing, and are not counted") {
  interface c;
  const bool split = GENERATE(false, true);
  c.holds(0, 40, 0x80);
  CHECK(c.acknowledge(v, group::one) == 40);
  if (split) c.split_end(v);
  for (const u32 i : {1020u, 1021u, 1022u, 1023u}) {
    // Where list registers can hold such a number, it is not found either.
    c.holds(1, i, 0x40, lr_state::active);
    c.end(v, group::one, i);
    c.deactivate(v, i);
    CHECK(c.at(v).apr[1] == 1u << (0x80 >> 3));
    CHECK(format::state(c.at(v).lr[1]) == lr_state::active);
    CHECK(c.at(v).hcr == hcr::en);
  }
  // The number before them does.
  c.holds(1, 1019, 0x40, lr_state::active);
  if (split)
    c.deactivate(v, 1019);
  else
    c.end(v, group::one, 1019);
  CHECK(format::state(c.at(v).lr[1]) == lr_state::invalid);
}

TEST_CASE("simulated: a write of DIR does nothing as long as an end is one step") {
  interface c;
  c.holds(0, 40, 0x80, lr_state::active);
  c.deactivate(v, 40);
  c.deactivate(v, 41);
  CHECK(format::state(c.at(v).lr[0]) == lr_state::active);
  CHECK(c.at(v).hcr == hcr::en);
  c.restore(v, {.vmcr = ~u32{1u << 9}});
  c.deactivate(v, 40);
  CHECK(format::state(c.at(v).lr[0]) == lr_state::active);
  c.split_end(v);
  c.deactivate(v, 40);
  CHECK(format::state(c.at(v).lr[0]) == lr_state::invalid);
}

TEST_CASE("simulated: an end finds an active interrupt of its own group alone") {
  interface c;
  c.holds(0, 40, 0x80, lr_state::active, group::zero);
  c.holds(1, 41, 0x80);
  CHECK(c.acknowledge(v, group::one) == 41);
  c.end(v, group::one, 40);
  CHECK(format::state(c.at(v).lr[0]) == lr_state::active);
  CHECK(c.at(v).hcr >> hcr::eoicount_shift == 1);
}

TEST_CASE("simulated: each maintenance event has its bit") {
  interface c;
  c.enable_groups(v, 1);
  c.holds(0, 40, 0x80);
  c.holds(1, 41, 0x80, lr_state::active);
  const struct {
    u32 asked, answer;
  } events[] = {{hcr::uie, 0},      {hcr::lrenpie, 0},  {hcr::npie, 0},       {hcr::vgrp0eie, 0x10},
                {hcr::vgrp0die, 0}, {hcr::vgrp1eie, 0}, {hcr::vgrp1die, 0x80}};
  for (const auto& e : events) {
    c.write_hcr(v, hcr::en | e.asked);
    CHECK(c.misr(v) == e.answer);
  }
  c.enable_groups(v, 2);
  c.write_hcr(v, hcr::en | hcr::vgrp0eie | hcr::vgrp0die | hcr::vgrp1eie | hcr::vgrp1die);
  CHECK(c.misr(v) == (0x20 | 0x40));
  // One that ended and has to be told of; not if it ended in the physical GIC, too.
  c.write_hcr(v, hcr::en);
  c.write(v, lr_index{2}, format::eoi);
  CHECK(c.misr(v) == 1);
  c.write(v, lr_index{3}, format::eoi);
  CHECK(c.misr(v) == 1);
  c.write(v, lr_index{2}, format::eoi | format::hw);
  c.write(v, lr_index{3}, format::eoi | format::hw);
  CHECK(c.misr(v) == 0);
}

TEST_CASE("simulated: the last sixteen physical ends are kept, and the count of ends wraps alone") {
  interface c;
  for (u32 n = 0; n < 17; ++n) {
    c.write(v, lr_index{0},
            format::word{40} | format::hw | format::physical(physical_intid{100 + n}) | format::group1 |
                format::priority_field(0x80) | format::state(0, lr_state::pending));
    CHECK(c.acknowledge(v, group::one) == 40);
    c.end(v, group::one, 40);
  }
  CHECK(c.at(v).physical_end_count == 17);
  CHECK(c.at(v).physical_ends[0] == 116);
  CHECK(c.at(v).physical_ends[15] == 115);
  c.split_end(v);
  c.write_hcr(v, hcr::en | 31u << hcr::eoicount_shift);
  c.deactivate(v, 99);
  CHECK(c.at(v).hcr == hcr::en);
}
