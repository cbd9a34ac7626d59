// SPDX-License-Identifier: BSL-1.0
// Lines that are none of a trace, and traces that cannot have happened, are refused with their place.
#include "catch.hpp"

#include <bench/suites/boot.hpp>

#include <sstream>

using bench::event;
using vgic::u32;

namespace {

/// What is wrong with the text, as "LINE: WHY"; empty if nothing is.
std::string refusal_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<event> events;
  const auto problem = bench::read_trace(in, events);
  return problem.has_value() ? std::to_string(problem->line) + ": " + problem->why : "";
}

std::string impossibility_of(u32 version, const std::string& text) {
  std::istringstream in(text);
  std::vector<event> events;
  REQUIRE_FALSE(bench::read_trace(in, events).has_value());
  bench::boot b;
  const auto problem = bench::boot_maker(version).make(events, b);
  return problem.has_value() ? std::to_string(problem->line) + ": " + problem->why : "";
}

bench::boot boot_of(u32 version, const std::string& text) {
  std::istringstream in(text);
  std::vector<event> events;
  REQUIRE_FALSE(bench::read_trace(in, events).has_value());
  bench::boot b;
  REQUIRE_FALSE(bench::boot_maker(version).make(events, b).has_value());
  return b;
}

}  // namespace

TEST_CASE("trace: each kind of line is read") {
  std::istringstream in(
      "7 W D 6278 8 100\n"
      "0 R R e0008 8 701000711\n"
      "3 R C c 4 1401\n"
      "1 R I ffe8 4 3b\n"
      "2 W S ICC_SGI1R_EL1 8 10000f7\n"
      "5 L P 27 1\n"
      "- L D 79 0\n");
  std::vector<event> events;
  REQUIRE_FALSE(bench::read_trace(in, events).has_value());
  REQUIRE(events.size() == 7);
  CHECK(events[0].about == bench::subject::distributor);
  CHECK(events[0].dir == vgic::direction::write);
  CHECK(events[0].vcpu == 7);
  CHECK(events[0].at == 0x6278);
  CHECK(events[0].size == vgic::width::dword);
  CHECK(events[0].value == 0x100);
  CHECK(events[1].about == bench::subject::redistributors);
  CHECK(events[1].dir == vgic::direction::read);
  CHECK(events[1].value == 0x7'0100'0711);
  CHECK(events[2].about == bench::subject::cpu_interface);
  CHECK(events[3].about == bench::subject::its);
  CHECK(events[4].about == bench::subject::system_register);
  CHECK(events[4].which == bench::icc::sgi1r);
  CHECK(events[5].about == bench::subject::private_line);
  CHECK(events[5].at == 27);
  CHECK(events[5].value == 1);
  CHECK(events[6].about == bench::subject::shared_line);
  CHECK(events[6].at == 79);
  CHECK(events[6].line == 7);
}

TEST_CASE("trace: a line that is none is refused by its number") {
  const std::string good = "0 R D 4 4 e8\n";
  const std::pair<std::string, std::string> bad[] = {
      {"", "1: the trace is empty"},
      {good + "\n", "2: the vCPU is no number: ''"},
      {good + good + "64 R D 4 4 e8", "3: the vCPU is too large: 64"},
      {"-1 R D 4 4 e8", "1: the vCPU is no number: '-1'"},
      {"0 X D 4 4 e8", "1: the second field is none of R, W, L"},
      {"0 R DR 4 4 e8", "1: the third field is none of D, R, C, I, S"},
      {"0 R  4 4 e8", "1: the third field is none of D, R, C, I, S"},
      {"0 R D 10000 4 e8", "1: the offset is too large: 10000"},
      {"0 R D 0x4 4 e8", "1: the offset is no number: '0x4'"},
      {"0 R D 4 3 e8", "1: the size is none of 1, 2, 4, 8"},
      {"0 R D 4 0 e8", "1: the size is none of 1, 2, 4, 8"},
      {"0 R D 4 16 e8", "1: the size is too large: 16"},
      {"0 R D 4 1 1e8", "1: the value is too large: 1e8"},
      {"0 R D 4 8 10000000000000000", "1: the value is no number: '10000000000000000'"},
      {"0 R D 4 4", "1: the value is no number: ''"},
      {"0 R D 4 4 ", "1: the value is no number: ''"},
      {"0 R D 4 4 e8 ", "1: there is something behind the last field"},
      {"0 R D 4 4 e8\r", "1: the value is no number: 'e8\r'"},
      {"0 R S ICC_NMIAR1_EL1 8 0", "1: there is no such system register in this program"},
      {"0 R S ICC_IAR1_EL1 4 0", "1: a system register has 8 bytes"},
      {"0 L D 79 1", "1: the line of an SPI belongs to no vCPU: the first field should be -"},
      {"- L P 27 1", "1: the vCPU is no number: '-'"},
      {"0 L Q 27 1", "1: the third field of a line's change is none of P, D"},
      {"0 L P 32 1", "1: the INTID is too large: 32"},
      {"0 L P 15 1", "1: the INTID is none that has a line"},
      {"- L D 31 1", "1: the INTID is none that has a line"},
      {"- L D 1020 1", "1: the INTID is too large: 1020"},
      {"- L D 79 2", "1: the level is too large: 2"},
      {"- L D 79 1 0", "1: there is something behind the last field"},
  };
  CHECK(refusal_of(good) == "");
  for (const auto& [text, why] : bad) CHECK(refusal_of(text) == why);
}

TEST_CASE("trace: what cannot have happened is refused") {
  CHECK(impossibility_of(3, "0 R D 4 4 7\n1 W D 0 4 0\n") == "2: a CPU that is off makes an access");
  CHECK(impossibility_of(3, "0 R D 0 4 0\n") == "0: the guest never read GICD_TYPER");
}

TEST_CASE("trace: a CPU that comes up again was off after what it did before") {
  using bench::act;
  const bench::boot b = boot_of(3,
                                "0 R D 4 4 7\n"
                                "1 R R ffe8 4 3b\n"
                                "1 W S ICC_PMR_EL1 8 f0\n"
                                "0 W S ICC_SGI1R_EL1 8 1000002\n"
                                "1 L P 27 1\n"
                                "1 R R ffe8 4 3b\n");
  std::vector<act> acts;
  for (const auto& s : b.steps) acts.push_back(s.what);
  CHECK(acts == std::vector<act>{act::power_on, act::access, act::power_on, act::access, act::set_mask, act::power_off,
                                 act::send, act::raise, act::power_on, act::access});
  CHECK(b.vcpus == 2);
  CHECK(b.spis == 224);
  CHECK(b.traps() == 4);
  CHECK(b.left_out == 0);
}

TEST_CASE("trace: a line of a GICv2 is up while its interrupt is taken") {
  using bench::act;
  const bench::boot b = boot_of(2,
                                "0 R D 4 4 e8\n"
                                "0 R C c 4 4f\n"
                                "0 W C 10 4 4f\n"
                                "0 R C c 4 1401\n"
                                "0 W C 10 4 1401\n"
                                "0 R C c 4 3ff\n"
                                "0 R C fc 4 2043b\n");
  std::vector<act> acts;
  for (const auto& s : b.steps) acts.push_back(s.what);
  CHECK(acts == std::vector<act>{act::power_on, act::access, act::raise, act::acknowledge, act::lower, act::end,
                                 act::acknowledge, act::end, act::acknowledge});
  CHECK(b.highest_spi == 79);
  CHECK(b.taken == 2);
  CHECK(b.left_out == 1);
}
