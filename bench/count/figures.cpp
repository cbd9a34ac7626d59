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

/// How often an operation is repeated to be counted, and before that. One that is long in itself needs neither.
bool is_long(const operation<counting>& o) { return o.each >= 1000 || o.each_call; }
u32 repetitions(const operation<counting>& o) { return is_long(o) ? 1 : 2 + 30 / o.each; }
u32 warm_up(const operation<counting>& o) { return is_long(o) ? 0 : o.each < 3 ? 3 : 1; }

/// Runs the operation as often as it takes, `rest` before the part that counts.
template <class Then>
void run(const operation<counting>& o, counting& counted, Then&& then) {
  o.prepare();
  counting uncounted{counting::by::nothing};
  o.run(uncounted, warm_up(o));
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

/// One counted call, and the type of its function.
struct one_call {
  double instructions;
  std::size_t type;
};

struct total {
  double instructions = 0;
  std::vector<u64> calls;
  std::vector<one_call> each;  ///< if each call is counted by itself
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
      double before = 0;
      const auto note = [&](std::size_t n, std::size_t type) {
        const double now = read_pmu(pmu);
        if (n == sum.each.size()) sum.each.push_back({now - before, type});
        sum.each[n].instructions = std::min(sum.each[n].instructions, now - before);
        before = now;
      };
      if (t.instructions.each_call) c.watch(note);
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

  // A dump's label is "empty TYPE", "call PLACE TYPE" or "operation PLACE CALLS-OF-TYPE-0 ...".
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
    } else if (what == "call") {
      total& t = all[place];
      t.instructions += count;
      t.each.push_back({count, 0});
      words >> t.each.back().type;
    } else {
      total& t = all[place];
      t.instructions += count;
      for (u64 n = 0; words >> n;) t.calls.push_back(n);
    }
  }
  if (!profile.empty()) std::filesystem::copy_file(dumps, profile, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove_all(folder);
  if (all.empty()) fail("callgrind counted nothing");
  return all;
}

/// Of the operation, and of each call if each is counted by itself.
double rmws_of(const to_count& t, std::vector<double>& of_calls) {
  counting c{counting::by::rmws, t.rmw_count};
  u64 before = 0;
  if (t.rmws.each_call)
    c.watch([&](std::size_t, std::size_t) {
      of_calls.push_back(static_cast<double>(c.rmws() - before));
      before = c.rmws();
    });
  run(t.rmws, c, [] {});
  return static_cast<double>(c.rmws()) / (repetitions(t.rmws) * t.rmws.each);
}

/// Of an operation whose calls are counted one by one: the dearest, and the mean of each kind.
void add_calls(const to_count& t, const std::vector<one_call>& each, const std::vector<double>& rmws,
               const std::vector<double>& empty, std::vector<figure>& figures) {
  if (each.size() != t.instructions.each || rmws.size() != each.size())
    fail(t.name() + ": it has not the number of calls that it says");
  const auto make = [&](std::string name) {
    figure f;
    f.configuration = t.configuration;
    f.suite = t.suite;
    f.name = std::move(name);
    f.calls = 1;
    return f;
  };
  figure worst = make(t.name() + ", the worst");
  worst.times = 1;
  std::vector<figure> kinds;
  for (std::size_t n = 0; n < each.size(); ++n) {
    const double instructions = each[n].instructions - empty.at(each[n].type);
    const named_call call = t.instructions.each_call(static_cast<u32>(n));
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const figure& f) { return f.name == call.kind; });
    if (kind == kinds.end()) kind = kinds.insert(kind, make(call.kind));
    kind->instructions += instructions;
    kind->rmws += rmws[n];
    ++kind->times;
    if (instructions <= worst.instructions) continue;
    worst.instructions = instructions;
    worst.rmws = rmws[n];
    worst.which = call.what;
  }
  for (figure& f : kinds) {
    f.instructions /= f.times;
    f.rmws /= f.times;
  }
  figures.push_back(worst);
  figures.insert(figures.end(), kinds.begin(), kinds.end());
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
    if (t.instructions.each_call)
      c.watch([&](std::size_t, std::size_t type) {
        const std::string label = "call " + std::to_string(i) + ' ' + std::to_string(type);
        CALLGRIND_DUMP_STATS_AT(label.c_str());
      });
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
    std::vector<double> rmws;
    figures.push_back({.configuration = t.configuration,
                       .suite = t.suite,
                       .name = t.name(),
                       .instructions = own(sum.instructions, sum.calls, empty) / times,
                       .rmws = rmws_of(t, rmws),
                       .calls = calls / times,
                       .times = t.instructions.each_call ? t.instructions.each : 0,
                       .which = {}});
    if (t.instructions.each_call) add_calls(t, sum.each, rmws, empty, figures);
  }
  return figures;
}

}  // namespace bench
