// SPDX-License-Identifier: BSL-1.0
/// \file
/// A virtual machine and its reference model side by side. Whatever is done is done to both, and after it every vCPU
/// that has to passes through the hypervisor, so that both have the same to say.
#pragma once

#include "fuzz/input.hpp"
#include "fuzz/model.hpp"

#include <memory>

namespace tests::fuzz {

template <class Config>
class vm {
 public:
  using machine = machine_under_test<Config>;
  using format = typename machine::format;
  using word = typename format::word;
  using place = typename model<Config>::place;
  static constexpr bool is_v2 = machine::v2;

  /// A machine whose guest has done what guests do first: groups on, priorities set, interrupts enabled, those with odd
  /// INTIDs edge-triggered, some SPIs for each vCPU; or one at reset. PPI 27 and SPI 40 are physical interrupts.
  enum class begins : u8 { booted, at_reset };
  static constexpr u32 linked_ppi = 27;
  static constexpr u32 linked_spi = 40;

  vm(machine_size size, const char* name, begins how)
      : m(size.vcpus, size.spis, size.lrs), ref(size.vcpus, size.spis), lrs(size.lrs) {
    attach();
    story::say("tests::machine_under_test<%s> m(%u, %u, %u);", name, size.vcpus, size.spis, size.lrs);
    if (m.started != result::ok) fail("the machine does not start");
    for (u32 v = 0; v < ref.n; ++v) turned_on(v, 3, 0xf8);
    for (u32 v = 0; v < ref.n; ++v) link(v, linked_ppi);
    link(0, linked_spi);
    if (how == begins::booted) boot();
    settle();
    story::say("// ---");
  }
  vm(const vm&) = delete;
  vm& operator=(const vm&) = delete;

  /// Becomes what `other` is: a machine is bytes.
  void restore(const vm& other) {
    std::memcpy(static_cast<void*>(&m), static_cast<const void*>(&other.m), sizeof m);
    ref = other.ref;
    lrs = other.lrs;
    late = other.late;
    ends_seen = other.ends_seen;
    for (u32 v = 0; v < most_vcpus; ++v) physical_seen[v] = other.physical_seen[v];
    counted = 0;
    attach();
  }

  machine m;
  model<Config> ref;
  u32 lrs;
  u32 late = 0;     ///< vCPUs that left the guest because of `sync`: they have to pass
  u32 counted = 0;  ///< ends that the guest made of what is in no list register, since they were last accounted for

  // --- accesses ---

  void write(u32 v, u64 address, width w, u64 value) {
    story::say("m.store(vcpu(%u), 0x%llx, 0x%llx, width{%u});", v, at_(address), at_(value), raw(w));
    m.store(vcpu(v), address, value, w);
    ref.write(v, address, w, value);
  }
  void read(u32 v, u64 address, width w) {
    const u64 expected = ref.read(v, address, w);
    story::say("CHECK(m.load(vcpu(%u), 0x%llx, width{%u}) == 0x%llx);", v, at_(address), raw(w), at_(expected));
    const u64 answer = m.load(vcpu(v), address, w);
    if (answer != expected)
      fail("a read of 0x%llx by vCPU %u, width %u: 0x%llx, and the model has 0x%llx", at_(address), v, raw(w),
           at_(answer), at_(expected));
  }

  // --- rest ---

  void pass(u32 v) {
    late &= ~(1u << v);
    m.g.host().kicks.bits &= ~(1u << v);
    m.pass(vcpu(v));
  }

  /// Every vCPU that was kicked, was made to leave the guest or has a maintenance interrupt passes, until none has.
  void settle() {
    for (u32 round = 0;; ++round) {
      bool quiet = true;
      for (u32 v = 0; v < ref.n; ++v) {
        if (!ref.cpus[v].on) {
          m.g.host().kicks.bits &= ~(1u << v);
          continue;
        }
        if (((m.g.host().kicks.bits | late) >> v & 1) == 0 && !m.hardware().maintenance(vcpu(v))) continue;
        quiet = false;
        story::say("m.pass(vcpu(%u));", v);
        pass(v);
      }
      if (quiet) break;
      if (round == 40) fail("kicks or maintenance interrupts without end");
    }
    account_for_ends();
  }

  /// Of a pending interrupt that the distributor sends to `v` now: its GICv2 source, all others 0.
  [[nodiscard]] static u32 source_in(word w) { return is_v2 && id_in(w) < 16 ? format::source_of(w) : 0; }
  [[nodiscard]] static u32 id_in(word w) { return raw(format::id(w)); }

  void turned_on(u32 v, u32 groups, u32 mask) {
    auto& c = ref.cpus[v];
    c.on = true;
    c.groups = groups;
    c.mask = mask;
  }

 private:
  static unsigned long long at_(u64 x) { return x; }

  void attach() {
    if constexpr (host_can_sync<typename Config::host>) {
      m.g.host().machine = this;
      m.g.host().on_sync = [](void* self, vcpu_id v) {
        auto& me = *static_cast<vm*>(self);
        if (!me.ref.cpus[raw(v)].on) fail("a vCPU that is off is to be synchronised");
        me.m.on_cpu_of(v, [&] { me.m.g.exit(v); });
        me.late |= 1u << raw(v);
      };
    }
  }

  void link(u32 v, u32 i) {
    if (i >= ref.last) return;
    story::say("(void)m.g.link(%sintid{%u});", i < 32 ? ("vcpu(" + std::to_string(v) + "), ").c_str() : "", i);
    if ((i < 32 ? m.g.link(vcpu(v), intid{i}) : m.g.link(intid{i})) != result::ok) fail("link does not work");
    ref.extra(v, i).linked = true;
  }

  void boot() {
    write(0, m.gicd, width::word, 3);
    for (u32 v = 0; v < ref.n; ++v) boot_bank(v, 0);
    for (u32 i = 32; i < ref.last; i += 32) boot_bank(0, i);
    for (u32 i = 32; i < ref.last; ++i)
      if (is_v2)
        write(0, m.gicd + 0x800 + i, width::byte, 1u << (i / 4 % ref.n));
      else
        write(0, m.gicd + 0x6000 + 8 * i, width::dword, i / 4 % ref.n);
  }
  void boot_bank(u32 v, u32 i) {
    const u32 by = is_v2 ? v : 0;
    if (!is_v2) write(by, m.bits(m.igroupr, i, v), width::word, 0xffff'fff7);
    write(by, m.bits(m.isenabler, i, v), width::word, 0xffff'ffff);
    for (u32 k = 0; k < 32; k += 4) write(by, m.bytes(m.ipriorityr, i + k, v), width::word, 0xa0a0'a0a0);
    for (u32 k = i < 16 ? 16 : 0; k < 32; k += 16) {
      const u64 base = !is_v2 && i < 32 ? m.sgi_frame(v) : m.gicd;
      write(by, base + m.icfgr + (i + k) / 4, width::word, 0x8888'8888);
    }
  }

  /// Physical interrupts that ended, by list registers and by the host; and ends whose interrupt the hardware did not
  /// say: the library ends one that is active in no list register, which one is its choice.
  void account_for_ends() {
    for (u32 v = 0; v < ref.n; ++v) {
      auto& c = m.hardware().at(vcpu(v));
      if (c.physical_end_count - physical_seen[v] > 16) physical_seen[v] = c.physical_end_count - 16;
      for (; physical_seen[v] != c.physical_end_count; ++physical_seen[v])
        physical_ended(v, c.physical_ends[physical_seen[v] % 16]);
    }
    auto& host = m.g.host();
    for (u32 k = 0; k < host.ends; ++k) physical_ended(host.ended[k] & 0xffff, host.ended[k] >> 16);
    host.ends = 0;
    if (counted == 0) return;
    for (u32 v = 0; v < ref.n; ++v)
      for (u32 i = v == 0 ? 0 : 0; i < (v == 0 ? ref.last : 32); ++i) {
        const auto& b = i < 32 ? m.g.inspect().vcpu[v].priv : m.g.inspect().spi[i / 32 - 1];
        const bool is = (Config::atomics::load(b.active) >> (i % 32) & 1) != 0;
        if (is || !ref.is_active(v, i) || ref.at(v, i).handler != nobody || counted == 0) continue;
        --counted;
        ref.end(v, i);
      }
    counted = 0;
  }
  void physical_ended(u32 v, u32 i) {
    auto& x = ref.extra(v < ref.n && i < 32 ? v : 0, i < ref.last ? i : 0);
    if (v >= ref.n || i >= ref.last || !x.linked) fail("physical end of %u on vCPU %u, which is not linked", i, v);
    x.physical = false;
  }

  u32 ends_seen = 0;
  u32 physical_seen[most_vcpus] = {};
};

}  // namespace tests::fuzz
