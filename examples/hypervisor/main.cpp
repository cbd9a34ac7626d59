// SPDX-License-Identifier: BSL-1.0
// The order of things: memory, physical GIC, virtual GIC, CPUs, guest.
#include "console.hpp"
#include "memory.hpp"
#include "psci.hpp"
#include "report.hpp"
#include "vcpu.hpp"
#include "vm.hpp"

namespace hv {

extern "C" {
constinit cpu_with_stack cpus[max_cpus]{};
void secondary_start();  // boot.S
}

namespace {

/// What the loader says is checked once, here.
[[nodiscard]] const char* defect_of(const machine::boot_parameters& p) {
  constexpr u64 block = 0x20'0000;
  if (p.magic != machine::boot_parameters::expected_magic) return "no boot parameters in front of the image";
  if (p.vcpus == 0 || p.vcpus > max_cpus) return "this GIC cannot have so many vCPUs";
  if (p.guest_ram_size == 0 || p.guest_ram_size % block != 0) return "guest RAM is not a multiple of 2 MiB";
  if (p.guest_ram_size > guest_layout::ram.size) return "guest RAM does not fit into the layout";
  if (p.guest_entry % 4 != 0 || p.guest_entry - machine::ram_base >= p.guest_ram_size) return "guest entry outside RAM";
  return nullptr;
}
static_assert(guest_layout::ram.base == machine::ram_base, "guest-physical and physical RAM are one to one");

[[nodiscard]] vgic::result forward_devices() {
  for (const auto [first, last] : machine::guest_spis) {
    for (u32 i = first; i <= last; ++i) {
      if (const vgic::result r = vm.link(vgic::intid{i}); r != vgic::result::ok) return r;
    }
  }
  for (u32 n = 0; n < boot.vcpus; ++n) {
    for (const u32 ppi : machine::guest_ppis) {
      if (const vgic::result r = vm.link(cpus[n].self.vcpu, vgic::intid{ppi}); r != vgic::result::ok) return r;
    }
  }
  return vgic::result::ok;
}

void start_secondary_cpus() {
  for (u32 n = 1; n < boot.vcpus; ++n) {
    const u64 entry = reinterpret_cast<u64>(&secondary_start);
    const u64 error = firmware_call(psci::cpu_on_64, machine::mpidr(n), entry, reinterpret_cast<u64>(&cpus[n].self));
    if (error != 0) finish("a CPU did not start");
  }
}

}  // namespace

extern "C" {

[[noreturn]] void boot_cpu_main(cpu& self) {
  if (const char* const defect = defect_of(boot); defect != nullptr) {
    boot.vcpus = 1;
    finish(defect);
  }
  console::print("vgic-demo: GICv", u32{gic_version}, ", layout ", guest_layout::name, ", ", boot.vcpus, " vCPUs, ",
                 boot.guest_ram_size >> 20, " MiB, entry ", hex{boot.guest_entry}, "\n");

  for (u32 n = 0; n < boot.vcpus; ++n) {
    cpu& c = cpus[n].self;
    c.vcpu = vgic::vcpu_id{static_cast<u16>(n)};
    c.current = vgic::no_vcpu;
    c.state.store(power::off, std::memory_order_relaxed);
  }
  build_guest_map();
  physical_gic::start_distributor();
  prepare_cpu(self);

  const auto started = vm.start({.vcpus = static_cast<u32>(boot.vcpus),
                                 .spis = vm_config::limits.spis,
                                 .list_registers = vm_config::list_registers::implemented()});
  if (started != vgic::result::ok || forward_devices() != vgic::result::ok) finish("the virtual GIC did not start");
  start_secondary_cpus();

  self.entry = boot.guest_entry;
  self.context = boot.guest_x0;
  run_vcpu(self);
}

[[noreturn]] void secondary_cpu_main(cpu& self) {
  prepare_cpu(self);
  park(self);
}
}

}  // namespace hv
