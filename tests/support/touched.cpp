// SPDX-License-Identifier: BSL-1.0
// Part of every test program: a test that is tagged with the name of a register and does not access it fails the
// program. With VGIC_TOUCHED naming a file, that file gets a line "REGISTER test" for each such tag.
#ifndef CATCH_CONFIG_EXTERNAL_INTERFACES
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#endif
#include "support/touched.hpp"

#include "catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

#if CATCH_VERSION_MAJOR >= 3
using listener = Catch::EventListenerBase;
const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& s) { return *s.testInfo; }
std::string text(const Catch::Tag& t) { return std::string(t.original.data(), t.original.size()); }
#else
using listener = Catch::TestEventListenerBase;
const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& s) { return s.testInfo; }
std::string text(const std::string& t) { return t; }
#endif

bool names_a_register(const std::string& tag, vgic::reg& found) {
  for (unsigned r = 2; r < static_cast<unsigned>(vgic::reg::count); ++r) {
    found = vgic::reg{static_cast<vgic::u8>(r)};
    if (tag == name(found)) return true;
  }
  return false;
}

struct registers_touched : listener {
  using listener::listener;

  void testCaseStarting(const Catch::TestCaseInfo&) override { tests::touched = {}; }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const Catch::TestCaseInfo& test = info_of(stats);
    if (stats.totals.assertions.failed != 0) return;
    for (const auto& tag : test.tags) {
      vgic::reg r{};
      const std::string its = text(tag);
      const bool looks_so = its.rfind("GICD_", 0) == 0 || its.rfind("GICR_", 0) == 0 || its.rfind("ICC_", 0) == 0;
      if (!looks_so) continue;
      if (!names_a_register(its, r)) complain(test.name, its, "which is the name of no register");
      if (!tests::touched.seen.test(static_cast<std::size_t>(r))) complain(test.name, its, "and does not access it");
      if (const char* path = std::getenv("VGIC_TOUCHED")) {
        std::FILE* out = std::fopen(path, "a");
        if (out == nullptr) complain(path, its, "and this file cannot be written");
        std::fprintf(out, "%s %s\n", its.c_str(), test.name.c_str());
        std::fclose(out);
      }
    }
  }

 private:
  [[noreturn]] static void complain(const std::string& test, const std::string& tag, const char* what) {
    std::fprintf(stderr, "FAILED: the test \"%s\" is tagged [%s], %s.\n", test.c_str(), tag.c_str(), what);
    std::exit(1);
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(registers_touched)
