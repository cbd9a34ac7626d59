// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/exact.hpp>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

extern char** environ;

namespace bench::worst {
namespace {

constexpr double empty_times = 100;  // as in replay.cpp

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "worst: %s\n", why);
  std::exit(2);
}

void start(const std::string& replay, const std::string& folder, const std::string& dumps) {
  const std::string out = "--callgrind-out-file=" + dumps;
  const std::vector<const char*> words{"valgrind",
                                       "--quiet",
                                       "--tool=callgrind",
                                       "--collect-atstart=no",
                                       "--combine-dumps=yes",
                                       out.c_str(),
                                       replay.c_str(),
                                       folder.c_str(),
                                       nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, "valgrind", nullptr, nullptr, const_cast<char**>(words.data()), environ) != 0)
    fail("valgrind cannot be started: install it, it is what counts");
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail("the replay under valgrind failed");
}

}  // namespace

std::vector<u32> count_exactly(const std::string& replay, const std::vector<entry>& entries) {
  const auto folder = std::filesystem::temp_directory_path() / ("vgic-worst." + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  for (const entry& e : entries) write_entries(folder / (e.stage + ".txt"), e.stage, entries);
  const std::string dumps = folder / "dumps";
  start(replay, folder, dumps);

  // A dump's label is "empty TYPE", "kick 0" or "entry NUMBER", then kicks, then calls of each type.
  std::vector<double> empty;
  double kick = 0;
  std::vector<u32> counts;
  std::ifstream file(dumps);
  const std::string label_is = "desc: Trigger: Client Request: ";
  std::string label;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(label_is)) label = line.substr(label_is.size());
    if (label.empty() || !(line.starts_with("totals: ") || line.starts_with("summary: "))) continue;
    double count = std::strtod(line.c_str() + line.find(' '), nullptr);
    std::istringstream words(label);
    label.clear();
    std::string what;
    std::size_t number = 0;
    double kicks = 0;
    words >> what >> number >> kicks;
    if (what == "empty") {
      empty.push_back(count / empty_times);
      continue;
    }
    u64 calls = 0;
    for (std::size_t type = 0; words >> calls; ++type)
      if (calls != 0) count -= static_cast<double>(calls) * empty.at(type);
    if (what == "kick")
      kick = count / empty_times;
    else
      counts.push_back(static_cast<u32>(std::lround(std::max(0.0, count - kicks * kick))));
  }
  std::filesystem::remove_all(folder);
  if (counts.size() != entries.size()) fail("callgrind did not count all that was replayed");
  return counts;
}

}  // namespace bench::worst
