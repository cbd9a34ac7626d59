// SPDX-License-Identifier: BSL-1.0
/// \file
/// The MADT, field for field as ACPICA's iasl reads it.
#include "catch.hpp"

#include <domctl/madt.hpp>
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

#include <cstring>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tools.hpp"

using domctl::madt_result;
using domctl::madt_status;
using tests::bytes;

namespace {

struct three_regions {
  static constexpr layout::gicv3_frames<3> v3{
      .distributor = {0x1'0800'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x1'0810'0000, 0x4'0000}, {0x1'0900'0000, 0x2'0000}, {0x20'0000'0000, 0xffe0'0000}}};
};

template <class Frames>
bytes table_of(const Frames& frames, std::uint32_t vcpus) {
  bytes table(4096);
  const madt_result result = domctl::write_madt(table.data(), table.size(), frames, vcpus);
  REQUIRE(result.status == madt_status::written);
  table.resize(result.size);
  return table;
}

using field = std::pair<std::string, std::string>;

[[nodiscard]] std::string trimmed(const std::string& s) {
  const auto first = s.find_first_not_of(' ');
  return first == std::string::npos ? "" : s.substr(first, s.find_last_not_of(' ') - first + 1);
}

/// The fields of iasl's disassembly in their order; the checksum is left to the test that sums up.
[[nodiscard]] std::vector<field> disassembled(const bytes& table) {
  const tests::scratch_folder folder;
  tests::write_file(folder.file("table.aml"), table);
  const tests::ran iasl = tests::run(folder, "iasl -d '" + folder.file("table.aml") + "'");
  CAPTURE(iasl.out, iasl.err);
  REQUIRE(iasl.status == 0);
  CHECK((iasl.out + iasl.err).find("rror") == std::string::npos);
  CHECK((iasl.out + iasl.err).find("arning") == std::string::npos);
  std::vector<field> fields;
  std::istringstream dsl{tests::read_file(folder.file("table.dsl"))};
  for (std::string line; std::getline(dsl, line);) {
    if (line.starts_with("Raw Table Data")) break;
    const auto colon = line.find(" : ");
    if (colon == std::string::npos || (!line.starts_with("[") && !line.starts_with("    "))) continue;
    const std::string name = trimmed(line.substr(line.find(']') == std::string::npos ? 0 : line.find(']') + 1,
                                                 colon - (line.starts_with("[") ? line.find(']') + 1 : 0)));
    std::string value = trimmed(line.substr(colon + 3));
    if (name != "Checksum") fields.emplace_back(name, value);
  }
  return fields;
}

[[nodiscard]] std::string hex(std::uint64_t value, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%0*llX", digits, static_cast<unsigned long long>(value));
  return text;
}

void add(std::vector<field>& to, std::vector<field> more) {
  for (field& f : more) to.push_back(std::move(f));
}

void add_header(std::vector<field>& to, std::size_t length) {
  add(to, {{"Signature", "\"APIC\"    [Multiple APIC Description Table (MADT)]"},
           {"Table Length", hex(length, 8)},
           {"Revision", "05"},
           {"Oem ID", "\"VGIC  \""},
           {"Oem Table ID", "\"VGICMADT\""},
           {"Oem Revision", "00000001"},
           {"Asl Compiler ID", "\"VGIC\""},
           {"Asl Compiler Revision", "00000001"},
           {"Local Apic Address", "00000000"},
           {"Flags (decoded below)", "00000000"},
           {"PC-AT Compatibility", "0"}});
}

void add_gicc(std::vector<field>& to, std::uint32_t n, std::uint64_t base, std::uint64_t mpidr) {
  add(to, {{"Subtable Type", "0B [Generic Interrupt Controller]"},
           {"Length", "50"},
           {"Reserved", "0000"},
           {"CPU Interface Number", hex(n, 8)},
           {"Processor UID", hex(n, 8)},
           {"Flags (decoded below)", "00000001"},
           {"Processor Enabled", "1"},
           {"Performance Interrupt Trigger Mode", "0"},
           {"Virtual GIC Interrupt Trigger Mode", "0"},
           {"Parking Protocol Version", "00000000"},
           {"Performance Interrupt", "00000000"},
           {"Parked Address", hex(0, 16)},
           {"Base Address", hex(base, 16)},
           {"Virtual GIC Base Address", hex(0, 16)},
           {"Hypervisor GIC Base Address", hex(0, 16)},
           {"Virtual GIC Interrupt", "00000000"},
           {"Redistributor Base Address", hex(0, 16)},
           {"ARM MPIDR", hex(mpidr, 16)},
           {"Efficiency Class", "00"},
           {"Reserved", "00"},
           {"SPE Overflow Interrupt", "0000"}});
}

void add_gicd(std::vector<field>& to, std::uint64_t base, const char* version) {
  add(to, {{"Subtable Type", "0C [Generic Interrupt Distributor]"},
           {"Length", "18"},
           {"Reserved", "0000"},
           {"Local GIC Hardware ID", "00000000"},
           {"Base Address", hex(base, 16)},
           {"Interrupt Base", "00000000"},
           {"Version", version},
           {"Reserved", "000000"}});
}

void add_gicr(std::vector<field>& to, std::uint64_t base, std::uint64_t length) {
  add(to, {{"Subtable Type", "0E [Generic Interrupt Redistributor]"},
           {"Length", "10"},
           {"Reserved", "0000"},
           {"Base Address", hex(base, 16)},
           {"Length", hex(length, 8)}});
}

}  // namespace

TEST_CASE("MADT of a GICv2: iasl reads a GICC with the CPU interface for each vCPU, one GICD, no GIC MSI frame") {
  const bytes table = table_of(layout::xen_4_5::v2, 8);
  std::vector<field> wanted;
  add_header(wanted, table.size());
  for (std::uint32_t n = 0; n < 8; ++n) add_gicc(wanted, n, 0x0300'2000, n);
  add_gicd(wanted, 0x0300'1000, "02");
  CHECK(disassembled(table) == wanted);
}

TEST_CASE("MADT of a GICv3: iasl reads a GICC without address for each vCPU, one GICD, one GICR, no GIC MSI frame") {
  const bytes table = table_of(layout::qemu_virt::v3, 18);
  std::vector<field> wanted;
  add_header(wanted, table.size());
  for (std::uint32_t n = 0; n < 16; ++n) add_gicc(wanted, n, 0, n);
  add_gicc(wanted, 16, 0, 0x100);
  add_gicc(wanted, 17, 0, 0x101);
  add_gicd(wanted, 0x0800'0000, "03");
  add_gicr(wanted, 0x080a'0000, 0xf6'0000);
  CHECK(disassembled(table) == wanted);
}

TEST_CASE("MADT of a GICv3 with several regions: iasl reads a GICR for each") {
  const bytes table = table_of(three_regions::v3, 1);
  std::vector<field> wanted;
  add_header(wanted, table.size());
  add_gicc(wanted, 0, 0, 0);
  add_gicd(wanted, 0x1'0800'0000, "03");
  add_gicr(wanted, 0x1'0810'0000, 0x4'0000);
  add_gicr(wanted, 0x1'0900'0000, 0x2'0000);
  add_gicr(wanted, 0x20'0000'0000, 0xffe0'0000);
  CHECK(disassembled(table) == wanted);
}

TEST_CASE("MADT: its bytes sum up to 0, whatever is in it") {
  for (std::uint32_t vcpus = 1; vcpus <= 8; ++vcpus) {
    for (const bytes& table : {table_of(layout::xen_4_5::v2, vcpus), table_of(layout::xen_4_5::v3, vcpus)}) {
      unsigned sum = 0;
      for (const std::byte b : table) sum += static_cast<unsigned>(b);
      CHECK(sum % 256 == 0);
    }
  }
}

TEST_CASE("MADT: a buffer that is too small stays as it is, and the size that it needs is told") {
  bytes table(4096, std::byte{0xee});
  const bytes untouched = table;
  madt_result result = domctl::write_madt(table.data(), 0, layout::xen_4_5::v3, 4);
  CHECK(result.status == madt_status::buffer_too_small);
  REQUIRE(result.size == 44 + 4 * 80 + 24 + 16);
  for (std::size_t room = 0; room < result.size; ++room) {
    const madt_result again = domctl::write_madt(table.data(), room, layout::xen_4_5::v3, 4);
    REQUIRE(again.status == madt_status::buffer_too_small);
    REQUIRE(again.size == result.size);
  }
  CHECK(table == untouched);
  result = domctl::write_madt(table.data(), result.size, layout::xen_4_5::v3, 4);
  CHECK(result.status == madt_status::written);
  CHECK(table[result.size] == std::byte{0xee});

  CHECK(domctl::write_madt(nullptr, 0, layout::xen_4_5::v2, 8).size == 44 + 8 * 80 + 24);
}

TEST_CASE(
    "MADT: vCPUs without a CPU interface or a redistributor are refused, and regions that its fields cannot say") {
  bytes table(4096);
  const auto status = [&](const auto& frames, std::uint32_t vcpus) {
    return domctl::write_madt(table.data(), table.size(), frames, vcpus).status;
  };
  CHECK(status(layout::xen_4_5::v2, 0) == madt_status::vcpu_count);
  CHECK(status(layout::xen_4_5::v2, 9) == madt_status::vcpu_count);
  CHECK(status(layout::xen_4_5::v3, 0) == madt_status::vcpu_count);
  CHECK(status(layout::xen_4_5::v3, 16) == madt_status::written);
  CHECK(status(layout::xen_4_5::v3, 17) == madt_status::vcpu_count);
  CHECK(status(layout::xen_4_5::v3, ~0u) == madt_status::vcpu_count);
  constexpr layout::gicv3_frames<1> huge{
      .distributor = {0, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x1'0000'0000, 0x1'0000'0000}}};
  CHECK(status(huge, 1) == madt_status::region_above_32_bits);
}
