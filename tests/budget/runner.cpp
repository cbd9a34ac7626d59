// SPDX-License-Identifier: BSL-1.0
// Repeats single operations of a GICv3 for callgrind to count; `check` beside this file runs it and knows the rest.
#include <valgrind/callgrind.h>
#include <layout/xen.hpp>
#include <vgic/vgic.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using vgic::u32;
using vgic::u64;

struct host {
  void kick(vgic::vcpu_id) { ++kicks; }
  [[nodiscard]] vgic::vcpu_id current() const { return running; }
  void deactivate(vgic::vcpu_id, vgic::physical_intid) {}

  u32 kicks = 0;
  vgic::vcpu_id running = vgic::vcpu_id{0};
};

struct config {
  using version = vgic::gicv3;
  using layout = layout::xen_4_5;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers = vgic::simulated<8, 4>;
  using host = ::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .list_registers = 4, .priority_bits = 5};
};

constinit vgic::gic<config> vm{};

// The vCPU that all of this happens on.
vgic::vcpu_id self{0};
// Guest x0..x30. The guest's instruction moves to or from x2.
u64 x[31];

/// From here on the compiler takes these for read and written elsewhere too: it knows none of their values.
void publish() { asm volatile("" ::"r"(&vm), "r"(&self), "r"(&x) : "memory"); }

/// A guest's load or store of x2: decoded, and as the exception that it takes shows it; and what x2 holds then.
struct access {
  vgic::guest_address address;
  vgic::width size;
  vgic::abort_syndrome syndrome;
  u64 value;
};

access make(u64 address, vgic::width size, vgic::direction dir, u64 value = 0) {
  const u64 log = size == vgic::width::byte ? 0 : size == vgic::width::half ? 1 : size == vgic::width::word ? 2 : 3;
  const u64 iss = (1u << 24) | (log << 22) | (2u << 16) | ((size == vgic::width::dword ? 1u : 0u) << 15) |
                  ((dir == vgic::direction::write ? 1u : 0u) << 6) | 0b000111;
  return {.address = vgic::guest_address{address},
          .size = size,
          .syndrome = {.esr = (u64{0x24} << 26) | (1u << 25) | iss, .hpfar = (address >> 12) << 4, .far = address},
          .value = value};
}

// --- what is measured: one call each ---

using gic = vgic::gic<config>;
/// As a hypervisor has it: the VM's GIC by an address that the compiler does not know.
[[nodiscard]] gic& subject() {
  gic* g = &vm;
  asm("" : "+r"(g));
  return *g;
}

[[gnu::noinline, gnu::noclone]] u64 load(gic& g, vgic::vcpu_id v, vgic::guest_address a, vgic::width size) {
  return g.read(v, a, size);
}
[[gnu::noinline, gnu::noclone]] void store(gic& g, vgic::vcpu_id v, vgic::guest_address a, vgic::width size,
                                           u64 value) {
  g.write(v, a, size, value);
}
[[gnu::noinline]] vgic::trap_status trap(vgic::vcpu_id v, const access& a, u64* registers) {
  return subject().data_abort(v, a.syndrome, registers);
}
[[gnu::noinline]] void leave(vgic::vcpu_id v) { subject().exit(v); }
[[gnu::noinline]] void enter(vgic::vcpu_id v) { subject().entry(v); }

// --- how
// --------------------------------------------------------------------------------------------------------------

constexpr u32 times = 100;

template <class Operation>
[[gnu::noinline]] void repeat(const std::vector<access>& list, u32 n, Operation operation) {
  for (u32 i = 0; i < n; ++i) {
    x[2] = list[i].value;
    operation(list[i]);
    asm volatile("" ::: "memory");
  }
}

/// Two dumps: after `times` and after twice as many operations, each on a GIC that `prepare` has made ready.
template <class Prepare, class Operation>
void measure(const char* budget, const std::string& name, const std::vector<access>& list, Prepare prepare,
             Operation operation) {
  const std::string label = std::to_string(times) + " " + budget + " " + name;
  for (const u32 n : {times, 2 * times}) {
    prepare();
    CALLGRIND_ZERO_STATS;
    repeat(list, n, operation);
    CALLGRIND_DUMP_STATS_AT(label.c_str());
  }
}

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "budget-runner: %s\n", what);
  std::exit(1);
}

u64 guest_does(const access& a) {
  x[2] = a.value;
  must(trap(self, a, x) == vgic::trap_status::handled, "a guest access was not handled");
  return x[2];
}

constexpr u64 gicd = layout::xen_4_5::v3.distributor.base;
constexpr u64 gicr = layout::xen_4_5::v3.redistributors[0].base;
constexpr u64 sgi_frame = 0x1'0000;

void write(u64 address, u64 value) {
  static_cast<void>(guest_does(make(address, vgic::width::word, vgic::direction::write, value)));
}
u32 read(u64 address) { return static_cast<u32>(guest_does(make(address, vgic::width::word, vgic::direction::read))); }

/// As a guest sets its GIC up: groups on, redistributor awake, all SPIs enabled, in group 1, routed to vCPU 0.
void set_up() {
  must(vm.start({.vcpus = 8, .spis = 256, .list_registers = 4}) == vgic::result::ok, "start() refused its limits");
  for (std::uint16_t v = 0; v < 8; ++v)
    must(vm.vcpu_on(vgic::vcpu_id{v}) == vgic::result::ok, "vcpu_on() refused a vCPU");
  vm.load(self);
  write(gicd + 0x0, 0x13);  // GICD_CTLR: EnableGrp0, EnableGrp1, ARE
  write(gicr + 0x14, 0);    // GICR_WAKER
  for (u32 n = 1; n <= 8; ++n) {
    write(gicd + 0x80 + 4 * n, 0xffff'ffff);   // GICD_IGROUPR
    write(gicd + 0x100 + 4 * n, 0xffff'ffff);  // GICD_ISENABLER
    for (u32 i = 0; i < 8; ++i) write(gicd + 0x400 + 32 * n + 4 * i, 0xa0a0'a0a0);
  }
  must(read(gicd + 0x104) == 0xffff'ffff, "GICD_ISENABLER1 does not read back");
  enter(self);
  leave(self);
}

// In the name of an access of a width that its register does not have: it reads no register.
constexpr const char* refused_access = "(no access)";

struct named {
  const char* name;
  u64 address;
  vgic::width size = vgic::width::word;
};

// Every register group that a GICv3 guest can read, at its first and last element, in every width it has, and
// addresses that are nobody's.
constexpr named registers[] = {
    {"GICD_CTLR", gicd + 0x0},
    {"GICD_TYPER", gicd + 0x4},
    {"GICD_IIDR", gicd + 0x8},
    {"GICD_TYPER2", gicd + 0xc},
    {"GICD_STATUSR", gicd + 0x10},
    {"GICD_SETSPI_NSR", gicd + 0x40},
    {"GICD_CLRSPI_NSR", gicd + 0x48},
    {"GICD_IGROUPR0", gicd + 0x80},
    {"GICD_IGROUPR1", gicd + 0x84},
    {"GICD_IGROUPR8", gicd + 0xa0},
    {"GICD_IGROUPR31", gicd + 0xfc},
    {"GICD_ISENABLER0", gicd + 0x100},
    {"GICD_ISENABLER1", gicd + 0x104},
    {"GICD_ISENABLER8", gicd + 0x120},
    {"GICD_ISENABLER31", gicd + 0x17c},
    {"GICD_ICENABLER1", gicd + 0x184},
    {"GICD_ICENABLER8", gicd + 0x1a0},
    {"GICD_ISPENDR1", gicd + 0x204},
    {"GICD_ISPENDR8", gicd + 0x220},
    {"GICD_ICPENDR1", gicd + 0x284},
    {"GICD_ICPENDR8", gicd + 0x2a0},
    {"GICD_ISACTIVER1", gicd + 0x304},
    {"GICD_ISACTIVER8", gicd + 0x320},
    {"GICD_ICACTIVER1", gicd + 0x384},
    {"GICD_ICACTIVER8", gicd + 0x3a0},
    {"GICD_IPRIORITYR0", gicd + 0x400},
    {"GICD_IPRIORITYR8", gicd + 0x420},
    {"GICD_IPRIORITYR71", gicd + 0x51c},
    {"GICD_IPRIORITYR8, byte 1", gicd + 0x421, vgic::width::byte},
    {"GICD_IPRIORITYR71, byte 3", gicd + 0x51f, vgic::width::byte},
    {"GICD_IPRIORITYR254", gicd + 0x7f8},
    {"GICD_ITARGETSR8", gicd + 0x820},
    {"GICD_ITARGETSR8, byte 1", gicd + 0x821, vgic::width::byte},
    {"GICD_ICFGR0", gicd + 0xc00},
    {"GICD_ICFGR2", gicd + 0xc08},
    {"GICD_ICFGR17", gicd + 0xc44},
    {"GICD_IGRPMODR1", gicd + 0xd04},
    {"GICD_NSACR2", gicd + 0xe08},
    {"GICD_SGIR", gicd + 0xf00},
    {"GICD_CPENDSGIR0", gicd + 0xf10},
    {"GICD_SPENDSGIR0", gicd + 0xf20},
    {"GICD_IROUTER32, 64 bits", gicd + 0x6100, vgic::width::dword},
    {"GICD_IROUTER32, low half", gicd + 0x6100},
    {"GICD_IROUTER32, high half", gicd + 0x6104},
    {"GICD_IROUTER287, 64 bits", gicd + 0x68f8, vgic::width::dword},
    {"GICD_IROUTER1019, 64 bits", gicd + 0x7fd8, vgic::width::dword},
    {"GICD_PIDR2", gicd + 0xffe8},
    {"GICD_CIDR3", gicd + 0xfffc},
    {"GICD, reserved", gicd + 0x30},
    {"GICD, reserved, byte (no access)", gicd + 0x1001, vgic::width::byte},
    {"GICD, reserved, 64 bits (no access)", gicd + 0xc000, vgic::width::dword},
    {"GICD_ISENABLER1, 16 bits (no access)", gicd + 0x104, vgic::width::half},
    {"GICR_CTLR", gicr + 0x0},
    {"GICR_IIDR", gicr + 0x4},
    {"GICR_TYPER, 64 bits", gicr + 0x8, vgic::width::dword},
    {"GICR_TYPER, low half", gicr + 0x8},
    {"GICR_TYPER, high half", gicr + 0xc},
    {"GICR_TYPER, 64 bits, of vCPU 7", gicr + 7 * 0x2'0000 + 0x8, vgic::width::dword},
    {"GICR_STATUSR", gicr + 0x10},
    {"GICR_WAKER", gicr + 0x14},
    {"GICR_SETLPIR", gicr + 0x40, vgic::width::dword},
    {"GICR_PROPBASER", gicr + 0x70, vgic::width::dword},
    {"GICR_PENDBASER", gicr + 0x78, vgic::width::dword},
    {"GICR_SYNCR", gicr + 0xc0},
    {"GICR_PIDR2", gicr + 0xffe8},
    {"GICR, reserved", gicr + 0x200},
    {"GICR_IGROUPR0", gicr + sgi_frame + 0x80},
    {"GICR_ISENABLER0", gicr + sgi_frame + 0x100},
    {"GICR_ICENABLER0", gicr + sgi_frame + 0x180},
    {"GICR_ISPENDR0", gicr + sgi_frame + 0x200},
    {"GICR_ICPENDR0", gicr + sgi_frame + 0x280},
    {"GICR_ISACTIVER0", gicr + sgi_frame + 0x300},
    {"GICR_ICACTIVER0", gicr + sgi_frame + 0x380},
    {"GICR_IPRIORITYR0", gicr + sgi_frame + 0x400},
    {"GICR_IPRIORITYR7, byte 3", gicr + sgi_frame + 0x41f, vgic::width::byte},
    {"GICR_ICFGR0", gicr + sgi_frame + 0xc00},
    {"GICR_ICFGR1", gicr + sgi_frame + 0xc04},
    {"GICR_IGRPMODR0", gicr + sgi_frame + 0xd00},
    {"GICR_NSACR", gicr + sgi_frame + 0xe00},
    {"GICR_ISENABLER0 of vCPU 7", gicr + 7 * 0x2'0000 + sgi_frame + 0x100},
    {"GICR_ISPENDR0 of vCPU 7", gicr + 7 * 0x2'0000 + sgi_frame + 0x200},
    {"GICR of a vCPU that is not there", gicr + 8 * 0x2'0000 + 0x8, vgic::width::dword},
};

// What the caller does in any case: its arguments into registers, the answer from one. It is taken off; the call is
// not.
const auto calls_nothing = [](const access& a) {
  u64 answer;
  asm volatile("" : "=r"(answer) : "r"(&subject()), "r"(vgic::raw(self)), "r"(a.address), "r"(a.size) : "memory");
  x[2] = answer;
};
const auto calls_load = [](const access& a) { x[2] = load(subject(), self, a.address, a.size); };
const auto calls_store = [](const access& a) { store(subject(), self, a.address, a.size, x[2]); };
const auto calls_trap = [](const access& a) { static_cast<void>(trap(self, a, x)); };
const auto calls_entry_and_exit = [](const access&) {
  enter(self);
  leave(self);
};
const auto as_it_is = [] {};

void measure_reads(const std::string& condition) {
  for (const named& r : registers) {
    const std::vector<access> list(2 * times, make(r.address, r.size, vgic::direction::read));
    const std::string what = std::string(r.name) + ", " + condition;
    const bool refused = what.find(refused_access) != std::string::npos;
    measure(refused ? "-" : "40", (refused ? "refused access: " : "register read: ") + what, list, as_it_is,
            calls_load);
    measure("-", "register read from its syndrome: " + what, list, as_it_is, calls_trap);
  }
}

/// One access of `value` = one bit each, of SPI 0, 1, 2...: no access finds its work already done.
std::vector<access> one_bit_each(u64 first_register) {
  std::vector<access> list;
  for (u32 spi = 0; spi < 2 * times; ++spi) {
    const u32 id = 32 + spi;
    list.push_back(make(first_register + 4 * (id / 32), vgic::width::word, vgic::direction::write, 1u << (id % 32)));
  }
  return list;
}

void write_all(u64 first_register) {
  for (u32 n = 1; n <= 8; ++n) write(first_register + 4 * n, 0xffff'ffff);
}

void measure_masking(const std::string& condition) {
  const auto enable_all = [] { write_all(gicd + 0x100); };
  const auto disable_all = [] { write_all(gicd + 0x180); };
  const std::vector<access> mask = one_bit_each(gicd + 0x180);
  const std::vector<access> unmask = one_bit_each(gicd + 0x100);

  measure("45", "mask one SPI: GICD_ICENABLER, " + condition, mask, enable_all, calls_store);
  must(read(gicd + 0x184) == 0, "masking left SPIs enabled");
  measure("-", "mask one SPI from its syndrome: GICD_ICENABLER, " + condition, mask, enable_all, calls_trap);
  measure("-", "unmask one SPI: GICD_ISENABLER, " + condition, unmask, disable_all, calls_store);
  must(read(gicd + 0x104) == 0xffff'ffff, "unmasking left SPIs disabled");
}

}  // namespace

int main() {
  publish();
  set_up();
  const std::vector<access> nothing(2 * times);
  measure("-", "nothing", nothing, as_it_is, calls_nothing);
  measure("30", "idle entry and exit", nothing, as_it_is, calls_entry_and_exit);
  measure_reads("idle");
  measure_masking("idle");

  // All 256 SPIs wait, four of them in the list registers.
  for (u32 n = 0; n < 256; ++n) must(vm.raise(vgic::spi(n)) == vgic::result::ok, "raise() refused an SPI");
  enter(self);
  leave(self);
  must(read(gicd + 0x204) == 0xffff'ffff, "GICD_ISPENDR1 does not show what was raised");
  measure_reads("256 pending");
  measure_masking("256 pending");
  return 0;
}
