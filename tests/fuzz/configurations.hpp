// SPDX-License-Identifier: BSL-1.0
/// \file
/// The machines that inputs run on: small ones, of every version and set of features, on a host of one thread.
#pragma once

#include "support/registers.hpp"

namespace tests::fuzz {

using namespace vgic;

/// A set of vCPUs, with what a list of them needs.
struct kick_set {
  u32 bits = 0;
  void add(vcpu_id v) { bits |= u32{1} << raw(v); }
  void clear() { bits = 0; }
  [[nodiscard]] bool empty() const { return bits == 0; }
};

/// A host of one thread, copied as bytes. It records kicks and physical ends.
struct plain_host {
  void kick(vcpu_id v) { kicks.add(v); }
  [[nodiscard]] vcpu_id current() const { return current_vcpu; }
  void deactivate(vcpu_id v, physical_intid p) {
    if (ends < 64) ended[ends++] = raw(p) << 16 | raw(v);
  }

  vcpu_id current_vcpu = no_vcpu;
  kick_set kicks;
  u32 ends = 0;
  u32 ended[64] = {};  ///< INTID << 16 | vCPU
};

/// One that also lets a vCPU on another CPU pass `exit` when it is asked to, so that reads are exact.
struct synchronising_host : plain_host {
  void sync(vcpu_id v) { on_sync(machine, v); }

  void* machine = nullptr;
  void (*on_sync)(void*, vcpu_id) = nullptr;
};

/// Redistributors in two regions, of one and of three.
struct two_regions {
  static constexpr layout::gicv3_frames<2> v3{
      .distributor = {0x1000'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x1100'0000, 0x2'0000}, {0x1200'0000, 0x6'0000}},
  };
};

inline constexpr u32 most_vcpus = 3;
inline constexpr u32 most_spis = 64;

template <class Version, class Features, u32 Lrs, class Host = synchronising_host, class Layout = layout::xen_4_5,
          class Atomics = single_cpu_atomics, class Affinity = flat_affinity, u32 Bits = 5>
struct small : config<Version, Features, Lrs, most_vcpus, most_spis, Layout, Atomics, Affinity, Bits> {
  using host = Host;
};

/// Number of vCPUs, SPIs and list registers that two bytes of an input choose.
struct machine_size {
  u32 vcpus;
  u32 spis;
  u32 lrs;
};
[[nodiscard]] inline machine_size chosen_size(u32 first, u32 second, u32 most_lrs) {
  constexpr u32 vcpus[] = {3, 3, 2, 1};
  const u32 lrs[] = {most_lrs, most_lrs, 1, most_lrs > 2 ? most_lrs - 1 : 1};
  return {vcpus[first & 3], (first & 4) != 0 ? 32u : 64u, lrs[second & 3]};
}

/// The identification registers at 0xffd0 (GICv2: 0xfd0): from 0xd0 on PIDR4..7, PIDR0..3, CIDR0..3: implementer Arm,
/// GICv2 or GICv3.
template <u32 Version>
[[nodiscard]] constexpr u32 id_register(u32 offset, u32 part) {
  switch (offset) {
    case 0xd0: return 0x04;
    case 0xe0: return part;
    case 0xe4: return 0xb4;
    case 0xe8: return Version == 2 ? 0x2b : 0x3b;
    case 0xf0: return 0x0d;
    case 0xf4: return 0xf0;
    case 0xf8: return 0x05;
    case 0xfc: return 0xb1;
    default: return 0;
  }
}

}  // namespace tests::fuzz
