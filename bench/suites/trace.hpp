// SPDX-License-Identifier: BSL-1.0
/// \file
/// Reads a trace of what a guest did to its interrupt controller; bench/data/README.md has the form of a line.
#pragma once

#include <vgic/types.hpp>

#include <array>
#include <charconv>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What an event of a trace is about.
enum class subject : vgic::u8 {
  distributor,
  redistributors,
  cpu_interface,
  its,
  system_register,
  private_line,
  shared_line,
};

/// The system registers of a trace.
enum class icc : vgic::u8 { iar1, eoir1, sgi1r, pmr, igrpen1, bpr1, ctlr, ap0r0, ap1r0 };

/// Their names.
inline constexpr std::array<std::string_view, 9> icc_names{"ICC_IAR1_EL1", "ICC_EOIR1_EL1",   "ICC_SGI1R_EL1",
                                                           "ICC_PMR_EL1",  "ICC_IGRPEN1_EL1", "ICC_BPR1_EL1",
                                                           "ICC_CTLR_EL1", "ICC_AP0R0_EL1",   "ICC_AP1R0_EL1"};

/// One line of a trace.
struct event {
  vgic::u32 line = 0;  ///< its number in the file, from 1
  subject about = subject::distributor;
  vgic::direction dir = vgic::direction::read;
  vgic::u8 vcpu = 0;
  vgic::width size = vgic::width::word;
  icc which = icc::iar1;  ///< of a system register
  vgic::u32 at = 0;       ///< an offset, or a line's INTID
  vgic::u64 value = 0;    ///< or a line's level
};

/// A line that is none of a trace.
struct trace_error {
  vgic::u32 line;
  std::string why;
};

/// Reads one line, strictly: exactly the fields of its kind, one space between them, each in its range.
class trace_line {
  using u32 = vgic::u32;
  using u64 = vgic::u64;

 public:
  trace_line(std::string_view text, u32 number) : rest_(text) { event_.line = number; }

  /// The event, or nothing: `why` says what is wrong.
  [[nodiscard]] std::optional<event> read() {
    const bool ok = any() && (ended_ || wrong("there is something behind the last field"));
    return ok ? std::optional<event>(event_) : std::nullopt;
  }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  static constexpr u32 most_vcpus = 64;

  bool any() {
    const std::string_view who = field();
    const std::string_view what = field();
    const std::string_view where = field();
    if (what == "L") return line_change(who, where);
    if (!number(who, 10, most_vcpus - 1, "the vCPU")) return false;
    event_.vcpu = static_cast<vgic::u8>(number_);
    if (what != "R" && what != "W") return wrong("the second field is none of R, W, L");
    event_.dir = what == "R" ? vgic::direction::read : vgic::direction::write;
    if (where == "S") return system_register();
    const auto known = std::string_view("DRCI").find(where);
    if (where.size() != 1 || known == std::string_view::npos) return wrong("the third field is none of D, R, C, I, S");
    constexpr subject subjects[] = {subject::distributor, subject::redistributors, subject::cpu_interface,
                                    subject::its};
    constexpr u32 frame_sizes[] = {0x1'0000, most_vcpus * 0x2'0000, 0x2000, 0x2'0000};
    event_.about = subjects[known];
    if (!number(field(), 16, frame_sizes[known] - 1, "the offset")) return false;
    event_.at = static_cast<u32>(number_);
    return size_and_value();
  }

  bool line_change(std::string_view who, std::string_view where) {
    if (where == "P") {
      event_.about = subject::private_line;
      if (!number(who, 10, most_vcpus - 1, "the vCPU")) return false;
      event_.vcpu = static_cast<vgic::u8>(number_);
    } else if (where == "D") {
      event_.about = subject::shared_line;
      if (who != "-") return wrong("the line of an SPI belongs to no vCPU: the first field should be -");
    } else {
      return wrong("the third field of a line's change is none of P, D");
    }
    const bool is_private = event_.about == subject::private_line;
    if (!number(field(), 10, is_private ? 31 : 1019, "the INTID")) return false;
    event_.at = static_cast<u32>(number_);
    if (event_.at < (is_private ? 16 : 32)) return wrong("the INTID is none that has a line");
    if (!number(field(), 10, 1, "the level")) return false;
    event_.value = number_;
    return true;
  }

  bool system_register() {
    event_.about = subject::system_register;
    const std::string_view name = field();
    for (std::size_t i = 0; i < icc_names.size(); ++i)
      if (icc_names[i] == name) {
        event_.which = static_cast<icc>(i);
        return size_and_value() && (event_.size == vgic::width::dword || wrong("a system register has 8 bytes"));
      }
    return wrong("there is no such system register in this program");
  }

  bool size_and_value() {
    if (!number(field(), 10, 8, "the size")) return false;
    if (number_ == 0 || (number_ & (number_ - 1)) != 0) return wrong("the size is none of 1, 2, 4, 8");
    event_.size = static_cast<vgic::width>(number_);
    const u64 most = number_ == 8 ? ~u64{0} : (u64{1} << 8 * number_) - 1;
    if (!number(field(), 16, most, "the value")) return false;
    event_.value = number_;
    return true;
  }

  /// Up to the next space; nothing once the line is at its end.
  std::string_view field() {
    const auto space = rest_.find(' ');
    const std::string_view found = rest_.substr(0, space);
    ended_ = space == std::string_view::npos;
    rest_ = ended_ ? std::string_view{} : rest_.substr(space + 1);
    return found;
  }

  bool number(std::string_view text, int base, u64 most, const char* what) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number_, base);
    if (text.empty() || problem != std::errc{} || end != text.data() + text.size())
      return wrong(std::string(what) + " is no number: '" + std::string(text) + "'");
    return number_ <= most || wrong(std::string(what) + " is too large: " + std::string(text));
  }

  bool wrong(std::string why) {
    why_ = std::move(why);
    return false;
  }

  std::string_view rest_;
  bool ended_ = false;
  u64 number_ = 0;
  event event_{};
  std::string why_;
};

/// Reads a whole trace to the end of `events`; what is wrong with the first line that is none, if there is one.
[[nodiscard]] inline std::optional<trace_error> read_trace(std::istream& in, std::vector<event>& events) {
  vgic::u32 number = 0;
  for (std::string text; std::getline(in, text);) {
    trace_line line(text, ++number);
    const auto e = line.read();
    if (!e.has_value()) return trace_error{number, line.why()};
    events.push_back(*e);
  }
  if (number == 0) return trace_error{1, "the trace is empty"};
  if (in.bad()) return trace_error{number, "the file cannot be read any further"};
  return std::nullopt;
}

}  // namespace bench
