// SPDX-License-Identifier: BSL-1.0
#include <bench/count/figures.hpp>

#include <linux/perf_event.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

extern char** environ;

namespace bench {

using vgic::u32;
using vgic::u64;

std::vector<to_count>& to_be_counted() {
  static std::vector<to_count> all;
  return all;
}

void counting::start_pmu() const { ioctl(pmu_, PERF_EVENT_IOC_ENABLE, 0); }
void counting::stop_pmu() const { ioctl(pmu_, PERF_EVENT_IOC_DISABLE, 0); }

namespace {

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "count: %s\n", why.c_str());
  std::exit(2);
}

/// How often an operation is repeated to be counted, and before that.
u32 repetitions(const operation<counting>& o) { return 2 + 30 / o.each; }
constexpr u32 warm_up = 3;

/// Runs the operation as often as it takes, `rest` before the part that counts.
template <class Then>
void run(const operation<counting>& o, counting& counted, Then&& then) {
  o.prepare();
  counting uncounted{counting::by::nothing};
  o.run(uncounted, o.each < warm_up ? warm_up : 1);
  counted.only(o.only);
  o.run(counted, repetitions(o));
  then();
  o.finish();
}

bool wanted(const to_count& t, const std::string& filter) {
  return (t.configuration + ": " + t.name()).find(filter) != std::string::npos;
}

/// The CPU's instruction counter of this thread in user mode, or -1 where there is none.
int open_pmu() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.disabled = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

/// An operation's own instructions: what was counted less what its calls cost the caller.
double own(double total, const std::vector<u64>& calls, const std::vector<double>& empty) {
  for (std::size_t t = 0; t < calls.size() && t < empty.size(); ++t) total -= static_cast<double>(calls[t]) * empty[t];
  return total;
}

constexpr u32 empty_times = 100;

// --- by the PMU ---

double read_pmu(int pmu) {
  u64 value = 0;
  if (read(pmu, &value, sizeof value) != sizeof value) fail("the instruction counter cannot be read");
  return static_cast<double>(value);
}

/// An interrupt may add an instruction to a count: the least of five is the operation's.
template <class Run>
double least_of_five(int pmu, Run&& run_once) {
  double least = 0;
  for (int i = 0; i < 5; ++i) {
    ioctl(pmu, PERF_EVENT_IOC_RESET, 0);
    run_once();
    const double value = read_pmu(pmu);
    least = i == 0 ? value : std::min(least, value);
  }
  return least;
}

struct total {
  double instructions;
  std::vector<u64> calls;
};
/// Totals by the operation's place in the list.
using totals = std::map<std::size_t, total>;

totals count_with_pmu(const std::string& filter, std::vector<double>& empty) {
  const int pmu = open_pmu();
  if (pmu < 0) fail("this machine has no instruction counter that may be used: perf_event_open failed");
  for (const auto& call : counting::empty_calls())
    empty.push_back(least_of_five(pmu,
                                  [&] {
                                    counting c{counting::by::pmu, pmu};
                                    call(c, empty_times);
                                  }) /
                    empty_times);
  totals all;
  for (std::size_t i = 0; i < to_be_counted().size(); ++i) {
    const to_count& t = to_be_counted()[i];
    if (!wanted(t, filter)) continue;
    total sum{};
    sum.instructions = least_of_five(pmu, [&] {
      counting c{counting::by::pmu, pmu};
      run(t.instructions, c, [] {});
      sum.calls.assign(c.calls().begin(), c.calls().end());
    });
    all[i] = sum;
  }
  close(pmu);
  return all;
}

// --- by callgrind ---

/// The program's own file, to be started again.
std::string self() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

void start_under_callgrind(const std::string& dumps, const std::string& filter) {
  const std::string out = "--callgrind-out-file=" + dumps;
  const std::string program = self();
  const std::vector<const char*> words{
      "valgrind",  "--quiet",       "--tool=callgrind",  "--collect-atstart=no", "--combine-dumps=yes",
      out.c_str(), program.c_str(), "--under-callgrind", filter.c_str(),         nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, "valgrind", nullptr, nullptr, const_cast<char**>(words.data()), environ) != 0)
    fail("valgrind cannot be started: install it, it counts where there is no PMU");
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail("the run under valgrind failed");
}

totals count_with_callgrind(const std::string& filter, const std::string& profile, std::vector<double>& empty) {
  const auto folder = std::filesystem::temp_directory_path() / ("vgic-count." + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string dumps = folder / "dumps";
  start_under_callgrind(dumps, filter);

  // A dump's label is "empty TYPE" or "operation PLACE CALLS-OF-TYPE-0 ...".
  totals all;
  empty.resize(counting::empty_calls().size());
  std::ifstream file(dumps);
  const std::string label_is = "desc: Trigger: Client Request: ";
  std::string label;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(label_is)) label = line.substr(label_is.size());
    if (label.empty() || !(line.starts_with("totals: ") || line.starts_with("summary: "))) continue;
    const double count = std::strtod(line.c_str() + line.find(' '), nullptr);
    std::istringstream words(label);
    label.clear();
    std::string what;
    std::size_t place = 0;
    words >> what >> place;
    if (what == "empty") {
      empty.at(place) = count / empty_times;
    } else {
      total& t = all[place];
      t.instructions = count;
      for (u64 n = 0; words >> n;) t.calls.push_back(n);
    }
  }
  if (!profile.empty()) std::filesystem::copy_file(dumps, profile, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove_all(folder);
  if (all.empty()) fail("callgrind counted nothing");
  return all;
}

double rmws_of(const to_count& t) {
  counting c{counting::by::rmws, t.rmw_count};
  run(t.rmws, c, [] {});
  return static_cast<double>(c.rmws()) / (repetitions(t.rmws) * t.rmws.each);
}

}  // namespace

std::string counter_here() {
  const int pmu = open_pmu();
  if (pmu < 0) return "callgrind";
  ioctl(pmu, PERF_EVENT_IOC_ENABLE, 0);
  ioctl(pmu, PERF_EVENT_IOC_DISABLE, 0);
  u64 value = 0;
  const bool counts = read(pmu, &value, sizeof value) == sizeof value && value != 0;
  close(pmu);
  return counts ? "pmu" : "callgrind";
}

void run_under_callgrind(const std::string& filter) {
  for (std::size_t i = 0; i < counting::empty_calls().size(); ++i) {
    counting c{counting::by::callgrind};
    counting::empty_calls()[i](c, empty_times);
    const std::string label = "empty " + std::to_string(i);
    CALLGRIND_DUMP_STATS_AT(label.c_str());
  }
  for (std::size_t i = 0; i < to_be_counted().size(); ++i) {
    const to_count& t = to_be_counted()[i];
    if (!wanted(t, filter)) continue;
    counting c{counting::by::callgrind};
    run(t.instructions, c, [&] {
      std::string label = "operation " + std::to_string(i);
      for (std::size_t n = 0; n < counting::empty_calls().size(); ++n) label += ' ' + std::to_string(c.calls()[n]);
      CALLGRIND_DUMP_STATS_AT(label.c_str());
    });
  }
}

std::vector<figure> count_all(const std::string& counter, const std::string& filter, const std::string& profile) {
  std::vector<double> empty;
  const totals all = counter == "pmu" ? count_with_pmu(filter, empty) : count_with_callgrind(filter, profile, empty);
  std::vector<figure> figures;
  for (const auto& [place, sum] : all) {
    const to_count& t = to_be_counted().at(place);
    const double times = repetitions(t.instructions) * t.instructions.each;
    double calls = 0;
    for (const u64 n : sum.calls) calls += static_cast<double>(n);
    figures.push_back({.configuration = t.configuration,
                       .suite = t.suite,
                       .name = t.name(),
                       .instructions = own(sum.instructions, sum.calls, empty) / times,
                       .rmws = rmws_of(t),
                       .calls = calls / times});
  }
  return figures;
}

}  // namespace bench
