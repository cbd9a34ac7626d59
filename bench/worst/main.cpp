// SPDX-License-Identifier: BSL-1.0
// Looks for the trap that costs most.
#include <bench/worst/exact.hpp>
#include <bench/worst/guided.hpp>
#include <bench/worst/report.hpp>
#include <bench/worst/search.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace {

using namespace bench::worst;

constexpr const char* usage =
    "usage: vgic-worst [--seconds N | --attempts N] [--seed N] [--only STAGE] [--found FOLDER]\n"
    "                  [--keep] [--markdown] [--show TARGET]\n"
    "       vgic-worst --check FOLDER | --update FOLDER\n"
    "\n"
    "Looks for the single trap that costs most instructions, for each register group and for entry and exit, and "
    "prints\n"
    "what was counted of the worst. STAGE is gicv3-4, gicv3-16, gicv2-4 or gicv2-16: version, list registers.\n"
    "\n"
    "  --seconds N      how long to search in all (20); 0: only what FOLDER has\n"
    "  --attempts N     how many changed sequences to try on each stage, instead: the same on every machine\n"
    "  --seed N         another one searches elsewhere (1)\n"
    "  --found FOLDER   begins with the steps that are kept there\n"
    "  --keep           writes the worst into FOLDER\n"
    "  --markdown       prints the table for the docs\n"
    "  --show TARGET    prints the steps that lead to the worst of a target, too\n"
    "  --check FOLDER   counts what is kept again; exit code 1 if one is worse than it was by a tenth, or newly "
    "over 5,000\n"
    "  --update FOLDER  writes the counts into FOLDER/figures.json\n";

struct options {
  double seconds = 20;
  u64 attempts = 0;
  u64 seed = 1;
  std::string only, found, check, update, show;
  bool keep = false;
  bool markdown = false;
};

bool parse(int argc, char** argv, options& o) {
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    const auto value = [&](const char* name) { return is(name) && i + 1 < argc; };
    if (is("--keep"))
      o.keep = true;
    else if (is("--markdown"))
      o.markdown = true;
    else if (value("--seconds"))
      o.seconds = std::strtod(argv[++i], nullptr);
    else if (value("--attempts"))
      o.attempts = std::strtoull(argv[++i], nullptr, 0);
    else if (value("--seed"))
      o.seed = std::strtoull(argv[++i], nullptr, 0);
    else if (value("--only"))
      o.only = argv[++i];
    else if (value("--found"))
      o.found = argv[++i];
    else if (value("--show"))
      o.show = argv[++i];
    else if (value("--check"))
      o.check = argv[++i];
    else if (value("--update"))
      o.update = argv[++i];
    else
      return false;
  }
  return !o.keep || !o.found.empty();
}

/// The program that stands beside this one.
std::string replay() { return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "vgic-worst-replay"; }

std::vector<entry> kept(const std::string& folder) {
  std::vector<entry> all;
  if (!folder.empty())
    for (const auto& on : guided_stages())
      for (const entry& e : read_entries(folder + '/' + on->name() + ".txt", on->name())) all.push_back(e);
  return all;
}

/// What costs less is far from the limit; the budgets of bench/budgets.json guard it.
constexpr u32 worth_keeping = 200;

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point t) { return std::chrono::duration<double>(clock_type::now() - t).count(); }

/// Searches on one stage; the shortest steps of the worst of each target.
std::vector<entry> search_on(stage& on, const options& o, const std::vector<entry>& known, double seconds) {
  search s(on, o.seed);
  const auto begin = clock_type::now();
  auto told = begin;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto progress = [&](const char* what) {
    const auto now = clock_type::now();
    if (now - told < std::chrono::milliseconds(terminal ? 200 : 5000)) return;
    told = now;
    std::fprintf(stderr, "%sworst: %s: %s, %.0f of %.0f s, %llu sequences, about %u instructions%s",
                 terminal ? "\r\033[K" : "", on.name(), what, seconds_since(begin), seconds,
                 static_cast<unsigned long long>(s.played()), s.worst(), terminal ? "" : "\n");
  };
  for (const entry& e : known)
    if (e.stage == on.name()) s.play(e.how);
  s.begin();
  for (u64 n = 0; o.attempts != 0 ? n < o.attempts : seconds_since(begin) < seconds; ++n) {
    s.attempt();
    progress("searching");
  }
  std::vector<entry> all;
  for (const auto& [t, findings] : s.found()) {
    s.shorten(t);
    progress("shortening");
    all.push_back({on.name(), t, findings.front().how});
  }
  if (terminal) std::fputs("\r\033[K", stderr);
  std::fprintf(stderr, "worst: %s: %llu sequences of steps played\n", on.name(),
               static_cast<unsigned long long>(s.played()));
  return all;
}

/// Of each target of each stage the one that costs most; of equals the first.
std::vector<counted> worst_of(const std::vector<entry>& all) {
  const std::vector<u32> counts = count_exactly(replay(), all);
  std::vector<counted> best;
  for (std::size_t i = 0; i < all.size(); ++i) {
    counted* same = nullptr;
    for (counted& c : best)
      if (c.of.stage == all[i].stage && c.of.what == all[i].what) same = &c;
    if (same == nullptr)
      best.push_back({all[i], counts[i]});
    else if (counts[i] > same->instructions)
      *same = {all[i], counts[i]};
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  if (!parse(argc, argv, o)) {
    std::fputs(usage, stderr);
    return 2;
  }
  if (!o.check.empty()) return check(worst_of(kept(o.check)), o.check + "/figures.json") ? 0 : 1;
  if (!o.update.empty()) {
    update(worst_of(kept(o.update)), o.update + "/figures.json");
    return 0;
  }
  std::vector<entry> all = kept(o.found);
  const auto stages = guided_stages();
  const std::vector<entry> known = all;
  for (const auto& on : stages)
    if (o.seconds > 0 && (o.only.empty() || o.only == on->name())) {
      const auto more =
          search_on(*on, o, known, o.only.empty() ? o.seconds / static_cast<double>(stages.size()) : o.seconds);
      all.insert(all.end(), more.begin(), more.end());
    }
  if (all.empty()) {
    std::fputs("worst: there is nothing to count: give --seconds or --found\n", stderr);
    return 2;
  }
  // Files are read stage by stage, and so is what is counted.
  std::stable_sort(all.begin(), all.end(), [&](const entry& a, const entry& b) {
    const auto place = [&](const entry& e) {
      std::size_t n = 0;
      while (stages[n]->name() != e.stage) ++n;
      return n;
    };
    return place(a) < place(b);
  });
  const std::vector<counted> best = worst_of(all);
  print_table(best, o.markdown ? form::markdown : form::text);
  if (!o.show.empty()) print_steps(best, o.show);
  if (o.keep)
    for (const auto& on : stages) {
      std::vector<entry> of_stage;
      for (const counted& c : best)
        if (c.of.stage == on->name() && c.instructions >= worth_keeping) of_stage.push_back(c.of);
      if (!of_stage.empty()) write_entries(o.found + '/' + on->name() + ".txt", on->name(), of_stage);
    }
}
