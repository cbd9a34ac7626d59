// SPDX-License-Identifier: BSL-1.0
/// \file
/// Which interrupt a step is about, and which CPU carries it out.
#pragma once

#include "books.hpp"
#include "cpus.hpp"

namespace guest::steps {

[[nodiscard]] inline u32 cpu_count() { return static_cast<u32>(machine::given().cpus); }

/// One of the CPUs that are on.
[[nodiscard]] inline u32 any_cpu() {
  for (;;) {
    const u32 cpu = draw.below(cpu_count());
    if (cpus::is_on(cpu)) return cpu;
  }
}

/// An interrupt, whose it is, and who does something to it: any CPU, but that a GICv2 shows the private interrupts of
/// the CPU that looks and of no other.
struct choice {
  u32 slot;
  u32 owner;
  u32 actor;

  [[nodiscard]] const books::source& source() const { return books::sources[slot]; }
  [[nodiscard]] books::status& status() const { return books::of(slot, owner); }
};
[[nodiscard]] inline choice any_interrupt() {
  const u32 slot = draw.below(books::source_count);
  const bool is_private = books::sources[slot].is_private();
  const u32 owner = is_private ? (is_v3 ? draw.below(cpu_count()) : any_cpu()) : 0;
  return {slot, owner, is_private && !is_v3 ? owner : any_cpu()};
}

}  // namespace guest::steps
