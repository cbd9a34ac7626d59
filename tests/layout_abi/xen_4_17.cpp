// SPDX-License-Identifier: BSL-1.0
// Compiled for AArch64, it compares layout::xen_4_17 with Xen's own public headers (libxen-dev): every GUEST_* constant
// of xen/arch-arm.h. ./check fails when the header has one that is not named here.
#include <layout/require.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <cstdint>

#define __XEN_TOOLS__ 1  // the headers show the guest's layout to Xen and its tools only
#include <xen/domctl.h>
#include <xen/xen.h>

namespace {

using x = layout::xen_4_17;
using layout::range;

// vGIC v2 mappings
static_assert(x::v2.distributor == range{GUEST_GICD_BASE, GUEST_GICD_SIZE});
static_assert(x::v2.cpu_interface == range{GUEST_GICC_BASE, GUEST_GICC_SIZE});

// vGIC v3 mappings
static_assert(x::v3.distributor == range{GUEST_GICV3_GICD_BASE, GUEST_GICV3_GICD_SIZE});
static_assert(x::v3.redistributors[0] == range{GUEST_GICV3_GICR0_BASE, GUEST_GICV3_GICR0_SIZE});
static_assert(x::v3.regions == GUEST_GICV3_RDIST_REGIONS && x::most_redistributor_regions == GUEST_GICV3_RDIST_REGIONS);
static_assert(x::max_vcpus == GUEST_MAX_VCPUS && x::v3.capacity() == GUEST_MAX_VCPUS);
#ifdef GUEST_GICV3_RDIST_STRIDE  // public in Xen 4.5 only
static_assert(x::v3.stride == GUEST_GICV3_RDIST_STRIDE);
#endif

// Everything else that has an address
static_assert(x::virtio_mmio == range{GUEST_VIRTIO_MMIO_BASE, GUEST_VIRTIO_MMIO_SIZE});
static_assert(x::vpci_ecam == range{GUEST_VPCI_ECAM_BASE, GUEST_VPCI_ECAM_SIZE});
static_assert(x::acpi == range{GUEST_ACPI_BASE, GUEST_ACPI_SIZE});
static_assert(x::pl011 == range{GUEST_PL011_BASE, GUEST_PL011_SIZE});
static_assert(x::vpci_mem == range{GUEST_VPCI_MEM_ADDR, GUEST_VPCI_MEM_SIZE});
static_assert(x::vpci_mem_type == GUEST_VPCI_ADDR_TYPE_MEM);
static_assert(x::vpci_prefetch_mem == range{GUEST_VPCI_PREFETCH_MEM_ADDR, GUEST_VPCI_PREFETCH_MEM_SIZE});
static_assert(x::vpci_prefetch_mem_type == GUEST_VPCI_ADDR_TYPE_PREFETCH_MEM);
static_assert(x::grant_table == range{GUEST_GNTTAB_BASE, GUEST_GNTTAB_SIZE});
static_assert(x::magic == range{GUEST_MAGIC_BASE, GUEST_MAGIC_SIZE});

// RAM
static_assert(x::ram == range{GUEST_RAM0_BASE, GUEST_RAM0_SIZE});
static_assert(x::ram1 == range{GUEST_RAM1_BASE, GUEST_RAM1_SIZE});
static_assert(x::ram_base == GUEST_RAM_BASE && x::ram_max == GUEST_RAM_MAX);
constexpr std::uint64_t bases[] = GUEST_RAM_BANK_BASES;
constexpr std::uint64_t sizes[] = GUEST_RAM_BANK_SIZES;
static_assert(sizeof x::ram_banks / sizeof x::ram_banks[0] == GUEST_RAM_BANKS &&
              sizeof bases / sizeof bases[0] == GUEST_RAM_BANKS);
static_assert(x::ram_banks[0] == range{bases[0], sizes[0]} && x::ram_banks[1] == range{bases[1], sizes[1]});

// Interrupts
static_assert(x::timer_virt_ppi == GUEST_TIMER_VIRT_PPI);
static_assert(x::timer_phys_s_ppi == GUEST_TIMER_PHYS_S_PPI);
static_assert(x::timer_phys_ns_ppi == GUEST_TIMER_PHYS_NS_PPI);
static_assert(x::evtchn_ppi == GUEST_EVTCHN_PPI);
static_assert(x::vpl011_spi == GUEST_VPL011_SPI);
static_assert(x::virtio_mmio_spi_first == GUEST_VIRTIO_MMIO_SPI_FIRST);
static_assert(x::virtio_mmio_spi_last == GUEST_VIRTIO_MMIO_SPI_LAST);

// What Xen 4.5 fixed and 4.17 kept: all but the sizes of the CPU interface and of the redistributors.
using old = layout::xen_4_5;
static_assert(old::v2.distributor == range{GUEST_GICD_BASE, GUEST_GICD_SIZE});
static_assert(old::v2.cpu_interface.base == GUEST_GICC_BASE);
static_assert(old::v3.distributor == range{GUEST_GICV3_GICD_BASE, GUEST_GICV3_GICD_SIZE});
static_assert(old::v3.redistributors[0].base == GUEST_GICV3_GICR0_BASE);
static_assert(old::virtio_mmio == range{GUEST_VIRTIO_MMIO_BASE, GUEST_VIRTIO_MMIO_SIZE});
static_assert(old::pl011 == range{GUEST_PL011_BASE, GUEST_PL011_SIZE});
static_assert(old::grant_table == range{GUEST_GNTTAB_BASE, GUEST_GNTTAB_SIZE});
static_assert(old::magic == range{GUEST_MAGIC_BASE, GUEST_MAGIC_SIZE});
static_assert(old::ram == range{GUEST_RAM0_BASE, GUEST_RAM0_SIZE});
static_assert(old::ram1 == range{GUEST_RAM1_BASE, GUEST_RAM1_SIZE});

// The neighbours are what the header reserves, each once.
static_assert(sizeof x::neighbours / sizeof x::neighbours[0] == 10);

}  // namespace

template struct layout::require<x, layout::gic_version::v2, 8>;
template struct layout::require<x, layout::gic_version::v3, GUEST_MAX_VCPUS>;
