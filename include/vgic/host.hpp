// SPDX-License-Identifier: BSL-1.0
/// \file
/// The host policy: what the emulator asks of the hypervisor it lives in.
#pragma once

#include <vgic/registers/names.hpp>
#include <vgic/types.hpp>

#include <concepts>

namespace vgic {

/// What a host supplies.
///
/// `kick(v)`: a change waits for v. When it returns, v will pass `entry()` once more before it runs guest code for
/// long: it is interrupted if it runs on another CPU, woken if it waits, and nothing is needed if it is off. A kick
/// that arrives while v is in the hypervisor must not be swallowed before v's next `entry()` (a physical SGI stays
/// pending until the guest is entered). Stores before the call are visible to v when it passes `entry()`.
///
/// `current()`: the vCPU whose list registers this CPU holds, or `no_vcpu`. What is raised for it on this CPU is not
/// kicked for: it counts on the `entry()` that comes before the guest runs on.
///
/// `deactivate(v, p)`: deactivates a physical interrupt that was forwarded to v and will not end through a list
/// register; for a private interrupt, on the CPU that runs v.
template <class H>
concept host_policy = requires(H& h, vcpu_id v, physical_intid p) {
  h.kick(v);
  { h.current() } -> std::same_as<vcpu_id>;
  h.deactivate(v, p);
};

/// One guest access to a GIC register, as the optional hook `on_access` gets it.
struct access_record {
  vcpu_id vcpu;  ///< who made the access
  reg what;      ///< the register group; `name(what)` is its name
  u32 offset;    ///< from the base of its frame
  width size;
  direction dir;
  u64 value;  ///< what was written, or the answer
};

/// Optional: `sync(v)` returns when v, if it runs on another CPU, has passed `exit()` since the call. With it, reads
/// of pending and active state are exact for every vCPU; without it they show what v had at its last exit.
template <class H>
concept host_can_sync = requires(H& h, vcpu_id v) {
  h.sync(v);
};

/// Optional: `ends_in_hardware(v, i)`: may the linked INTID i, listed on the CPU that runs v now, end its physical
/// interrupt through LR.HW? Where not, the guest's end raises a maintenance interrupt and the library calls
/// `deactivate`. Without it the answer is yes.
template <class H>
concept host_ends_interrupts = requires(H& h, vcpu_id v, intid i) {
  { h.ends_in_hardware(v, i) } -> std::same_as<bool>;
};

/// Optional: `physical(v, i)`: the physical_intid that the linked INTID i stands for, of v if it is private. Without
/// it, the same number.
template <class H>
concept host_numbers_interrupts = requires(H& h, vcpu_id v, intid i) {
  h.physical(v, i);
};

template <class H>
concept traces_accesses = requires(H& h, const access_record& a) {
  h.on_access(a);
};
template <class H>
concept traces_sgis = requires(H& h, vcpu_id v, intid i) {
  h.on_sgi(v, v, i);
};
template <class H>
concept traces_listing = requires(H& h, vcpu_id v, intid i) {
  h.on_listed(v, i);
};
template <class H>
concept traces_refills = requires(H& h, vcpu_id v) {
  h.on_refill(v);
};

}  // namespace vgic
