// SPDX-License-Identifier: BSL-1.0
// A whole GIC as a hypervisor has it, every function of its API used. It is linked, not run.
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <vgic/vgic.hpp>

#include <cstdint>

namespace {

// Where a hypervisor's own words would be: volatile, so that nothing is folded away.
volatile std::uint64_t input;
volatile std::uint64_t output;

struct host {
  void kick(vgic::vcpu_id v) { output = vgic::raw(v); }
  [[nodiscard]] vgic::vcpu_id current() const { return vgic::vcpu_id{static_cast<std::uint16_t>(input)}; }
  void deactivate(vgic::vcpu_id, vgic::physical_intid p) { output = vgic::raw(p); }
};

struct [[maybe_unused]] gich_page {
  static std::uintptr_t address() { return 0x0803'0000; }
};

struct config {
#if VGIC_TEST_GIC == 3
  using version = vgic::gicv3;
  using layout = layout::xen_4_5;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers = vgic::ich;
#else
  using version = vgic::gicv2;
  using layout = layout::qemu_virt;
  using features = vgic::features<vgic::one_of_n>;
  using list_registers = vgic::gich<gich_page>;
#endif
  using host = ::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .list_registers = 16, .priority_bits = 5};
};

constinit vgic::gic<config> vm{};

template <class Answer>
void use(Answer a) {
  output = static_cast<std::uint64_t>(a);
}

}  // namespace

extern "C" [[noreturn]] void start();

extern "C" [[noreturn]] void start() {
  use(vm.start({.vcpus = 8, .spis = 256, .list_registers = config::list_registers::implemented()}));
  for (;;) {
    const vgic::vcpu_id v{static_cast<std::uint16_t>(input)};
    const vgic::intid i{static_cast<std::uint32_t>(input)};
    std::uint64_t x[31] = {input, input};
    use(vm.vcpu_on(v));
    vm.load(v);
    vm.exit(v);
    vm.maintenance(v);
    use(vm.has_work(v));
    use(vm.data_abort(v, {.esr = input, .hpfar = input, .far = input}, x));
    output = x[0];
#if VGIC_TEST_GIC == 3
    use(vm.system_register(v, input, x));
#endif
    use(vm.raise(i));
    use(vm.lower(i));
    use(vm.pulse(i));
    use(vm.raise(v, i));
    use(vm.lower(v, i));
    use(vm.pulse(v, i));
    use(vm.link(i));
    use(vm.link(v, i));
    use(vm.forward(i));
    use(vm.forward(v, i));
    vm.entry(v);
    vm.put(v);
    use(vm.vcpu_off(v));
    if (input != 0) vm.reset();
  }
}
