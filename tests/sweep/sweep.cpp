// SPDX-License-Identifier: BSL-1.0
#include "support/sweep.hpp"

using namespace tests;

namespace {

using v3_messages = config<gicv3, features<message_spis>, 2, 2, 96, layout::qemu_virt>;
using v3_status = config<gicv3, features<status_registers, reset_to_group1>, 1, 2, 64>;
using v2_large = config<gicv2, all_features, 16, 8, 988>;
using v3_large = config<gicv3, all_features, 16, 2, 988, layout::xen_4_5, single_cpu_atomics>;

}  // namespace

TEST_CASE("sweep: GICv2, 8 vCPUs") { sweep<v2>(8, 256); }
TEST_CASE("sweep: GICv2, 3 vCPUs, fewer SPIs than there could be") { sweep<v2_plain>(3, 64); }
TEST_CASE("sweep: GICv2, one vCPU") { sweep<v2>(1, 32); }
TEST_CASE("sweep: GICv2, 988 SPIs") { sweep<v2_large>(8, 988); }
TEST_CASE("sweep: GICv3, two regions") { sweep<v3_split>(8, 64); }
TEST_CASE("sweep: GICv3, two regions, the second one empty") { sweep<v3_split>(2, 32); }
TEST_CASE("sweep: GICv3, frames larger than their registers") { sweep<v3_sparse>(3, 64); }
TEST_CASE("sweep: GICv3 without features, one vCPU") { sweep<v3_plain>(1, 96); }
TEST_CASE("sweep: GICv3 with message SPIs alone, qemu-virt") { sweep<v3_messages>(2, 96); }
TEST_CASE("sweep: GICv3 with STATUSR alone, one list register, group 1 at reset") { sweep<v3_status>(2, 64); }
TEST_CASE("sweep: GICv3, 988 SPIs, atomics of one CPU") { sweep<v3_large>(2, 988); }
