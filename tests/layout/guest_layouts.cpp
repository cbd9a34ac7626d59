// SPDX-License-Identifier: BSL-1.0
// "Guest layout (public/arch-arm.h)": the numbers of the GICv3 guest patch for Xen 4.5, of what was released, of
// today's Xen, and of QEMU's virt machine. tests/layout_abi compares the third with Xen's own header.
#include "catch.hpp"

#include <layout/qemu_virt.hpp>
#include <layout/rules.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <string>

using layout::range;

TEST_CASE("GICv2: GUEST_GICD_BASE, GUEST_GICD_SIZE, GUEST_GICC_BASE, GUEST_GICC_SIZE") {
  CHECK(layout::xen_4_5::v2.distributor == range{0x0300'1000, 0x1000});
  CHECK(layout::xen_4_5::v2.cpu_interface == range{0x0300'2000, 0x100});
  CHECK(layout::xen_4_5_released::v2.cpu_interface == range{0x0300'2000, 0x100});
  CHECK(layout::xen_4_17::v2.distributor == range{0x0300'1000, 0x1000});
  CHECK(layout::xen_4_17::v2.cpu_interface == range{0x0300'2000, 0x2000});  // since Xen 4.6
}

TEST_CASE("GICv3: GUEST_GICV3_GICD_BASE, _SIZE, GUEST_GICV3_RDIST_STRIDE, GUEST_GICV3_RDIST_REGIONS") {
  CHECK(layout::xen_4_5::v3.distributor == range{0x0300'1000, 0x1'0000});
  CHECK(layout::xen_4_5::v3.stride == 0x2'0000);
  CHECK(layout::xen_4_5::v3.regions == 1);
  CHECK(layout::xen_4_5::most_redistributor_regions == 1);
  CHECK(layout::xen_4_5_released::v3.distributor == layout::xen_4_5::v3.distributor);
  CHECK(layout::xen_4_5_released::v3.stride == 0x2'0000);
  CHECK(layout::xen_4_5_released::v3.regions == 1);
}

TEST_CASE("GUEST_GICV3_GICR0_BASE, GUEST_GICV3_GICR0_SIZE: vCPU0 - vCPU15, vCPU0 - vCPU7 as committed, 128 today") {
  CHECK(layout::xen_4_5::v3.redistributors[0] == range{0x0302'0000, 0x20'0000});
  CHECK(layout::xen_4_5::v3.capacity() == 16);
  CHECK(layout::xen_4_5_released::v3.redistributors[0] == range{0x0302'0000, 0x10'0000});
  CHECK(layout::xen_4_5_released::v3.capacity() == 8);
  CHECK(layout::xen_4_17::v3.redistributors[0] == range{0x0302'0000, 0x0100'0000});
  CHECK(layout::xen_4_17::v3.capacity() == 128);
  CHECK(layout::xen_4_17::v3.stride == 0x2'0000);
}

TEST_CASE("MAX_VIRT_CPUS is 8 in Xen 4.5: both BUILD_BUG_ONs hold, in the layout proposed and in the one released") {
  CHECK(layout::xen_4_5::max_vcpus == 8);
  CHECK(layout::redistributor_regions<layout::xen_4_5>);
  CHECK(layout::redistributor_capacity<layout::xen_4_5, layout::xen_4_5::max_vcpus>);
  CHECK(layout::redistributor_capacity<layout::xen_4_5_released, layout::xen_4_5_released::max_vcpus>);
  CHECK_FALSE(layout::redistributor_capacity<layout::xen_4_5_released, 9>);
}

TEST_CASE("they may overlap nothing else: virtio-mmio, PL011, grant table, RAM") {
  using x = layout::xen_4_5;
  CHECK(x::virtio_mmio == range{0x0200'0000, 0x10'0000});
  CHECK(x::pl011 == range{0x2200'0000, 0x1000});
  CHECK(x::grant_table == range{0x3800'0000, 0x0100'0000});
  CHECK(x::ram.base == 0x4000'0000);
  CHECK(layout::frames_clear_of_neighbours<x, layout::gic_version::v2>);
  CHECK(layout::frames_clear_of_neighbours<x, layout::gic_version::v3>);
  for (const range other : {x::virtio_mmio, x::pl011, x::grant_table, x::ram}) {
    bool listed = false;
    for (const layout::neighbour& n : x::neighbours) listed = listed || n.where == other;
    CHECK(listed);
  }
}

TEST_CASE("the GICv3 distributor is not 64 KiB aligned in Xen's layouts, and only they say so by name") {
  CHECK(layout::xen_4_5::v3.distributor.base % 0x1'0000 == 0x1000);
  CHECK(layout::claims_xen_abi<layout::xen_4_5>);
  CHECK(layout::claims_xen_abi<layout::xen_4_5_released>);
  CHECK(layout::claims_xen_abi<layout::xen_4_17>);
  CHECK_FALSE(layout::claims_xen_abi<layout::qemu_virt>);
}

TEST_CASE("layouts have names") {
  CHECK(std::string{layout::xen_4_5::name} == "xen-4.5");
  CHECK(std::string{layout::xen_4_5_released::name} == "xen-4.5-released");
  CHECK(std::string{layout::xen_4_17::name} == "xen-4.17");
  CHECK(std::string{layout::qemu_virt::name} == "qemu-virt");
}
