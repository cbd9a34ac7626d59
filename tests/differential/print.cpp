// SPDX-License-Identifier: BSL-1.0
#include "print.hpp"

#include "support/registers.hpp"

#include <sstream>

namespace differential {

namespace {

std::string hex(u64 value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}
const char* name(vgic::width w) {
  switch (w) {
    case vgic::width::byte: return "byte";
    case vgic::width::half: return "half";
    case vgic::width::word: return "word";
    case vgic::width::dword: return "dword";
  }
  return "?";
}
std::string width_argument(vgic::width w) {
  return w == vgic::width::word ? std::string() : std::string(", width::") + name(w);
}
std::string place(u64 address) {
  if (address >= gicr) {
    const u64 at = address - gicr;
    return "redistributor(" + std::to_string(at / gicr_stride) + ") + " + hex(at % gicr_stride);
  }
  return address >= gicc ? "gicc + " + hex(address - gicc) : "gicd + " + hex(address - gicd);
}
std::string by(const operation& op) { return op.vcpu == elsewhere ? "elsewhere" : std::to_string(op.vcpu); }

/// One step as the test writes it; empty for one that did nothing.
std::string statement(const operation& op, const played& p) {
  switch (op.what) {
    case act::read: return "(void)m.read(" + by(op) + ", " + place(op.address) + width_argument(op.size) + ");";
    case act::write:
      return "m.write(" + by(op) + ", " + place(op.address) + ", " + hex(op.value) + width_argument(op.size) + ");";
    case act::line:
      return "m.line(" + by(op) + ", " + std::to_string(op.about) + ", " + std::to_string(op.id) + ", " +
             (op.value != 0 ? "true" : "false") + ");";
    case act::settle: return "m.settle();";
    case act::acknowledge:
      return "CHECK(m.acknowledge(" + by(op) + ", vgic::group::" + (op.value != 0 ? "one" : "zero") +
             ") == " + std::to_string(p.id) + ");";
    case act::end: return "CHECK(m.end(" + by(op) + ").id == " + std::to_string(p.id) + ");";
    case act::deactivate: return "m.write(0, gicc + 0x1000, " + std::to_string(p.id) + ");";
    case act::sgi: return "m.sgi(" + by(op) + ", " + hex(op.value) + ");";
  }
  return {};
}

}  // namespace

std::string register_name(const setup& s, u64 address) {
  const auto in = [&](const auto& frame, const char* prefix, u32 offset) {
    const tests::known_register* r = tests::find_register(frame, offset);
    return r == nullptr ? std::string("reserved") : prefix + std::string(r->name);
  };
  using features = vgic::features<>;
  if (address >= gicr) {
    const u32 offset = static_cast<u32>(address - gicr) % 0x1'0000;
    const bool rd = (address - gicr) % gicr_stride < 0x1'0000;
    return rd ? in(tests::redistributor_frame<features>, "GICR_", offset)
              : in(tests::sgi_frame_registers, "GICR_", offset);
  }
  if (address >= gicc) {
    switch (address - gicc) {
      case 0: return "GICC_CTLR";
      case 4: return "GICC_PMR";
      case 8: return "GICC_BPR";
      case 0xc: return "GICC_IAR";
      case 0x10: return "GICC_EOIR";
      case 0x14: return "GICC_RPR";
      case 0x18: return "GICC_HPPIR";
      case 0x1c: return "GICC_ABPR";
      case 0x1000: return "GICC_DIR";
      default: return "GICC";
    }
  }
  const u32 offset = static_cast<u32>(address - gicd);
  return s.is_v2() ? in(tests::gicv2_distributor, "GICD_", offset)
                   : in(tests::gicv3_distributor<features>, "GICD_", offset);
}

std::string as_steps(const setup& s, const history& h) {
  std::ostringstream text;
  const auto m = make_machine(s);
  for (std::size_t i = 0; i < h.size(); ++i) {
    played p;
    std::string gave_up;
    try {
      p = m->play(h[i]);
    } catch (const std::runtime_error& e) {
      gave_up = e.what();
    }
    text << "  " << i << ": " << statement(h[i], p);
    if (h[i].what == act::read || h[i].what == act::write) text << "  // " << register_name(s, h[i].address);
    if (p.skipped != played::no_row)
      text << "  (left out: " << differences()[static_cast<std::size_t>(p.skipped)].where << ')';
    for (const request& r : p.requests)
      if (r.what == request::kind::read) text << " -> " << hex(r.ours);
    text << (gave_up.empty() ? "" : "  // ") << gave_up << '\n';
    if (!gave_up.empty()) break;
  }
  return text.str();
}

std::string as_test(const setup& s, const history& h, const finding& f) {
  std::ostringstream text;
  const std::string configuration =
      s.is_v2() ? "gicv2_configuration" : "gicv3_configuration<" + std::to_string(s.priority_bits) + ">";
  text << "#include \"catch.hpp\"\n#include \"differential/machine.hpp\"\n\nusing namespace differential;\nusing "
          "vgic::width;\n\n"
       << "TEST_CASE(\"" << (f.failure.empty() ? register_name(s, f.access.address) : f.failure) << " ...\") {\n"
       << "  machine<" << configuration << "> m({.version = " << s.version << ", .vcpus = " << s.vcpus
       << ", .list_registers = " << s.list_registers << ", .priority_bits = " << s.priority_bits << "});\n";
  const auto m = make_machine(s);
  for (std::size_t i = 0; i < h.size() && i <= f.step; ++i) {
    played p;
    try {
      p = m->play(h[i]);
    } catch (const std::runtime_error&) {
      text << "  " << statement(h[i], p) << "  // does not end\n";
      break;
    }
    if (p.skipped != played::no_row) continue;
    if (i == f.step && f.failure.empty()) {
      text << "  CHECK(m.read(" << by(h[i]) << ", " << place(h[i].address) << width_argument(h[i].size)
           << ") == " << hex(f.theirs) << ");  // QEMU's answer; the library's is " << hex(f.access.ours) << '\n';
      break;
    }
    text << "  " << statement(h[i], p);
    if (h[i].what == act::read || h[i].what == act::write) text << "  // " << register_name(s, h[i].address);
    text << '\n';
  }
  text << "}\n";
  return text.str();
}

}  // namespace differential
