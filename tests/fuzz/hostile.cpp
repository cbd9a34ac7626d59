// SPDX-License-Identifier: BSL-1.0
/// \file
/// The target `hostile`: the same accesses, with kicks obeyed late or never, list registers in any state, and numbers
/// of vCPUs and INTIDs from all that the host's calls take. No model: the state stays sound, sanitizers have nothing to
/// say, and every call's work stays bounded.
#include "fuzz/accesses.hpp"

#include "support/invariants.hpp"

#include <memory>

namespace tests::fuzz {

const char* const target_name = "hostile";

namespace {

/// Plain memory that counts what is done to it.
struct counted_atomics : single_cpu_atomics {
  static inline u32 accesses = 0;

  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    ++accesses;
    return single_cpu_atomics::load(c);
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits) {
    ++accesses;
    return single_cpu_atomics::fetch_or(c, bits);
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits) {
    ++accesses;
    return single_cpu_atomics::fetch_and(c, bits);
  }
  template <class T>
  static T exchange(cell<T>& c, T value) {
    ++accesses;
    return single_cpu_atomics::exchange(c, value);
  }
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired) {
    ++accesses;
    return single_cpu_atomics::compare_exchange(c, expected, desired);
  }
};

/// More than any call is known to need: the most that was seen is in docs/testing.md.
constexpr u32 most_accesses = 3000;

template <class Version, class Features, u32 Lrs, class Host = plain_host, class Layout = layout::xen_4_5>
using counted = small<Version, Features, Lrs, Host, Layout, counted_atomics>;

template <class Config>
class attacker {
  using machine = machine_under_test<Config>;
  using format = typename machine::format;
  using word = typename format::word;
  static constexpr bool is_v2 = machine::v2;

 public:
  attacker(machine& m, machine_size size, const history& h) : size_(size), m_(m), typer_(m_.g.inspect().typer) {
    if constexpr (host_can_sync<typename Config::host>) {
      m_.g.host().machine = this;
      m_.g.host().on_sync = [](void* self, vcpu_id v) {
        auto& me = *static_cast<attacker*>(self);
        me.m_.on_cpu_of(v, [&] { me.m_.g.exit(v); });
      };
    }
    for (std::size_t k = 0; k < h.steps(); ++k) {
      counted_atomics::accesses = 0;
      one(h.at(k));
      if (counted_atomics::accesses > most_accesses)
        fail("one step took %u accesses to shared state", counted_atomics::accesses);
    }
    come_to_rest();
    if (const std::string broken = broken_invariants(m_.g, typer_, held_by::anything); !broken.empty())
      fail("%.300s", broken.c_str());
  }

 private:
  void one(step s) {
    const u32 kind = s.kind & 0x1f;
    u32 v = s.who & 3;
    for (u32 k = 0; k < 4 && (v >= size_.vcpus || !m_.is_on(vcpu(v))); ++k) v = (v + 1) & 3;
    const bool runs = v < size_.vcpus && m_.is_on(vcpu(v));
    if (kind >= 24) return host_calls(s);
    if (!runs) return;
    if (kind < 7) return access_to(v, usual_access(m_, s, size_.vcpus, 32 + size_.spis), s);
    if (kind < 12) return access_to(v, any_access<Config>(s), s);
    switch (kind) {
      case 12:
      case 13: return data_abort(v, s);
      case 14:
      case 15: return system_register(v, s);
      case 16:
      case 17:
      case 18: return list_registers(v, s);
      case 19: return interface(v, s);
      case 20:
      case 21: return pass(v);
      case 22:
        story::say("m.on_cpu_of(vcpu(%u), [&] { m.g.exit(vcpu(%u)); });", v, v);
        m_.on_cpu_of(vcpu(v), [&] { m_.g.exit(vcpu(v)); });
        return;
      default:
        story::say("m.on_cpu_of(vcpu(%u), [&] { put, load });", v);
        m_.on_cpu_of(vcpu(v), [&] {
          m_.g.exit(vcpu(v));
          m_.g.put(vcpu(v));
          m_.g.load(vcpu(v));
          m_.g.entry(vcpu(v));
        });
    }
  }

  void access_to(u32 v, access a, step s) {
    if ((s.kind & 0x80) != 0) {
      story::say("(void)m.load(vcpu(%u), 0x%llx, width{%u});", v, ull(a.address), raw(a.size));
      const u64 answer = m_.load(vcpu(v), a.address, a.size);
      if (raw(a.size) < 8 && answer >> (8 * raw(a.size)) != 0) fail("a read answers more than it was asked for");
    } else {
      story::say("m.store(vcpu(%u), 0x%llx, 0x%llx, width{%u});", v, ull(a.address), ull(a.value), raw(a.size));
      m_.store(vcpu(v), a.address, a.value, a.size);
    }
  }
  void data_abort(u32 v, step s) {
    const access a = any_access<Config>(s);
    const abort_syndrome trap{any_syndrome(s) | u64{s.value} << 32, (a.address >> 12 << 4) | u64{s.kind} << 56,
                              a.address};
    story::say("m.between(vcpu(%u), [&] { m.g.data_abort(vcpu(%u), {0x%llx, 0x%llx, 0x%llx}, x); });", v, v,
               ull(trap.esr), ull(trap.hpfar), ull(trap.far));
    u64 x[31] = {s.value, ~u64{s.value}, s.a};
    for (u32 k = 3; k < 31; ++k) x[k] = x[k - 3] * 3;
    m_.between(vcpu(v), [&] { (void)m_.g.data_abort(vcpu(v), trap, x); });
  }
  void system_register(u32 v, step s) {
    const u64 esr = any_system_register(s);
    u64 x[31] = {};
    x[3] = (s.who & 0x80) != 0 ? s.value * u64{0x1'0001'0001} : sgi_value(s);
    story::say("m.between(vcpu(%u), [&] { m.g.system_register(vcpu(%u), 0x%llx, x); });  // x[3] = 0x%llx", v, v,
               ull(esr), ull(x[3]));
    m_.between(vcpu(v), [&] { (void)m_.g.system_register(vcpu(v), esr, x); });
  }

  /// Each list register that holds something gets any state; EOIcount gets any value.
  void list_registers(u32 v, step s) {
    auto& c = m_.hardware().at(vcpu(v));
    u32 bits = s.value;
    for (word& w : c.lr) {
      if (format::state(w) == lr_state::invalid) continue;
      if ((bits & 4) == 0) w = format::state(w, lr_state{static_cast<u8>(bits & 3)});
      bits >>= 3;
    }
    if ((s.a & 0x20) != 0) c.hcr = (c.hcr & 0x07ff'ffff) | u32{s.a & 0x1fu} << hcr::eoicount_shift;
    story::say("// list registers of vcpu(%u): states 0x%x, three bits each; EOIcount 0x%x", v, s.value, s.a);
  }
  void interface(u32 v, step s) {
    story::say("m.hardware().at(vcpu(%u)).vmcr = 0x%x;", v, s.value);
    auto& c = m_.hardware().at(vcpu(v));
    c.vmcr = s.value;
    c.apr[0] = c.apr[1] = s.a;
  }
  void pass(u32 v) {
    story::say("m.pass(vcpu(%u));", v);
    m_.g.host().kicks.bits &= ~(1u << v);
    m_.pass(vcpu(v));
  }

  /// What the host calls with numbers that it may have from anywhere, a guest's PSCI call for one.
  void host_calls(step s) {
    const u16 any = s.a;
    const intid i{(s.who & 0x40) != 0 ? s.value : s.value % (40 + size_.spis)};
    const vcpu_id v{(s.who & 0x20) != 0 ? any : static_cast<u16>(any % (size_.vcpus + 1))};
    auto& g = m_.g;
    const bool there = raw(v) < size_.vcpus;
    const bool spi = raw(i) >= 32 && raw(i) < 32 + size_.spis;
    const bool ppi = raw(i) >= 16 && raw(i) < 32;
    const auto expect = [&](result r, bool good) {
      if ((r == result::ok) != good) fail("a call with vCPU %u and INTID %u comes to %d", raw(v), raw(i), int(r));
    };
    story::say("// host call %u: vcpu_id{%u}, intid{%u}", s.who & 0xf, raw(v), raw(i));
    switch (s.who & 0xf) {
      case 0:
      case 1: return expect(g.raise(i), spi);
      case 2: return expect(g.lower(i), spi);
      case 3: return expect(g.pulse(i), spi);
      case 4: return expect(g.raise(v, i), there && ppi);
      case 5: return expect(g.lower(v, i), there && ppi);
      case 6: return expect(g.pulse(v, i), there && ppi);
      case 7: return expect(g.forward(i), spi);
      case 8: return expect(g.forward(v, i), there && ppi);
      case 9: return expect(g.link(i), spi);
      case 10: return expect(g.link(v, i), there && ppi);
      case 11:
      case 12:
        if (!there) return expect(g.vcpu_on(v), false);
        if (!m_.is_on(v)) m_.turn_on(v);
        return;
      case 13:
      case 14:
        if (!there) return expect(g.vcpu_off(v), false);
        if (m_.is_on(v)) m_.turn_off(v);
        return;
      default:
        if (s.value % 16 != 0) return;
        for (u32 k = 0; k < size_.vcpus; ++k)
          if (m_.is_on(vcpu(k))) m_.turn_off(vcpu(k));
        g.reset();
        for (auto& c : {0u, 1u, 2u}) m_.hardware().at(vcpu(c)) = {};
    }
  }

  /// Of the ends that were counted, up to 31 in each step, one pass carries out one.
  static constexpr u32 most_passes = 2000;

  void come_to_rest() {
    for (u32 round = 0; round < 3; ++round)
      for (u32 v = 0; v < size_.vcpus; ++v)
        if (m_.is_on(vcpu(v))) pass(v);
    for (u32 round = 0; m_.g.host().kicks.bits != 0; ++round) {
      if (round == most_passes) fail("kicks without end");
      for (u32 v = 0; v < size_.vcpus; ++v) {
        if ((m_.g.host().kicks.bits >> v & 1) == 0) continue;
        if (m_.is_on(vcpu(v)))
          pass(v);
        else
          m_.g.host().kicks.bits &= ~(1u << v);
      }
    }
  }

  static unsigned long long ull(u64 x) { return x; }

  machine_size size_;
  machine& m_;
  u32 typer_;
};

template <class Config>
void play_on(const char* name, const history& h) {
  using machine = machine_under_test<Config>;
  const machine_size size = chosen_size(h.choice(1), h.choice(2), Config::limits.list_registers);
  const bool boots = (h.choice(3) & 3) != 3;
  story::say("tests::machine_under_test<%s> m(%u, %u, %u);%s", name, size.vcpus, size.spis, size.lrs,
             boots ? " m.boot();" : "");
  // Each kind of machine is made once and then copied: it is bytes.
  static std::unique_ptr<machine> images[2][2][4][4];
  auto& image = images[boots][size.spis == 32][size.vcpus][h.choice(2) & 3];
  if (!image) {
    image = std::make_unique<machine>(size.vcpus, size.spis, size.lrs);
    if (boots) image->boot();
  }
  static machine work;
  std::memcpy(static_cast<void*>(&work), static_cast<const void*>(image.get()), sizeof work);
  (void)attacker<Config>(work, size, h);
}

template <class... F>
using set = features<F...>;

}  // namespace

#define PLAY_ON(...) return play_on<__VA_ARGS__>(#__VA_ARGS__, h)

void play(const u8* bytes, std::size_t size) {
  const history h(bytes, size);
  switch (h.choice(0) % 6) {
    case 0: PLAY_ON(counted<gicv3, all_features, 4>);
    case 1: PLAY_ON(counted<gicv3, set<>, 4, synchronising_host, layout::qemu_virt>);
    case 2: PLAY_ON(counted<gicv3, set<one_of_n, message_spis>, 16, plain_host, two_regions>);
    case 3: PLAY_ON(counted<gicv2, all_features, 4>);
    case 4: PLAY_ON(counted<gicv2, set<>, 1, synchronising_host>);
    default: PLAY_ON(counted<gicv2, set<one_of_n>, 16, plain_host, layout::qemu_virt>);
  }
}

}  // namespace tests::fuzz
