// SPDX-License-Identifier: BSL-1.0
// Suite `layout` for layouts of constants and of run time.
#include <bench/suites/layout.hpp>

namespace {
const bench::layout_costs<bench::gicv3> xen{"GICv3"};
const bench::layout_costs<bench::qemu_virt_gicv3> qemu_virt{"GICv3"};
const bench::layout_costs<bench::run_time_gicv3> run_time{"GICv3"};
const bench::layout_costs<bench::split_gicv3> split{"GICv3"};
const bench::layout_costs<bench::run_time_split_gicv3> run_time_split{"GICv3"};
const bench::layout_costs<bench::large_gicv3> large{"GICv3"};
const bench::layout_costs<bench::gicv2> xen_gicv2{"GICv2"};
const bench::layout_costs<bench::qemu_virt_gicv2> qemu_virt_gicv2{"GICv2"};
const bench::layout_costs<bench::run_time_gicv2> run_time_gicv2{"GICv2"};
}  // namespace

BENCHMARK_MAIN();
