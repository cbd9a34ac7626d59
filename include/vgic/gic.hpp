// SPDX-License-Identifier: BSL-1.0
/// \file
/// The virtual GIC of one VM.
#pragma once

#include <vgic/frames/window.hpp>
#include <vgic/result.hpp>
#include <vgic/trap.hpp>

namespace vgic {

/// How much of a configuration a VM uses.
struct machine {
  u32 vcpus;           ///< 1..limits.vcpus
  u32 spis;            ///< a multiple of 32 up to limits.spis (or 988)
  u32 list_registers;  ///< that the hardware has; more than limits.list_registers are left alone
};

/// A virtual GIC. Constant-initialised; all memory is inside. Calls may come from any CPU at any time, with these
/// exceptions: `start` and `reset` while no vCPU runs; what says "own CPU" on the CPU that runs the vCPU, with
/// interrupts masked. vCPU arguments are vCPUs of the VM.
template <configuration C>
class gic : public detail::windows<C> {
  using base = detail::windows<C>;
  using base::backend_;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::place;
  using typename base::s;

 public:
  using configuration = C;
  static constexpr limits max = s::max;

  // --- the VM ---

  /// Takes up work as a GIC with so many vCPUs and SPIs, everything at reset.
  result start(const machine& m) {
    const bool spis_ok = m.spis != 0 && m.spis <= max.spis && (m.spis % 32 == 0 || m.spis == 988);
    if (m.vcpus == 0 || m.vcpus > max.vcpus || !spis_ok || m.list_registers == 0) return result::bad_limits;
    if (!base::frames::serve(m.vcpus)) return result::bad_layout;
    st_.vcpus = m.vcpus;
    st_.spis = m.spis;
    st_.spi_banks = (m.spis + 31) / 32;
    st_.list_registers = m.list_registers < max.list_registers ? m.list_registers : max.list_registers;
    st_.all_list_registers = ~u32{0} >> (32 - st_.list_registers);
    st_.typer = make_gicd_typer();
    if constexpr (s::is_v3) {
      for (u32 v = 0; v < m.vcpus; ++v) st_.vcpu[v].typer = base::make_typer(vcpu_id{static_cast<u16>(v)});
      const u64 in_first_region = s::layout::v3.capacity(0);
      st_.redistributor_words = (m.vcpus < in_first_region ? m.vcpus : in_first_region) * (base::frames::stride() / 4);
    }
    reset();
    return result::ok;
  }

  /// Resets distributor, redistributors and CPU interfaces. Links to physical interrupts stay.
  void reset() {
    for (auto& gate : st_.gate) atomics::store(gate, u32{0});
    atomics::store(st_.statusr, u32{0});
    atomics::store(st_.turn, u32{0});
    atomics::store(st_.strays, u32{0});
    for (auto& group : st_.takes)
      for (auto& w : group) atomics::store(w, u32{0});
    for (u32 w = 0; w < s::spi_banks; ++w) reset_bank(st_.spi[w], w + 1, 0, 0);
    for (auto& w : st_.priorities) atomics::store(w, u32{0});
    for (auto& r : st_.routes) atomics::store(r, reset_route() * (s::is_v2 ? 0x0101'0101u : 1));
    for (u32 v = 0; v < st_.vcpus; ++v) reset_vcpu(vcpu_id{static_cast<u16>(v)});
  }

  // --- vCPUs ---

  /// PSCI CPU_ON: the vCPU will run; its CPU interface is at reset. Interrupts that waited for it are found at its
  /// first entry. Call before `load`, from any CPU.
  result vcpu_on(vcpu_id v) {
    if (raw(v) >= st_.vcpus) return result::no_such_vcpu;
    auto& o = vcpu(v);
    o.saved = {};
    this->waits(o, this->all_banks());
    if (atomics::load(st_.strays) != 0) o.strays = this->all_banks();
    o.ends_owed = 0;
    o.group_events = 3;
    atomics::store(o.groups_enabled, u32{0});
    atomics::exchange(o.on, u32{1});
    return result::ok;
  }

  /// PSCI CPU_OFF, own CPU, after `exit`: what its list registers hold goes back to the planes: pending ones wait (or
  /// go to another vCPU if they may), active ones stay active. The CPU interface is switched off.
  result vcpu_off(vcpu_id v) {
    if (raw(v) >= st_.vcpus) return result::no_such_vcpu;
    auto& o = vcpu(v);
    atomics::exchange(o.on, u32{0});
    atomics::exchange(o.groups_enabled, u32{0});
    if (o.used != 0) atomics::store(st_.strays, u32{1});
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) this->withdraw(v, o, lowest(rest));
    for (auto* w : {&o.mine, &o.comparing}) atomics::store(*w, u32{0});
    o.software_ends = 0;
    this->taking_changed(v);
    o.armed = 0;
    backend_.write_hcr(v, 0);
    return result::ok;
  }

  /// Own CPU: makes the CPU's virtual interface that of `v`: once after `vcpu_on`, and whenever a scheduler switches to
  /// it. The host's current() is `v` from here on.
  void load(vcpu_id v) {
    auto& o = vcpu(v);
    for (u32 r = 0; r < st_.list_registers; ++r)
      backend_.write(v, lr_index{r}, (o.used >> r & 1) != 0 ? o.lr[r] : typename base::lr_word{0});
    backend_.restore(v, o.saved);
    o.armed = 0;
    this->arm(v, o);
  }

  /// Own CPU, after `exit`: saves the virtual interface and switches it off.
  void put(vcpu_id v) {
    auto& o = vcpu(v);
    backend_.save(v, o.saved);
    o.armed = 0;
    backend_.write_hcr(v, 0);
  }

  /// Own CPU, first thing after an exit from the guest: folds in what the guest did. Touches no list register when none
  /// is in use.
  void exit(vcpu_id v) {
    auto& o = vcpu(v);
    if (o.used != 0) this->fold(v, o);
  }

  /// Own CPU, last thing before the guest is entered: lists what became deliverable.
  void entry(vcpu_id v) {
    auto& o = vcpu(v);
    if ((atomics::load(o.maybe) | o.unlisted) != 0) this->flush(v, o);
  }

  /// Own CPU, between `exit` and `entry`, when the maintenance interrupt was taken. That the guest turned a group on or
  /// off at its CPU interface is learned here; everything else happens in `exit` and `entry`.
  void maintenance(vcpu_id v) {
    if constexpr (s::has_one_of_n) {
      auto& o = vcpu(v);
      const u32 now = backend_.read_vmcr(v) & (vmcr::veng0 | vmcr::veng1);
      const u32 before = atomics::load(o.groups_enabled);
      const u32 events = backend_.read_misr(v);
      if ((events & 0xf0) == 0 && now == before) return;
      // An event that says what we know already would come for ever: not asked for any more.
      for (u32 g = 0; g < 2; ++g)
        if ((events >> (4 + 2 * g) & 3) != 0 && ((now ^ before) >> g & 1) == 0)
          o.group_events = static_cast<u8>(o.group_events & ~(1u << g));
      if (now != before) {
        atomics::exchange(o.groups_enabled, now);
        atomics::order();
        this->taking_changed(v);
        this->poke(v, this->all_banks());
      }
      this->arm(v, o);
    } else if (constexpr u32 any = 0xf0; (vcpu(v).armed & backend_.read_misr(v) & any) != 0) {
      // What waited for a group to be turned on, or the other off. (MISR has an event's bit where HCR has its enable.)
      this->poke(v, this->all_banks());
    }
  }

  /// Own CPU, after `exit`: is there anything that `v` should be running for? For hosts that trap WFI.
  [[nodiscard]] bool has_work(vcpu_id v) {
    auto& o = vcpu(v);
    return (atomics::load(o.maybe) | o.left.banks | o.strays | o.used) != 0;
  }

  // --- interrupts coming in ---

  /// Drives the line of an SPI: high, low, or up and down at once (which only an edge-triggered interrupt notices).
  result raise(intid i) {
    return with_spi(i, [this](place at, u32 n) { return this->raise_line(at, n); });
  }
  result lower(intid i) {
    return with_spi(i, [this](place at, u32 n) { return this->lower_line(at, n); });
  }
  result pulse(intid i) {
    return with_spi(i, [this](place at, u32 n) { return this->pulse_line(at, n); });
  }
  /// The same for a PPI (INTID 16..31) of vCPU `v`.
  result raise(vcpu_id v, intid i) {
    return with_ppi(v, i, [this](place at, u32 n) { return this->raise_line(at, n); });
  }
  result lower(vcpu_id v, intid i) {
    return with_ppi(v, i, [this](place at, u32 n) { return this->lower_line(at, n); });
  }
  result pulse(vcpu_id v, intid i) {
    return with_ppi(v, i, [this](place at, u32 n) { return this->pulse_line(at, n); });
  }

  /// Links an INTID to a physical interrupt (its own number, or what host.physical(v, i) says): it goes into list
  /// registers with HW set, so that the guest ends it in the physical GIC.
  result link(intid i) {
    return with_spi(i, [](place at, u32 n) {
      at.b.link(n);
      return result::ok;
    });
  }
  result link(vcpu_id v, intid i) {
    return with_ppi(v, i, [](place at, u32 n) {
      at.b.link(n);
      return result::ok;
    });
  }

  /// The physical interrupt behind a linked INTID was acknowledged and its priority dropped; it is still active. Makes
  /// the INTID pending.
  result forward(intid i) {
    return with_spi(i, [this](place at, u32 n) { return this->latch(at, n); });
  }
  result forward(vcpu_id v, intid i) {
    return with_ppi(v, i, [this](place at, u32 n) { return this->latch(at, n); });
  }

  // --- traps ---

  /// A data abort of `v`: emulates the access if it is to a GIC frame. `x` are the guest's x0..x30.
  trap_status data_abort(vcpu_id v, const abort_syndrome& a, u64* x) {
    const guest_address at = syndrome::fault_address(a);
    if (!this->owns(at)) [[unlikely]]
      return trap_status::not_gic;
    if (!syndrome::describes_unsigned(a.esr)) [[unlikely]]
      return any_data_abort(v, a, x);
    // What guests do all the time: a word, zero extended. The width is a constant there.
    const u32 r = syndrome::transfer_register(a.esr);
    const width size = syndrome::access_size(a.esr);
    if (syndrome::access_direction(a.esr) == direction::read) {
      const u64 item = size == width::word
                           ? this->read(v, at, width::word)
                           : syndrome::loaded_value(syndrome::decode_access(a), this->read(v, at, size));
      if (r != 31) [[likely]]
        x[r] = item;
    } else {
      const u64 value = r != 31 ? x[r] : 0;
      if (size == width::word) [[likely]]
        this->write(v, at, width::word, static_cast<u32>(value));
      else
        this->write(v, at, size, syndrome::low_part(value, size));
    }
    return trap_status::handled;
  }

  /// A trapped MSR or MRS of `v` (EC 0x18): the SGI registers, and ICC_DIR_EL1 for a host that traps it.
  trap_status system_register(vcpu_id v, u64 esr, const u64* x) {
    if constexpr (s::is_v2) {
      return trap_status::not_gic;
    } else {
      if (syndrome::system_register_direction(esr) == direction::read) return trap_status::not_gic;
      const u32 rt = syndrome::system_register_rt(esr);
      const u64 value = rt != 31 ? x[rt] : 0;
      if (syndrome::system_register_key(esr) != syndrome::key_icc_sgi1r) [[unlikely]]
        return other_system_register(v, syndrome::system_register_key(esr), value);
      sgi1r(v, value);
      return trap_status::handled;
    }
  }

  /// A write of `v` to ICC_SGI1R_EL1 (IHI 0069, 12.2.17), for hosts that decode system registers themselves.
  void sgi1r(vcpu_id v, u64 value) requires(s::is_v3) {
    this->trace(v, reg::icc_sgi1r, 0, width::dword, direction::write, value);
    this->template write_sgi_register<reg::icc_sgi1r>(v, value);
  }

 private:
  /// ICC_SGI0R_EL1, ICC_ASGI1R_EL1 and ICC_DIR_EL1.
  [[gnu::noinline]] trap_status other_system_register(vcpu_id v, u32 key, u64 value) requires(s::is_v3) {
    const auto traced = [&](reg what) { this->trace(v, what, 0, width::dword, direction::write, value); };
    switch (key) {
      case syndrome::key_icc_asgi1r:
        traced(reg::icc_asgi1r);
        this->template write_sgi_register<reg::icc_asgi1r>(v, value);
        return trap_status::handled;
      case syndrome::key_icc_sgi0r:
        traced(reg::icc_sgi0r);
        this->template write_sgi_register<reg::icc_sgi0r>(v, value);
        return trap_status::handled;
      case syndrome::key_icc_dir:
        traced(reg::icc_dir);
        this->deactivate_interrupt(v, static_cast<u32>(value & 0xff'ffff));
        return trap_status::handled;
      default: return trap_status::not_gic;
    }
  }

  /// A load with sign extension, or what does not describe an access.
  [[gnu::noinline]] trap_status any_data_abort(vcpu_id v, const abort_syndrome a, u64* x) {
    if (!syndrome::describes_access(a.esr)) [[unlikely]]
      return trap_status::undecodable;
    const data_access d = syndrome::decode_access(a);
    if (d.dir == direction::read) {
      const u64 item = this->read(v, d.address, d.size);
      if (d.reg != 31) x[d.reg] = syndrome::loaded_value(d, item);
    } else {
      this->write(v, d.address, d.size, d.reg != 31 ? syndrome::stored_item(d, x[d.reg]) : 0);
    }
    return trap_status::handled;
  }

  template <class F>
  [[gnu::always_inline]] inline result with_spi(intid i, F&& f) {
    const u32 n = raw(i) - 32;
    if (n >= st_.spis) return result::no_such_interrupt;
    if (n / 32 >= s::spi_banks) __builtin_unreachable();  // as spi_banks() tells compilers
    return f(place{st_.spi[n / 32], n / 32 + 1, no_vcpu}, n % 32);
  }
  template <class F>
  [[gnu::always_inline]] inline result with_ppi(vcpu_id v, intid i, F&& f) {
    if (raw(v) >= st_.vcpus) return result::no_such_vcpu;
    if (raw(i) - 16 >= 16) return result::no_such_interrupt;
    return f(this->private_bank(v), raw(i));
  }

  [[nodiscard]] u32 make_gicd_typer() const {
    const u32 it_lines = st_.spi_banks;
    if constexpr (s::is_v2) {
      return it_lines | (st_.vcpus - 1) << 5;
    } else {
      constexpr u32 id_bits = 9u << 19;  // INTIDs of 10 bits
      constexpr u32 a3v = 1u << 24;
      return it_lines | id_bits | a3v | (s::has_message_spis ? 1u << 16 : 0) | (s::has_one_of_n ? 0 : 1u << 25) |
             (s::affinity::highest_aff0 > 15 ? 1u << 26 : 0);
    }
  }

  template <class Bank>
  void reset_bank(Bank& b, u32 index, u32 enabled, u32 edge) {
    // Links stay.
    for (auto& word : b.moving) atomics::store(word, atomics::load(word) & lanes::bits(lane::linked, 0xffff));
    for (auto* plane : {&b.active, &b.message, &b.any}) atomics::store(*plane, u32{0});
    atomics::store(b.enabled, enabled);
    atomics::store(b.edge, edge);
    atomics::store(b.group, s::has_reset_to_group1 && index <= this->spi_banks() ? this->implemented(index) : 0);
    for (auto& slice : b.slices) atomics::store(slice, u32{0});
  }

  void reset_vcpu(vcpu_id v) {
    auto& o = vcpu(v);
    for (auto* w :
         {&o.maybe, &o.mine, &o.comparing, &o.statusr, &o.dpg, &o.icfgr1, &o.asleep, &o.on, &o.groups_enabled})
      atomics::store(*w, u32{0});
    o.unlisted = o.used = o.armed = o.strays = o.ends_owed = o.write_pending = o.software_ends = 0;
    o.left = {};
    o.group_events = 3;
    // SGIs are edge-triggered; on GICv2 they are always enabled.
    reset_bank(o.priv, 0, s::is_v2 ? 0xffff : 0, 0xffff);
    for (auto& w : o.priorities) atomics::store(w, u32{0});
    for (auto& w : o.routed) atomics::store(w, u32{0});
    for (auto& w : o.sgi_sources) atomics::store(w, u8{0});
    for (auto& w : o.lr) w = 0;
    o.saved = {};
    const bool takes_spis = s::is_v3 ? raw(s::affinity::of(v)) == reset_route() : reset_route() != 0;
    if (takes_spis)
      for (auto& w : o.routed) atomics::store(w, ~u32{0});
  }

  /// IROUTER is 0.0.0.0 at reset, ITARGETSR empty. A GICv2 with one CPU begins with every SPI going to it: software
  /// for such machines need not write ITARGETSR (IHI 0048B, 4.3.12 lets it be RAZ/WI there).
  [[nodiscard]] u32 reset_route() const { return s::is_v2 && st_.vcpus == 1 ? 1 : 0; }
};

}  // namespace vgic
