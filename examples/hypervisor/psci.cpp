// SPDX-License-Identifier: BSL-1.0
#include "psci.hpp"

#include "memory.hpp"
#include "report.hpp"
#include "vcpu.hpp"
#include "vm.hpp"

namespace hv {
namespace {

enum answer : u64 {
  success = 0,
  not_supported = -u64{1},
  invalid_parameters = -u64{2},
  already_on = -u64{4},
  on_pending = -u64{5},
  invalid_address = -u64{9},
};

[[nodiscard]] u64 affinity_of(u32 n) { return vgic::raw(vm_config::affinity::of(vgic::vcpu_id{static_cast<u16>(n)})); }

/// MPIDR has Aff3 apart from the other three.
[[nodiscard]] u64 packed(u64 mpidr) { return (mpidr & 0xff'ffff) | (mpidr >> 32 & 0xff) << 24; }

[[nodiscard]] bool is_affinity(u64 mpidr) { return (mpidr & ~u64{0xff'00ff'ffff}) == 0; }

u64 turn_on(u64 target, u64 entry, u64 context) {
  if (!is_affinity(target)) return invalid_parameters;
  if (entry % 4 != 0 || entry - machine::ram_base >= boot.guest_ram_size) return invalid_address;
  for (u32 n = 0; n < boot.vcpus; ++n) {
    if (affinity_of(n) != packed(target)) continue;
    cpu& other = cpus[n].self;
    power was = power::off;
    if (!other.state.compare_exchange_strong(was, power::on_pending)) {
      return was == power::on ? already_on : on_pending;
    }
    other.entry = entry;
    other.context = context;
    other.start.store(true, std::memory_order_release);
    physical_gic::kick(n);
    return success;
  }
  return invalid_parameters;
}

/// On if any vCPU of the affinity instance is; `level` is how many of the lower affinity fields are left out.
u64 affinity_info(u64 target, u64 level) {
  if (!is_affinity(target) || level > 3) return invalid_parameters;
  u64 result = invalid_parameters;
  for (u32 n = 0; n < boot.vcpus; ++n) {
    if (affinity_of(n) >> 8 * level != packed(target) >> 8 * level) continue;
    const auto state = static_cast<u64>(cpus[n].self.state.load(std::memory_order_acquire));
    if (result == invalid_parameters || state == static_cast<u64>(power::on)) result = state;
  }
  return result;
}

[[noreturn]] void turn_off(cpu& self) {
  if (vm.vcpu_off(self.vcpu) != vgic::result::ok) finish("a vCPU does not exist");
  self.current = vgic::no_vcpu;
  self.state.store(power::off, std::memory_order_release);
  park(self);
}

u64 features(u32 function) {
  static constexpr u32 implemented[] = {psci::version,          psci::cpu_off,           psci::cpu_on,
                                        psci::cpu_on_64,        psci::features,          psci::affinity_info,
                                        psci::affinity_info_64, psci::migrate_info_type, psci::system_off,
                                        psci::system_reset,     psci::smccc_version};
  for (const u32 f : implemented) {
    if (f == function) return success;
  }
  return not_supported;
}

u64 call(cpu& self, u32 function) {
  const u64* const x = self.x;
  switch (function) {
    case psci::version: return 0x1'0001;
    case psci::features: return features(static_cast<u32>(x[1]));
    case psci::cpu_on: return turn_on(static_cast<u32>(x[1]), static_cast<u32>(x[2]), static_cast<u32>(x[3]));
    case psci::cpu_on_64: return turn_on(x[1], x[2], x[3]);
    case psci::cpu_off: turn_off(self);
    case psci::affinity_info: return affinity_info(static_cast<u32>(x[1]), static_cast<u32>(x[2]));
    case psci::affinity_info_64: return affinity_info(x[1], x[2]);
    case psci::migrate_info_type: return 2;  // no trusted OS that would have to move
    case psci::system_off: finish(nullptr);
    case psci::system_reset: finish("guest asked for a reset");
    case psci::smccc_version: return 0x1'0001;
    case psci::smccc_arch_features:
      return static_cast<u32>(x[1]) == psci::smccc_version || static_cast<u32>(x[1]) == psci::smccc_arch_features
                 ? success
                 : not_supported;
    case list_register_accesses:
      if constexpr (counts) {
        self.x[1] = self.counted.list_register_reads;
        self.x[2] = self.counted.list_register_writes;
        self.x[3] = self.counted.control_accesses;
        return success;
      }
      return not_supported;
    default: return not_supported;
  }
}

}  // namespace

extern "C" void on_guest_hypercall(cpu& self, u64 esr) {
  auto& gic = current_vm();
  const vgic::vcpu_id v = self.vcpu;
  count(self.counted.hypercalls);
  gic.exit(v);
  const u64 immediate = esr & 0xffff;
  self.x[0] = immediate == 0 ? call(self, static_cast<u32>(self.x[0])) : u64{not_supported};
  gic.entry(v);
}

}  // namespace hv
