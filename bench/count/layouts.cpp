// SPDX-License-Identifier: BSL-1.0
#include <bench/count/count.hpp>

namespace {
using bench::suites;
const bench::count<bench::gicv3, suites::layout> xen{"GICv3"};
const bench::count<bench::qemu_virt_gicv3, suites::layout> qemu_virt{"GICv3"};
const bench::count<bench::run_time_gicv3, suites::layout> run_time{"GICv3"};
const bench::count<bench::split_gicv3, suites::layout> split{"GICv3"};
const bench::count<bench::run_time_split_gicv3, suites::layout> run_time_split{"GICv3"};
const bench::count<bench::large_gicv3, suites::layout> large{"GICv3"};
const bench::count<bench::gicv2, suites::layout> xen_gicv2{"GICv2"};
const bench::count<bench::qemu_virt_gicv2, suites::layout> qemu_virt_gicv2{"GICv2"};
const bench::count<bench::run_time_gicv2, suites::layout> run_time_gicv2{"GICv2"};
}  // namespace
