// SPDX-License-Identifier: BSL-1.0
/// \file
/// The hypervisor around a modelled VM, its configurations, and what a test knows beside them.
#pragma once

#include "concurrency/model.hpp"
#include "concurrency/record.hpp"
#include "support/vm.hpp"

namespace tests {

/// The vCPU whose list registers the CPU of a simulated thread holds.
struct vcpu_of_thread {
  vcpu_id of[4] = {no_vcpu, no_vcpu, no_vcpu, no_vcpu};

  operator vcpu_id() const { return of[model::thread()]; }
  vcpu_of_thread& operator=(vcpu_id v) {
    of[model::thread()] = v;
    return *this;
  }
};

constexpr u32 most_modelled_vcpus = 3;

/// A kick is a word, changed with the least order that `host_policy` asks for. A selective host sends it only to who is
/// in the guest: that somebody is, is said before the entry, in order.
struct modelled_host {
  void kick(vcpu_id v) {
    if (selective) {
      modelled_atomics::order();
      if (modelled_atomics::load(runs[raw(v)]) == 0) return;
    }
    modelled_atomics::fetch_or(kicked[raw(v)], u32{1});
  }
  [[nodiscard]] vcpu_id current() const { return current_vcpu; }
  void deactivate(vcpu_id, physical_intid) { ++deactivated; }

  vcpu_of_thread current_vcpu{};
  modelled_atomics::cell<u32> kicked[most_modelled_vcpus] = {};
  modelled_atomics::cell<u32> runs[most_modelled_vcpus] = {};
  bool selective = false;
  u32 deactivated = 0;
  std::vector<vcpu_id> kicks{};  ///< for the machine, which empties it
};

template <class Version, u32 Lrs, class Features = all_features>
struct modelled_config : config<Version, Features, Lrs, most_modelled_vcpus, 32, layout::xen_4_5, modelled_atomics> {
  using host = modelled_host;
};

/// What a test knows of an execution beside the VM itself. No part of what is modelled: simulated threads see it at
/// once.
struct ghost {
  record log{};
  bool on[most_modelled_vcpus] = {true, true, true};
  bool inside[most_modelled_vcpus] = {true, true, true};  ///< the guest
  u8 holders[64] = {};  ///< vCPUs that have it in a list register while the guest runs
  u8 active[most_modelled_vcpus][64] = {};
  u32 held[most_modelled_vcpus][8] = {};
  u32 holding[most_modelled_vcpus] = {};
  bool sleeping[most_modelled_vcpus] = {};
  bool acted[most_modelled_vcpus] = {};  ///< the guest, since it was entered
  u32 over = 0;                          ///< for scenarios
};

/// A hash of memory.
[[nodiscard]] u64 digest(const void* at, std::size_t bytes, u64 seed);

}  // namespace tests
