// SPDX-License-Identifier: BSL-1.0
/// \file
/// Prints docs/conformance.md: the registers from the library's own maps, their fields from the table that the tests of
/// this folder walk, and the tests that are about a register from what those accessed when they ran. A register without
/// a field or without a test is an error.
///
/// usage: conformance-page SUITE FILE...: FILE is what SUITE's program wrote with VGIC_TOUCHED.
#include "../deviations.hpp"
#include "../system_registers.hpp"

#include <vgic/registers/gicd.hpp>
#include <vgic/registers/gicr.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace {

using namespace conformance;
using vgic::features;
using vgic::row;

using every = features<vgic::message_spis, vgic::status_registers, vgic::one_of_n, vgic::reset_to_group1>;

std::map<std::string, std::set<std::string>> tests;  // by register
std::set<std::string> shown;
int mistakes = 0;

void complain(const std::string& what) {
  std::fprintf(stderr, "conformance: %s\n", what.c_str());
  ++mistakes;
}

/// "name - list - 3", of a test that exists for several types, is "name".
std::string without_type(const std::string& name) {
  std::size_t end = name.size();
  for (int parts = 0; parts < 2; ++parts) {
    const std::size_t at = name.rfind(" - ", end - 1);
    if (at == std::string::npos) break;
    const std::string part = name.substr(at + 3, end - at - 3);
    const bool word = part.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string::npos;
    if (!word || (parts == 0 && part.find_first_not_of("0123456789") != std::string::npos)) {
      if (parts == 0 && word) end = at;
      break;
    }
    end = at;
  }
  return name.substr(0, end);
}

void read_tests(const std::string& suite, const char* path) {
  std::ifstream in(path);
  if (!in) complain(std::string("cannot read ") + path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    tests[line.substr(0, space)].insert(suite + '/' + without_type(line.substr(space + 1)));
  }
}

std::string hex(u32 value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%0*X", digits, value);
  return text;
}

std::string access_of(kind k) {
  switch (k) {
    case kind::rw: return "RW";
    case kind::ro:
    case kind::follows: return "RO";
    case kind::zero: return "RAZ/WI";
    case kind::set: return "RW, W1S";
    case kind::clear:
    case kind::sticky: return "RW, W1C";
    default: return "WO";
  }
}

std::string interrupts_of(which w) {
  switch (w) {
    case which::sgis: return "SGIs";
    case which::ppis: return "PPIs";
    case which::private_ones: return "SGIs, PPIs";
    case which::spis: return "SPIs";
    default: return "";
  }
}

std::string widths_of(u8 how) {
  std::string text;
  const auto add = [&](u8 bit, const char* bits) {
    if ((how & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(bits);
  };
  add(vgic::access::b, "8");
  add(vgic::access::h, "16");
  add(vgic::access::w, "32");
  add(vgic::access::d, "64");
  return text;
}

/// The fields of a register, a line each; `head` is the first line's beginning, the others have empty cells there.
void print_fields(reg what, u32 version, std::string head, const std::string& blank) {
  bool any = false;
  for (const field& f : all_fields()) {
    if (f.what != what || !is_in(f, version)) continue;
    any = true;
    const std::string interrupts = interrupts_of(f.interrupts);
    std::string bits = std::to_string(f.low);
    if (f.high != f.low) bits = std::to_string(f.high) + ":" + bits;
    if (const u32 share = bits_an_interrupt(what); share == 1)
      bits = "each";
    else if (share == 2 || share == 8)
      bits = "each [" + bits + "]";
    std::string means = f.name;
    if (!interrupts.empty()) means += (means.empty() ? "" : ", ") + interrupts;
    std::printf("%s | %s | %s | %s | %s | %s |\n", head.c_str(), bits.c_str(), means.c_str(), access_of(f.how).c_str(),
                f.reset, f.says);
    head = blank;
  }
  if (!any) complain(std::string(name(what)) + " has no fields (tests/conformance/fields.hpp)");
  if (tests[name(what)].empty())
    complain(std::string(name(what)) + " has no test: tag one that is about it with [" + name(what) + "]");
  shown.insert(name(what));
}

/// Which feature a register needs, from the maps of each feature alone.
template <template <class> class Map>
std::string needs(reg what) {
  if (Map<features<>>::how(what) != 0) return "";
  if (Map<features<vgic::message_spis>>::how(what) != 0) return ", with `message_spis`";
  if (Map<features<vgic::status_registers>>::how(what) != 0) return ", with `status_registers`";
  if (Map<features<vgic::one_of_n>>::how(what) != 0) return ", with `one_of_n`";
  if (Map<features<vgic::reset_to_group1>>::how(what) != 0) return ", with `reset_to_group1`";
  complain(std::string(name(what)) + " needs a feature that this program does not know");
  return "";
}

template <template <class> class Map>
void frame(const char* title, const char* text, u32 version) {
  const int digits = Map<every>::frame_size > 0x1000 ? 4 : 3;
  std::printf(
      "\n## %s\n\n%s\n\n| offset | register | width | bits | field | access | reset | what it does |\n"
      "|---|---|---|---|---|---|---|---|\n",
      title, text);
  std::set<reg> seen;
  const auto& rows = Map<every>::rows;
  for (u32 i = 0; i < rows.size; ++i) {
    if (!seen.insert(rows[i].what).second) continue;
    std::string offsets;
    for (u32 k = i; k < rows.size; ++k) {
      const row& r = rows[k];
      if (r.what != rows[i].what) continue;
      offsets += (offsets.empty() ? "" : ", ") + hex(r.first, digits);
      if (r.end - r.first > ((r.how & vgic::access::d) != 0 ? 8 : 4)) offsets += " - " + hex(r.end - 1, digits);
    }
    print_fields(
        rows[i].what, version,
        "| " + offsets + " | " + name(rows[i].what) + needs<Map>(rows[i].what) + " | " + widths_of(rows[i].how),
        "| | |");
  }
}

template <class F>
using gicd_v2 = vgic::detail::gicd_v2_map<F>;
template <class F>
using gicd_v3 = vgic::detail::gicd_v3_map<F>;
template <class F>
using rd = vgic::detail::gicr_rd_map<F>;
template <class F>
using sgi = vgic::detail::gicr_sgi_map<F>;

template <u32 N>
void list(const char* title, const char* text, const deviation (&items)[N]) {
  std::printf("\n## %s\n\n%s\n\n| where | the architecture | here | why | test |\n|---|---|---|---|---|\n", title,
              text);
  for (const deviation& d : items)
    std::printf("| %s | %s | %s | %s | `%s` |\n", d.where, d.says, d.here, d.argument, d.test);
}

void system_registers() {
  std::printf(R"(
## System registers that trap

They have no virtual form, or are trapped by choice; each is 64 bits and write-only. Every other ICC register is the
hardware's, or the host's to answer.

| register | bits | field | access | reset | what it does |
|---|---|---|---|---|---|
)");
  for (const reg r : {reg::icc_sgi1r, reg::icc_asgi1r, reg::icc_sgi0r, reg::icc_dir})
    print_fields(r, 3, std::string("| ") + name(r), "|");
}

void print_tests() {
  std::printf(R"(
## Tests that are about a register

Beside the walk over all fields (`conformance/fields: ...`) and the sweep over all offsets (`sweep/...`). A test is
listed because it says so, and because it was seen to access the register when it ran.

)");
  for (const std::string& r : shown) {
    std::printf("- %s: ", r.c_str());
    const char* before = "";
    for (const std::string& t : tests[r]) {
      std::printf("%s`%s`", before, t.c_str());
      before = "; ";
    }
    std::printf("\n");
  }
  for (const auto& [r, names] : tests)
    if (shown.count(r) == 0) complain("there are tests of " + r + ", which is in no map");
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) read_tests(argv[i], argv[i + 1]);
  std::printf(R"(# Conformance: every register, bit by bit

Printed by `tests/conformance/page/` from the library's register maps; do not edit it:
`tests/conformance/page/check --update BUILD`, with the folder of a build, writes it anew. A test fails while it is not
what the program prints. The fields are the table that the tests `conformance/fields: ...` walk on each combination of
features: every bit is read at reset, written and read back, and every bit that is named nowhere is seen to read zero
and to ignore writes.

RAZ/WI: reads zero, ignores writes. RO: writes ignored. W1S, W1C: a 1 sets, or clears; reads show the bits. WO: acts
when written, reads zero. "each": one bit, or so many, an interrupt; those of interrupts that the VM does not have are
RAZ/WI. Offsets that are not listed, and widths that a register does not have, are RAZ/WI.
)");
  frame<gicd_v2>("GICv2: distributor", "4 KiB, IHI 0048B. Registers of the first 32 interrupts are banked by vCPU.", 2);
  frame<gicd_v3>("GICv3: distributor", "64 KiB, IHI 0069; GICD_CTLR.ARE = 1, DS = 1.", 3);
  frame<rd>("GICv3: redistributor, RD frame", "64 KiB for each vCPU; any vCPU may access it.", 3);
  frame<sgi>("GICv3: redistributor, SGI frame", "64 KiB for each vCPU, behind its RD frame: INTID 0 to 31.", 3);
  system_registers();
  std::printf(R"(
## CPU interface and list registers

Acknowledge, end, priority mask, binary points, running and active priorities are the hardware's virtual CPU interface
(ICV registers, or the GICV frame). The library writes its list registers, ICH_HCR_EL2 or GICH_HCR, and saves and
restores ICH_VMCR_EL2 and the active priorities with the vCPU.
)");
  list("Choices", "Where the architecture leaves one.", choices);
  list("Deviations", "Where the library does less than the architecture says, and why.", deviations);
  print_tests();
  return mistakes == 0 ? 0 : 1;
}
