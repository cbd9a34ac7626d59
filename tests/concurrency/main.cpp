// SPDX-License-Identifier: BSL-1.0
// Searches scenarios, and places whose memory order may be weakened without any of them noticing.
#include "concurrency/list.hpp"
#include "concurrency/mutants.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

using namespace tests;

namespace {

using clock_type = std::chrono::steady_clock;
double since(clock_type::time_point t) { return std::chrono::duration<double>(clock_type::now() - t).count(); }

struct options {
  effort much{.executions = 200'000, .random = 20'000, .least_switches = 2};
  std::string only;
  u32 part = 0, parts = 1;
  bool words = false;
  bool until_wrong = false;
  std::string mutants;   ///< which
  std::string expected;  ///< the list of those that nothing notices
};

void print(const scenario& s, const outcome& o, double seconds, bool words) {
  std::printf("%-72s %u threads, %2u words, %8llu executions, ", s.name.c_str(), s.threads, model::shared_words(),
              static_cast<unsigned long long>(o.executions));
  if (!o.wrong.empty())
    std::printf("WRONG: %s", o.wrong.c_str());
  else if (o.complete)
    std::printf("complete");
  else
    std::printf("all with %u preemptions, and %llu at random", o.switches, static_cast<unsigned long long>(o.random));
  std::printf("; %llu final states, %.1f s\n", static_cast<unsigned long long>(o.states), seconds);
  if (words) std::printf("    %s\n", model::shared_names().c_str());
  std::fflush(stdout);
}

bool parse(options& o, int argc, char** argv) {
  for (int k = 1; k < argc; ++k) {
    const std::string is = argv[k];
    const auto value = [&]() -> const char* { return k + 1 < argc ? argv[++k] : ""; };
    if (is == "--executions") {
      o.much.executions = std::strtoull(value(), nullptr, 10);
    } else if (is == "--random") {
      o.much.random = std::strtoull(value(), nullptr, 10);
    } else if (is == "--switches") {
      o.much.least_switches = static_cast<u32>(std::strtoul(value(), nullptr, 10));
    } else if (is == "--only") {
      o.only = value();
    } else if (is == "--part") {
      o.part = static_cast<u32>(std::strtoul(value(), nullptr, 10));
      o.parts = static_cast<u32>(std::strtoul(value(), nullptr, 10));
    } else if (is == "--words") {
      o.words = true;
    } else if (is == "--mutants") {
      o.mutants = value();
      o.expected = value();
    } else if (is == "--until-wrong") {
      o.until_wrong = true;
    } else {
      return false;
    }
  }
  return o.parts != 0;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  if (!parse(o, argc, argv)) {
    std::fprintf(stderr,
                 "usage: %s [--executions N] [--random N] [--switches N] [--only TEXT] [--part K N] [--words] "
                 "[--mutants fences|orders LIST]\n",
                 argv[0]);
    return 2;
  }
  scenarios all;
  add_delivery(all);
  add_targets(all);
  if (!o.mutants.empty())
    return try_mutants(all, o.much, o.mutants == "fences" ? changes::fences : changes::orders, o.expected, o.part,
                       o.parts) == 0
               ? 0
               : 1;
  const auto start = clock_type::now();
  u64 executions = 0;
  u32 searched = 0, complete = 0, wrong = 0;
  for (u32 k = 0; k < all.size(); ++k) {
    scenario& s = *all[k];
    if (k % o.parts != o.part || s.name.find(o.only) == std::string::npos) continue;
    const auto began = clock_type::now();
    const outcome found = search(s, o.much, &std::cerr);
    print(s, found, since(began), o.words);
    ++searched;
    executions += found.executions + found.random;
    complete += found.complete ? 1 : 0;
    wrong += found.wrong.empty() ? 0 : 1;
    if (wrong != 0 && o.until_wrong) break;
  }
  std::printf("%s: %u scenarios, %u of them complete, %llu executions, %u wrong, %.0f s\n",
              wrong == 0 ? "PASS" : "FAIL", searched, complete, static_cast<unsigned long long>(executions), wrong,
              since(start));
  return wrong == 0 ? 0 : 1;
}
