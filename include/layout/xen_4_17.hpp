// SPDX-License-Identifier: BSL-1.0
/// \file
/// The guest-physical layout of Xen 4.17 on Arm: a counterpart for every GUEST_* constant of its public/arch-arm.h.
#pragma once

#include <layout/layout.hpp>
#include <layout/rules/surroundings.hpp>

#include <cstddef>
#include <cstdint>

namespace layout {

/// GUEST_* names in the comments are Xen's own. "PPI" and "SPI" in Xen's names are INTIDs, and so they are here.
struct xen_4_17 {
  static constexpr const char* name = "xen-4.17";
  using exceptions = xen_abi;

  static constexpr gicv2_frames v2{
      .distributor = {0x0300'1000, 0x1000},    // GUEST_GICD_BASE, _SIZE
      .cpu_interface = {0x0300'2000, 0x2000},  // GUEST_GICC_BASE, _SIZE
  };
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x0300'1000, 0x1'0000},         // GUEST_GICV3_GICD_BASE, _SIZE
      .stride = 0x2'0000,                             // not public any more: what guests are given
      .redistributors = {{0x0302'0000, 0x100'0000}},  // GUEST_GICV3_GICR0_BASE, _SIZE: vCPU0..127
  };
  static constexpr std::size_t most_redistributor_regions = 1;  ///< GUEST_GICV3_RDIST_REGIONS
  static constexpr unsigned guest_physical_bits = 40;           ///< RAM1 ends here
  static constexpr std::uint64_t max_vcpus = 128;               ///< GUEST_MAX_VCPUS

  static constexpr range virtio_mmio{0x0200'0000, 0x10'0000};              // GUEST_VIRTIO_MMIO_BASE, _SIZE
  static constexpr range vpci_ecam{0x1000'0000, 0x1000'0000};              // GUEST_VPCI_ECAM_BASE, _SIZE
  static constexpr range acpi{0x2000'0000, 0x200'0000};                    // GUEST_ACPI_BASE, _SIZE
  static constexpr range pl011{0x2200'0000, 0x1000};                       // GUEST_PL011_BASE, _SIZE
  static constexpr range vpci_mem{0x2300'0000, 0x1000'0000};               // GUEST_VPCI_MEM_ADDR, _SIZE
  static constexpr range grant_table{0x3800'0000, 0x100'0000};             // GUEST_GNTTAB_BASE, _SIZE
  static constexpr range magic{0x3900'0000, 0x100'0000};                   // GUEST_MAGIC_BASE, _SIZE
  static constexpr range ram{0x4000'0000, 0xc000'0000};                    // GUEST_RAM0_BASE, _SIZE
  static constexpr range vpci_prefetch_mem{0x1'0000'0000, 0x1'0000'0000};  // GUEST_VPCI_PREFETCH_MEM_ADDR, _SIZE
  static constexpr range ram1{0x2'0000'0000, 0xfe'0000'0000};              // GUEST_RAM1_BASE, _SIZE
  static constexpr range ram_banks[]{ram, ram1};                           ///< GUEST_RAM_BANK_BASES, _SIZES
  static constexpr std::uint64_t ram_base = ram.base;                      ///< GUEST_RAM_BASE: the lowest
  static constexpr std::uint64_t ram_max = ram.size + ram1.size;           ///< GUEST_RAM_MAX: holes not counted
  static constexpr neighbour neighbours[]{{"virtio-mmio", virtio_mmio},
                                          {"vpci-ecam", vpci_ecam},
                                          {"acpi", acpi},
                                          {"pl011", pl011},
                                          {"vpci-mem", vpci_mem},
                                          {"grant-table", grant_table},
                                          {"magic", magic},
                                          {"ram", ram},
                                          {"vpci-prefetch-mem", vpci_prefetch_mem},
                                          {"ram1", ram1}};

  /// First cell of a PCI `ranges` entry: which space.
  static constexpr std::uint32_t vpci_mem_type = 0x0200'0000;           ///< GUEST_VPCI_ADDR_TYPE_MEM
  static constexpr std::uint32_t vpci_prefetch_mem_type = 0x4200'0000;  ///< GUEST_VPCI_ADDR_TYPE_PREFETCH_MEM

  static constexpr std::uint32_t timer_virt_ppi = 27;         ///< GUEST_TIMER_VIRT_PPI
  static constexpr std::uint32_t timer_phys_s_ppi = 29;       ///< GUEST_TIMER_PHYS_S_PPI
  static constexpr std::uint32_t timer_phys_ns_ppi = 30;      ///< GUEST_TIMER_PHYS_NS_PPI
  static constexpr std::uint32_t evtchn_ppi = 31;             ///< GUEST_EVTCHN_PPI
  static constexpr std::uint32_t vpl011_spi = 32;             ///< GUEST_VPL011_SPI
  static constexpr std::uint32_t virtio_mmio_spi_first = 33;  ///< GUEST_VIRTIO_MMIO_SPI_FIRST
  static constexpr std::uint32_t virtio_mmio_spi_last = 43;   ///< GUEST_VIRTIO_MMIO_SPI_LAST
};

}  // namespace layout
