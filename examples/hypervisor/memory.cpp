// SPDX-License-Identifier: BSL-1.0
#include "memory.hpp"

#include "config.hpp"

#include <cstddef>

namespace hv {

/// A table of descriptors: 4 KiB granule, 512 entries, each of them for 1 GiB, 2 MiB or 4 KiB by level (1 to 3).
struct alignas(4096) table {
  u64 entry[512];
};

namespace {

// The memory map is a constant but for the guest's RAM, which is one block of 2 MiB pages: this is always enough.
constinit table spare[16]{};
constinit u32 spares_used = 0;
constinit table guest_root{};

constexpr u64 valid = 1, is_table = 2, is_page = 2;  // a leaf at level 3 has the bit that means "table" above
constexpr u64 access_flag = 1 << 10, inner_shareable = 3 << 8, never_execute = u64{1} << 54;
constexpr u64 output_address = 0x0000'ffff'ffff'f000;

namespace stage1 {  // AttrIndx as boot.S set MAIR_EL2; AP[1] is RES1 at EL2
constexpr u64 normal = access_flag | inner_shareable | 0 << 2 | 1 << 6;
constexpr u64 read_only = 1 << 7;
constexpr u64 device = access_flag | 1 << 2 | 1 << 6 | never_execute;
}  // namespace stage1

namespace stage2 {
constexpr u64 read_write = 3 << 6;
constexpr u64 normal = access_flag | inner_shareable | 0xf << 2 | read_write;
constexpr u64 device = access_flag | 1 << 2 | read_write | never_execute;
}  // namespace stage2

/// Maps `size` bytes at `from` to `to`, in the largest blocks that alignment allows. Nothing is mapped twice.
void map(table& root, u64 from, u64 to, u64 size, u64 attributes) {
  while (size != 0) {
    table* t = &root;
    for (u32 shift = 30;; shift -= 9) {
      u64& entry = t->entry[(from >> shift) & 511];
      const u64 block = u64{1} << shift;
      if (((from | to) & (block - 1)) == 0 && size >= block) {
        entry = to | attributes | valid | (shift == 12 ? is_page : 0);
        from += block;
        to += block;
        size -= block;
        break;
      }
      if (entry == 0) entry = reinterpret_cast<u64>(&spare[spares_used++]) | valid | is_table;
      t = reinterpret_cast<table*>(entry & output_address);
    }
  }
}

/// A device of the machine, at the same address or at another.
void map_device(table& root, machine::range device, u64 attributes, u64 at) {
  map(root, at, device.base, device.size, attributes);
}
void map_device(table& root, machine::range device, u64 attributes) {
  map_device(root, device, attributes, device.base);
}

}  // namespace

extern "C" {
constinit table hypervisor_root{};                                            // boot.S puts it into TTBR0_EL2
extern const std::byte image_start[], text_end[], rodata_end[], image_end[];  // from link.lds
}

namespace {

void map_image(const std::byte* from, const std::byte* to, u64 attributes) {
  const auto base = reinterpret_cast<u64>(from);
  map(hypervisor_root, base, base, static_cast<u64>(to - from), attributes);
}

}  // namespace

constinit machine::boot_parameters boot{};

/// Called by boot.S on CPU 0, MMU off. The guest's RAM is not in EL2's map: nothing here reads it.
extern "C" void build_hypervisor_map() {
  boot = *reinterpret_cast<const machine::boot_parameters*>(reinterpret_cast<u64>(image_start) - 4096);

  map_image(image_start, text_end, stage1::normal | stage1::read_only);
  map_image(text_end, rodata_end, stage1::normal | stage1::read_only | never_execute);
  map_image(rodata_end, image_end, stage1::normal | never_execute);
  map_device(hypervisor_root, machine::pl011, stage1::device);
  map_device(hypervisor_root, machine::gicd, stage1::device);
  if constexpr (gic_version == 2) {
    map_device(hypervisor_root, machine::gicc, stage1::device);
    map_device(hypervisor_root, machine::gich, stage1::device);
  } else {
    map_device(hypervisor_root, machine::gicr, stage1::device);
  }
}

void build_guest_map() {
  map(guest_root, machine::ram_base, machine::ram_base, boot.guest_ram_size, stage2::normal);
  map_device(guest_root, machine::pl011, stage2::device, guest_layout::pl011.base);
  map_device(guest_root, machine::pl031, stage2::device);
  map_device(guest_root, machine::virtio, stage2::device);
  if constexpr (gic_version == 2) {
    map_device(guest_root, machine::gicv, stage2::device, guest_layout::v2.cpu_interface.base);
  }
  dsb_ishst();
}

void use_guest_map() {
  constexpr u64 pa_bits[] = {32, 36, 40, 42, 44, 48};
  const u64 implemented = MRS(ID_AA64MMFR0_EL1) & 0xf;
  const u64 pa_range = implemented < 5 ? implemented : 5;
  // Start at level 1 with one table: 39 bits of guest address, or fewer if the CPU has fewer.
  const u64 guest_bits = pa_bits[pa_range] < 39 ? pa_bits[pa_range] : 39;
  constexpr u64 res1 = u64{1} << 31, start_level_1 = 1 << 6, write_back_walks = 1 << 8 | 1 << 10, inner_walks = 3 << 12;
  MSR(VTCR_EL2, res1 | pa_range << 16 | inner_walks | write_back_walks | start_level_1 | (64 - guest_bits));
  constexpr u64 vmid = 1;
  MSR(VTTBR_EL2, vmid << 48 | reinterpret_cast<u64>(&guest_root));
  isb();
  asm volatile("tlbi vmalls12e1\n dsb nsh\n isb" : : : "memory");
}

}  // namespace hv
