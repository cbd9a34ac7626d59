// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a guest's access to each register group costs: read and write, at rest and with every SPI pending, decoded and
/// from the syndrome.
#pragma once

#include <bench/suites/machine.hpp>

#include <memory>

namespace bench {

/// A guest's access, and what puts its effect right again.
struct register_access {
  std::string name;
  u64 address;
  vgic::width size = vgic::width::word;
  u64 value = 0;         ///< that is written
  bool undone = false;   ///< is there an undoing access, of the same width?
  u64 undo_address = 0;  ///< that undoes it
  u64 undo_value = 0;
};

/// The accesses of one version's registers, for a VM with so many vCPUs and SPIs.
template <vgic::configuration C>
class register_accesses {
  using vm = machine<C>;
  using width = vgic::width;
  static constexpr bool v3 = vm::v3;

 public:
  register_accesses(u32 vcpus, u32 spis) : last_vcpu_(vcpus - 1), last_bank_(spis / 32) {}

  [[nodiscard]] std::vector<register_access> reads() const {
    const u64 d = vm::distributor();
    const u64 last_spi = 32u * last_bank_ + 31;
    std::vector<register_access> list{
        {"GICD_CTLR", d + 0x0},
        {"GICD_TYPER", d + 0x4},
        {"GICD_IIDR", d + 0x8},
        {"a reserved offset", d + 0x30},
        {"GICD_NSACR", d + 0xe08},
        {"GICD_CPENDSGIR", d + 0xf10},
        {"GICD_SPENDSGIR", d + 0xf20},
        {"GICD_PIDR2", d + (v3 ? 0xffe8 : 0xfe8)},
        {"GICD_CIDR3", d + (v3 ? 0xfffc : 0xffc)},
        {"GICD_ISENABLER, 16 bits (refused)", d + 0x104, width::half},
    };
    for (const auto& [name, offset] : bit_registers) {
      list.push_back({name, d + offset + 4});
      list.push_back({name + std::string(", last"), d + offset + 4 * last_bank_});
      list.push_back({name + std::string("31, without interrupts"), d + offset + 0x7c});
    }
    list.insert(list.end(), {
                                {"GICD_IPRIORITYR", d + 0x420},
                                {"GICD_IPRIORITYR, last", d + 0x400 + last_spi - 3},
                                {"GICD_IPRIORITYR, byte", d + 0x421, width::byte},
                                {"GICD_IPRIORITYR, last byte", d + 0x400 + last_spi, width::byte},
                                {"GICD_ITARGETSR", d + 0x820},
                                {"GICD_ITARGETSR, byte", d + 0x821, width::byte},
                                {"GICD_ICFGR", d + 0xc08},
                                {"GICD_ICFGR, last", d + 0xc00 + 8 * last_bank_ + 4},
                            });
    if constexpr (v3) {
      for (const auto& more : {register_access{"GICD_TYPER2", d + 0xc},
                               {"GICD_STATUSR", d + 0x10},
                               {"GICD_SETSPI_NSR", d + 0x40},
                               {"GICD_IGRPMODR", d + 0xd04},
                               {"GICD_IROUTER", d + 0x6100, width::dword},
                               {"GICD_IROUTER, low half", d + 0x6100},
                               {"GICD_IROUTER, high half", d + 0x6104},
                               {"GICD_IROUTER, last", d + 0x6000 + 8 * last_spi, width::dword}})
        list.push_back(more);
      add_redistributor_reads(list);
    } else {
      for (const auto& [name, offset] : bit_registers) list.push_back({name + std::string("0"), d + offset});
      list.push_back({"GICD_IPRIORITYR0", d + 0x400});
      list.push_back({"GICD_ITARGETSR0", d + 0x800});
      list.push_back({"GICD_ICFGR0", d + 0xc00});
      list.push_back({"GICD_ICFGR1", d + 0xc04});
    }
    return list;
  }

  [[nodiscard]] std::vector<register_access> writes() const {
    const u64 d = vm::distributor();
    const u64 enable = d + 0x104, disable = d + 0x184, pend = d + 0x204, unpend = d + 0x284;
    const u64 activate = d + 0x304, deactivate = d + 0x384;
    const u64 priority = d + 0x424, config = d + 0xc08, all = 0xffff'ffff, one = 0x100;
    const u64 on = v3 ? 0x13 : 0x3;
    std::vector<register_access> list{
        {"GICD_CTLR, unchanged", d, width::word, on},
        {"GICD_CTLR, groups off", d, width::word, v3 ? 0x10u : 0, true, d, on},
        {"GICD_TYPER (read-only)", d + 0x4, width::word, all},
        {"a reserved offset", d + 0x30, width::word, all},
        {"GICD_IGROUPR, unchanged", d + 0x84, width::word, v3 ? all : 0},
        {"GICD_IGROUPR, 32 changed", d + 0x84, width::word, v3 ? 0 : all, true, d + 0x84, v3 ? all : 0},
        {"GICD_ISENABLER, 32 bits set already", enable, width::word, all},
        {"GICD_ISENABLER, one set", enable, width::word, one, true, disable, one},
        {"GICD_ISENABLER, 32 set", enable, width::word, all, true, disable, all},
        {"GICD_ICENABLER, one cleared", disable, width::word, one, true, enable, one},
        {"GICD_ICENABLER, 32 cleared", disable, width::word, all, true, enable, all},
        {"GICD_ICENABLER, nothing to clear", disable, width::word, 0},
        {"GICD_ISPENDR, one", pend, width::word, one, true, unpend, one},
        {"GICD_ISPENDR, 32", pend, width::word, all, true, unpend, all},
        {"GICD_ICPENDR, one", unpend, width::word, one, true, pend, one},
        {"GICD_ICPENDR, 32", unpend, width::word, all, true, pend, all},
        {"GICD_ISACTIVER, one", activate, width::word, one, true, deactivate, one},
        {"GICD_ISACTIVER, 32", activate, width::word, all, true, deactivate, all},
        {"GICD_ICACTIVER, one", deactivate, width::word, one, true, activate, one},
        {"GICD_ICACTIVER, nothing to clear", deactivate, width::word, all},
        {"GICD_IPRIORITYR, unchanged", priority, width::word, 0xa0a0'a0a0},
        {"GICD_IPRIORITYR, changed", priority, width::word, 0x8080'8080, true, priority, 0xa0a0'a0a0},
        {"GICD_IPRIORITYR, byte changed", priority, width::byte, 0x80, true, priority, 0xa0},
        {"GICD_ICFGR, unchanged", config, width::word, 0xaaaa'aaaa},
        {"GICD_ICFGR, 16 changed", config, width::word, 0, true, config, 0xaaaa'aaaa},
        {"GICD_NSACR", d + 0xe08, width::word, all},
        {"GICD_SGIR, to nobody", d + 0xf00, width::word, 0},
        {"GICD_CPENDSGIR, nothing to clear", d + 0xf10, width::word, all},
        {"GICD_PIDR2 (read-only)", d + (v3 ? 0xffe8 : 0xfe8), width::word, all},
        {"GICD_ISENABLER, 16 bits (refused)", enable, width::half, all},
    };
    if constexpr (v3) {
      const u64 route = d + 0x6000 + 8 * 40;
      const u64 other = raw(C::affinity::of(vcpu(1 < last_vcpu_ ? 1 : last_vcpu_)));
      const u64 same = raw(C::affinity::of(vcpu(0)));
      for (const auto& more : {register_access{"GICD_STATUSR", d + 0x10, width::word, all},
                               {"GICD_SETSPI_NSR", d + 0x40, width::word, 40, true, d + 0x48, 40},
                               {"GICD_CLRSPI_NSR", d + 0x48, width::word, 40, true, d + 0x40, 40},
                               {"GICD_IGRPMODR", d + 0xd04, width::word, all},
                               {"GICD_IROUTER, unchanged", route, width::dword, same},
                               {"GICD_IROUTER, new target", route, width::dword, other, true, route, same},
                               {"GICD_IROUTER, low half, new target", route, width::word, other, true, route, same},
                               {"GICD_IROUTER, any vCPU", route, width::dword, u64{1} << 31, true, route, same}})
        list.push_back(more);
      add_redistributor_writes(list);
    } else {
      for (const auto& more :
           {register_access{"GICD_ITARGETSR, unchanged", d + 0x828, width::word, 0x0101'0101},
            {"GICD_ITARGETSR, new target", d + 0x828, width::byte, 2, true, d + 0x828, 1},
            {"GICD_ITARGETSR, 4 new targets", d + 0x828, width::word, 0x0202'0202, true, d + 0x828, 0x0101'0101},
            {"GICD_ISENABLER0, one set", d + 0x100, width::word, 1u << 27, true, d + 0x180, 1u << 27},
            {"GICD_ICENABLER0, one cleared", d + 0x180, width::word, 1u << 27, true, d + 0x100, 1u << 27},
            {"GICD_SPENDSGIR, one source", d + 0xf20, width::byte, 2, true, d + 0xf10, 2},
            {"GICD_CPENDSGIR, one source", d + 0xf10, width::byte, 2, true, d + 0xf20, 2}})
        list.push_back(more);
    }
    return list;
  }

 private:
  struct bits {
    const char* name;
    u32 offset;
  };
  static constexpr bits bit_registers[] = {
      {"GICD_IGROUPR", 0x80},  {"GICD_ISENABLER", 0x100}, {"GICD_ICENABLER", 0x180}, {"GICD_ISPENDR", 0x200},
      {"GICD_ICPENDR", 0x280}, {"GICD_ISACTIVER", 0x300}, {"GICD_ICACTIVER", 0x380},
  };

  void add_redistributor_reads(std::vector<register_access>& list) const {
    const u64 r = vm::redistributor(0);
    const u64 sgi = r + 0x1'0000;
    const u64 other = vm::redistributor(last_vcpu_);
    for (const auto& more : {register_access{"GICR_CTLR", r},
                             {"GICR_IIDR", r + 0x4},
                             {"GICR_TYPER", r + 0x8, width::dword},
                             {"GICR_TYPER, low half", r + 0x8},
                             {"GICR_TYPER, high half", r + 0xc},
                             {"GICR_TYPER of the last vCPU", other + 0x8, width::dword},
                             {"GICR_STATUSR", r + 0x10},
                             {"GICR_WAKER", r + 0x14},
                             {"GICR_SETLPIR", r + 0x40, width::dword},
                             {"GICR_PROPBASER", r + 0x70, width::dword},
                             {"GICR_SYNCR", r + 0xc0},
                             {"GICR_PIDR2", r + 0xffe8},
                             {"GICR, a reserved offset", r + 0x200},
                             {"GICR_IGROUPR0", sgi + 0x80},
                             {"GICR_ISENABLER0", sgi + 0x100},
                             {"GICR_ICENABLER0", sgi + 0x180},
                             {"GICR_ISPENDR0", sgi + 0x200},
                             {"GICR_ICPENDR0", sgi + 0x280},
                             {"GICR_ISACTIVER0", sgi + 0x300},
                             {"GICR_ICACTIVER0", sgi + 0x380},
                             {"GICR_IPRIORITYR", sgi + 0x400},
                             {"GICR_IPRIORITYR, byte", sgi + 0x41f, width::byte},
                             {"GICR_ICFGR0", sgi + 0xc00},
                             {"GICR_ICFGR1", sgi + 0xc04},
                             {"GICR_IGRPMODR0", sgi + 0xd00},
                             {"GICR_NSACR", sgi + 0xe00},
                             {"GICR_ISENABLER0 of the last vCPU", other + 0x1'0100},
                             {"GICR_ISPENDR0 of the last vCPU", other + 0x1'0200}})
      list.push_back(more);
  }
  void add_redistributor_writes(std::vector<register_access>& list) const {
    const u64 r = vm::redistributor(0);
    const u64 sgi = r + 0x1'0000;
    const u64 timer = 1u << 27;
    for (const auto& more :
         {register_access{"GICR_CTLR", r, width::word, 0},
          {"GICR_WAKER, unchanged", r + 0x14, width::word, 0},
          {"GICR_WAKER, to sleep", r + 0x14, width::word, 2, true, r + 0x14, 0},
          {"GICR_TYPER (read-only)", r + 0x8, width::dword, 0xffff'ffff},
          {"GICR_STATUSR", r + 0x10, width::word, 0xffff'ffff},
          {"GICR_SETLPIR", r + 0x40, width::dword, 0xffff'ffff},
          {"GICR_PROPBASER", r + 0x70, width::dword, 0xffff'ffff},
          {"GICR_PIDR2 (read-only)", r + 0xffe8, width::word, 0xffff'ffff},
          {"GICR, a reserved offset", r + 0x200, width::word, 0xffff'ffff},
          {"GICR_IGRPMODR0", sgi + 0xd00, width::word, 0xffff'ffff},
          {"GICR_NSACR", sgi + 0xe00, width::word, 0xffff'ffff},
          {"GICR_ICFGR0 (read-only)", sgi + 0xc00, width::word, 0},
          {"GICR_IGROUPR0, unchanged", sgi + 0x80, width::word, 0xffff'ffff},
          {"GICR_ISENABLER0, 32 bits set already", sgi + 0x100, width::word, 0xffff'ffff},
          {"GICR_ISENABLER0, one set", sgi + 0x100, width::word, timer, true, sgi + 0x180, timer},
          {"GICR_ICENABLER0, one cleared", sgi + 0x180, width::word, timer, true, sgi + 0x100, timer},
          {"GICR_ISPENDR0, one", sgi + 0x200, width::word, timer, true, sgi + 0x280, timer},
          {"GICR_ICPENDR0, one", sgi + 0x280, width::word, timer, true, sgi + 0x200, timer},
          {"GICR_ISACTIVER0, one", sgi + 0x300, width::word, timer, true, sgi + 0x380, timer},
          {"GICR_ICACTIVER0, one", sgi + 0x380, width::word, timer, true, sgi + 0x300, timer},
          {"GICR_IPRIORITYR, unchanged", sgi + 0x418, width::word, 0xa0a0'a0a0},
          {"GICR_IPRIORITYR, changed", sgi + 0x418, width::word, 0x8080'8080, true, sgi + 0x418, 0xa0a0'a0a0},
          {"GICR_ICFGR1, unchanged", sgi + 0xc04, width::word, 0},
          {"GICR_ICFGR1, 16 changed", sgi + 0xc04, width::word, 0xaaaa'aaaa, true, sgi + 0xc04, 0}})
      list.push_back(more);
  }

  u32 last_vcpu_;
  u32 last_bank_;
};

/// What the exception of an access to or from x2 says.
[[nodiscard]] inline vgic::abort_syndrome syndrome_of(const register_access& a, vgic::direction dir) {
  const u64 log = a.size == vgic::width::byte   ? 0
                  : a.size == vgic::width::half ? 1
                  : a.size == vgic::width::word ? 2
                                                : 3;
  const u64 iss = 1u << 24 | log << 22 | 2u << 16 | (a.size == vgic::width::dword ? 1u << 15 : 0) |
                  (dir == vgic::direction::write ? 1u << 6 : 0) | 0b000111;
  return {.esr = u64{vgic::syndrome::ec_data_abort_lower} << 26 | 1u << 25 | iss,
          .hpfar = a.address >> 12 << 4,
          .far = a.address};
}

/// The suite `trap`: vCPU 0 accesses, each kind in a VM of its own, at rest; "all pending": every SPI waits for it, as
/// many as there are list registers in these.
template <vgic::configuration C, class Meter>
[[nodiscard]] operations<Meter> trap_operations() {
  using vm = machine<C>;
  using call = typename vm::call;
  using vgic::direction;
  operations<Meter> list;
  const register_accesses<C> accesses(C::limits.vcpus, C::limits.spis / 32 * 32);

  struct system_register {
    const char* name;
    u32 key;
    u64 value;
  };
  // What an SGI costs that has a target is in the suite `delivery`.
  constexpr system_register system_registers[] = {
      {"ICC_SGI1R_EL1, to nobody", vgic::syndrome::key_icc_sgi1r, 0},
      {"ICC_SGI1R_EL1, to a cluster without vCPUs", vgic::syndrome::key_icc_sgi1r, 0xff'00'ffff},
      {"ICC_ASGI1R_EL1, to nobody", vgic::syndrome::key_icc_asgi1r, 0},
      {"ICC_SGI0R_EL1, to nobody", vgic::syndrome::key_icc_sgi0r, 0},
      {"ICC_DIR_EL1, an inactive SPI", vgic::syndrome::key_icc_dir, 40},
  };

  for (const bool all_pending : {false, true}) {
    // One VM serves all operations of a state: each leaves it as it was.
    const auto m = std::make_shared<std::unique_ptr<vm>>();
    const auto prepare = [m, all_pending] {
      *m = std::make_unique<vm>();
      if (all_pending)
        for (u32 i = 0; i < (*m)->spis(); ++i)
          must((*m)->g.pulse(vgic::spi(i)) == vgic::result::ok, "pulse() refused an SPI");
      (*m)->pass(vcpu(0));
    };
    const std::string state = all_pending ? ", all pending" : "";

    for (const auto& a : accesses.reads()) {
      list.push_back({.name = "read " + a.name + state,
                      .run =
                          [m, a](Meter& meter, u32 n) {
                            auto& g = (*m)->g;
                            for (u32 i = 0; i < n; ++i)
                              (void)meter(call::read, g, vcpu(0), vgic::guest_address{a.address}, a.size);
                          },
                      .prepare = prepare});
      list.push_back({.name = "read " + a.name + state + ", from its syndrome",
                      .run =
                          [m, s = syndrome_of(a, direction::read)](Meter& meter, u32 n) {
                            u64 x[31] = {};
                            for (u32 i = 0; i < n; ++i) (void)meter(call::data_abort, (*m)->g, vcpu(0), s, x);
                          },
                      .prepare = prepare});
    }
    if constexpr (vm::v3)
      for (const auto& r : system_registers)
        list.push_back({.name = std::string("write ") + r.name + state,
                        .run =
                            [m, r](Meter& meter, u32 n) {
                              const u64 x[31] = {r.value};
                              const u64 esr = u64{vgic::syndrome::ec_system_register} << 26 | 1u << 25 | r.key;
                              for (u32 i = 0; i < n; ++i) (void)meter(call::system_register, (*m)->g, vcpu(0), esr, x);
                            },
                        .prepare = prepare});
    for (const auto& a : accesses.writes()) {
      // What a write changed is taken in by the vCPU, and undone, before the next.
      const auto undo = [m, a] {
        if (!a.undone) return;
        (*m)->store(a.undo_address, a.undo_value, a.size);
        (*m)->pass(vcpu(0));
      };
      list.push_back({.name = "write " + a.name + state,
                      .run =
                          [m, a, undo](Meter& meter, u32 n) {
                            auto& g = (*m)->g;
                            for (u32 i = 0; i < n; ++i) {
                              undo();
                              meter(call::write, g, vcpu(0), vgic::guest_address{a.address}, a.size, a.value);
                            }
                            undo();
                          },
                      .prepare = prepare});
      list.push_back({.name = "write " + a.name + state + ", from its syndrome",
                      .run =
                          [m, a, undo, s = syndrome_of(a, direction::write)](Meter& meter, u32 n) {
                            for (u32 i = 0; i < n; ++i) {
                              undo();
                              u64 x[31] = {0, 0, a.value};
                              (void)meter(call::data_abort, (*m)->g, vcpu(0), s, x);
                            }
                            undo();
                          },
                      .prepare = prepare});
    }
  }
  return list;
}

}  // namespace bench
