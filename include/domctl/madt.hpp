// SPDX-License-Identifier: BSL-1.0
/// \file
/// The ACPI table that describes the interrupt controller of a guest that boots with ACPI: MADT, signature "APIC".
/// Sections are those of the ACPI specification 6.5.
#pragma once

#include <domctl/affinity.hpp>
#include <layout/layout.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace domctl {

/// Outcome of `write_madt`.
enum class madt_status : std::uint8_t {
  written,
  buffer_too_small,     ///< nothing was written; `size` says what is needed
  vcpu_count,           ///< no vCPU, or more than the frames serve (8 CPU interfaces, or the redistributors there are)
  region_above_32_bits  ///< a redistributor region is larger than its 32-bit length field can say
};

/// What became of a table.
struct [[nodiscard]] madt_result {
  madt_status status;
  std::uint64_t size;  ///< bytes of the table; 0 if there can be none
};

namespace acpi {

static_assert(std::endian::native == std::endian::little, "acpi: tables are little-endian, and written as they lie");

/// System description table header, 5.2.6, and what follows it in the MADT, 5.2.12.
struct [[gnu::packed]] madt_header {
  char signature[4] = {'A', 'P', 'I', 'C'};
  std::uint32_t length;
  std::uint8_t revision = 5;  ///< ACPI 6.3 and 6.4. 6.5 counts 6 and adds nothing that a guest of ours has
  std::uint8_t checksum = 0;  ///< all bytes of the table sum up to 0
  char oem_id[6] = {'V', 'G', 'I', 'C', ' ', ' '};
  char oem_table_id[8] = {'V', 'G', 'I', 'C', 'M', 'A', 'D', 'T'};
  std::uint32_t oem_revision = 1;
  char creator_id[4] = {'V', 'G', 'I', 'C'};
  std::uint32_t creator_revision = 1;
  std::uint32_t local_interrupt_controller = 0;  ///< a PC's, as are the flags
  std::uint32_t flags = 0;
};

/// GIC CPU interface structure, 5.2.12.14, with the fields of revision 5: one for each vCPU.
struct [[gnu::packed]] gicc {
  static constexpr std::uint32_t enabled = 1;

  std::uint8_t type = 0xb;
  std::uint8_t length = 80;
  std::uint16_t reserved = 0;
  std::uint32_t cpu_interface_number;  ///< GICv2: its bit in GICD_ITARGETSR
  std::uint32_t processor_uid;         ///< _UID of the processor's device object
  std::uint32_t flags = enabled;
  std::uint32_t parking_protocol_version = 0;  ///< vCPUs are started by PSCI
  std::uint32_t performance_interrupt = 0;
  std::uint64_t parked_address = 0;
  std::uint64_t physical_base = 0;  ///< GICv2: the CPU interface. GICv3: system registers, so 0
  std::uint64_t gicv = 0;           ///< guests have no virtualization of their own, so neither this
  std::uint64_t gich = 0;           ///< nor this
  std::uint32_t vgic_maintenance_interrupt = 0;
  std::uint64_t gicr_base = 0;  ///< 0 where GICR structures say where the redistributors are
  std::uint64_t mpidr;          ///< affinity fields alone
  std::uint8_t efficiency_class = 0;
  std::uint8_t reserved2 = 0;
  std::uint16_t spe_overflow_interrupt = 0;
};

/// GIC distributor structure, 5.2.12.15: one.
struct [[gnu::packed]] gicd {
  std::uint8_t type = 0xc;
  std::uint8_t length = 24;
  std::uint16_t reserved = 0;
  std::uint32_t gic_id = 0;
  std::uint64_t physical_base;
  std::uint32_t system_vector_base = 0;
  std::uint8_t gic_version;  ///< 2 or 3
  std::uint8_t reserved2[3] = {};
};

/// GIC redistributor structure, 5.2.12.17: one for each region of a GICv3.
struct [[gnu::packed]] gicr {
  std::uint8_t type = 0xe;
  std::uint8_t length = 16;
  std::uint16_t reserved = 0;
  std::uint64_t discovery_base;
  std::uint32_t discovery_length;
};

static_assert(sizeof(madt_header) == 44 && offsetof(madt_header, checksum) == 9);
static_assert(offsetof(madt_header, oem_id) == 10 && offsetof(madt_header, oem_table_id) == 16);
static_assert(offsetof(madt_header, creator_id) == 28 && offsetof(madt_header, flags) == 40);
static_assert(sizeof(gicc) == 80 && offsetof(gicc, cpu_interface_number) == 4 && offsetof(gicc, flags) == 12);
static_assert(offsetof(gicc, parked_address) == 24 && offsetof(gicc, physical_base) == 32);
static_assert(offsetof(gicc, gicv) == 40 && offsetof(gicc, gich) == 48);
static_assert(offsetof(gicc, vgic_maintenance_interrupt) == 56 && offsetof(gicc, gicr_base) == 60);
static_assert(offsetof(gicc, mpidr) == 68 && offsetof(gicc, spe_overflow_interrupt) == 78);
static_assert(sizeof(gicd) == 24 && offsetof(gicd, physical_base) == 8 && offsetof(gicd, gic_version) == 20);
static_assert(sizeof(gicr) == 16 && offsetof(gicr, discovery_base) == 4 && offsetof(gicr, discovery_length) == 12);

}  // namespace acpi

namespace detail {

/// Puts one structure behind the other.
class madt_bytes {
 public:
  explicit madt_bytes(std::byte* out) : begin_(out), end_(out) {}

  template <class Structure>
  void add(const Structure& s) {
    __builtin_memcpy(end_, &s, sizeof s);
    end_ += sizeof s;
  }
  void seal() {
    unsigned sum = 0;
    for (const std::byte* b = begin_; b != end_; ++b) sum += static_cast<unsigned>(*b);
    begin_[offsetof(acpi::madt_header, checksum)] = static_cast<std::byte>(0u - sum);
  }

 private:
  std::byte* begin_;
  std::byte* end_;
};

[[nodiscard]] constexpr std::uint64_t madt_size(std::uint64_t vcpus, std::uint64_t regions) {
  return sizeof(acpi::madt_header) + vcpus * sizeof(acpi::gicc) + sizeof(acpi::gicd) + regions * sizeof(acpi::gicr);
}

}  // namespace detail

/// The MADT of a guest with a GICv2: a GICC for each of `vcpus` (1..8), and the GICD. No GIC MSI frame: the library's
/// GICv2 takes no messages.
/// \param out  `room` bytes, of any alignment
inline madt_result write_madt(std::byte* out, std::size_t room, const layout::gicv2_frames& frames,
                              std::uint32_t vcpus) {
  constexpr std::uint32_t most_cpu_interfaces = 8;
  if (vcpus == 0 || vcpus > most_cpu_interfaces) return {madt_status::vcpu_count, 0};
  const std::uint64_t size = detail::madt_size(vcpus, 0);
  if (size > room) return {madt_status::buffer_too_small, size};

  detail::madt_bytes table{out};
  table.add(acpi::madt_header{.length = static_cast<std::uint32_t>(size)});
  for (std::uint32_t n = 0; n < vcpus; ++n) {
    table.add(acpi::gicc{.cpu_interface_number = n,
                         .processor_uid = n,
                         .physical_base = frames.cpu_interface.base,
                         .mpidr = affinity_of(n)});
  }
  table.add(acpi::gicd{.physical_base = frames.distributor.base, .gic_version = 2});
  table.seal();
  return {madt_status::written, size};
}

/// The MADT of a guest with a GICv3: a GICC for each of `vcpus` (1 and up to `frames.capacity()`), the GICD, and a GICR
/// for each region. No GIC MSI frame: the binding of MSIs to a GICv3 is its ITS.
/// \param frames  a layout::gicv3_frames, or has its members
template <class Frames>
madt_result write_madt(std::byte* out, std::size_t room, const Frames& frames, std::uint32_t vcpus) {
  if (vcpus == 0 || vcpus > frames.capacity()) return {madt_status::vcpu_count, 0};
  for (std::size_t r = 0; r < frames.regions; ++r) {
    if (frames.redistributors[r].size > 0xffff'ffff) return {madt_status::region_above_32_bits, 0};
  }
  const std::uint64_t size = detail::madt_size(vcpus, frames.regions);
  if (size > room) return {madt_status::buffer_too_small, size};

  detail::madt_bytes table{out};
  table.add(acpi::madt_header{.length = static_cast<std::uint32_t>(size)});
  for (std::uint32_t n = 0; n < vcpus; ++n) {
    table.add(acpi::gicc{.cpu_interface_number = n, .processor_uid = n, .mpidr = affinity_of(n)});
  }
  table.add(acpi::gicd{.physical_base = frames.distributor.base, .gic_version = 3});
  for (std::size_t r = 0; r < frames.regions; ++r) {
    const layout::range& region = frames.redistributors[r];
    table.add(acpi::gicr{.discovery_base = region.base, .discovery_length = static_cast<std::uint32_t>(region.size)});
  }
  table.seal();
  return {madt_status::written, size};
}

}  // namespace domctl
