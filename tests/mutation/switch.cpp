// SPDX-License-Identifier: BSL-1.0
// Linked to every instrumented test program: VGIC_MUTANT=N makes change N; VGIC_REACHED=FILE has the places that each
// test case evaluates written there: its name in a line, its seconds and the places' numbers in the next;
// VGIC_LAST=FILE has the name of the test case that began last written there: after a failure, of the one that failed.
#define CATCH_CONFIG_EXTERNAL_INTERFACES  // Catch2 2.x: listeners
#include "catch.hpp"

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

namespace vgm {
unsigned active = 0;
unsigned char reached[most];
}  // namespace vgm

namespace {

#if __has_include(<catch2/catch_all.hpp>)
using listener = Catch::EventListenerBase;
#else
using listener = Catch::TestEventListenerBase;
#endif

class mutation : public listener {
 public:
  using listener::listener;

  void testRunStarting(const Catch::TestRunInfo&) override {
    if (const char* const number = std::getenv("VGIC_MUTANT"))
      vgm::active = static_cast<unsigned>(std::strtoul(number, nullptr, 10));
    if (const char* const file = std::getenv("VGIC_REACHED")) out_.open(file);
    last_ = std::getenv("VGIC_LAST");
  }
  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    if (last_) std::ofstream(last_) << info.name;
    if (!out_.is_open()) return;
    std::memset(vgm::reached, 0, sizeof vgm::reached);
    began_ = std::clock();
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (!out_.is_open()) return;
    const double took = static_cast<double>(std::clock() - began_) / CLOCKS_PER_SEC;
    out_ << stats.testInfo.name << '\n' << took;
    for (unsigned id = 0; id < vgm::most; ++id)
      if (vgm::reached[id] != 0) out_ << ' ' << id;
    out_ << '\n' << std::flush;
  }

 private:
  std::ofstream out_;
  const char* last_ = nullptr;
  std::clock_t began_ = 0;
};

}  // namespace

CATCH_REGISTER_LISTENER(mutation)
