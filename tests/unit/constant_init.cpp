// SPDX-License-Identifier: BSL-1.0
// A GIC at namespace scope needs no code before main.
#include "catch.hpp"

#include <vgic/vgic.hpp>

using namespace vgic;

namespace {

struct host {
  void kick(vcpu_id) { ++kicks; }
  [[nodiscard]] vcpu_id current() const { return here; }
  void deactivate(vcpu_id, physical_intid) {}
  vcpu_id here = no_vcpu;
  u32 kicks = 0;
};

template <class Version, class Atomics>
struct config {
  using version = Version;
  using layout = layout::xen_4_5;
  using features = vgic::features<message_spis, status_registers, one_of_n>;
  using list_registers = simulated<8, 4, std::conditional_t<Version::number == 2, gich_format, ich_format>>;
  using host = ::host;
  using atomics = Atomics;
  using affinity = flat_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 988, .list_registers = 4};
};

constinit gic<config<gicv2, builtin_atomics>> vm2{};
constinit gic<config<gicv3, builtin_atomics>> vm3{};
constinit gic<config<gicv2, single_cpu_atomics>> plain2{};
constinit gic<config<gicv3, single_cpu_atomics>> plain3{};

// A second instance cannot alias the first, and nobody destroys anything at exit.
static_assert(std::is_trivially_destructible_v<gic<config<gicv3, builtin_atomics>>>);
static_assert(!std::is_copy_constructible_v<gic<config<gicv3, builtin_atomics>>>);
static_assert(!std::is_copy_assignable_v<gic<config<gicv3, builtin_atomics>>>);

}  // namespace

TEST_CASE("a constant-initialised GIC starts") {
  CHECK(vm2.start({.vcpus = 8, .spis = 988, .list_registers = 4}) == result::ok);
  CHECK(vm3.start({.vcpus = 8, .spis = 988, .list_registers = 4}) == result::ok);
  CHECK(plain2.start({.vcpus = 1, .spis = 32, .list_registers = 4}) == result::ok);
  CHECK(plain3.start({.vcpus = 1, .spis = 32, .list_registers = 4}) == result::ok);
  CHECK(vm3.raise(spi(0)) == result::ok);
  CHECK(vm3.host().kicks == 0);
}
