// SPDX-License-Identifier: BSL-1.0
#include <bench/count/budgets.hpp>
#include <bench/count/tables.hpp>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr const char* usage =
    "usage: PROGRAM [--filter TEXT] [--counter pmu|callgrind] [--json FILE] [--plot-data FOLDER]\n"
    "               [--profile FILE] [--table BUDGETS] [--check BUDGETS] [--update BUDGETS]\n"
    "\n"
    "Counts instructions and locked read-modify-writes of each operation whose \"CONFIGURATION: NAME\" contains TEXT, "
    "with\n"
    "the CPU's counter or, where there is none, with callgrind. Prints all counts unless told what else to do:\n"
    "\n"
    "  --table BUDGETS      prints what has a budget, beside its budget\n"
    "  --check BUDGETS      compares with the budgets and with what was reached; exit code 1 if something is worse\n"
    "  --update BUDGETS     writes what was reached into the file\n"
    "  --json FILE          writes all counts\n"
    "  --plot-data FOLDER   writes what bench/plot draws\n"
    "  --profile FILE       counts with callgrind and leaves its profile for callgrind_annotate\n";

struct options {
  std::string filter, counter, json, plot_data, table, check, update, profile;
};

bool parse(int argc, char** argv, options& o) {
  const struct {
    const char* name;
    std::string& value;
  } known[] = {{"--filter", o.filter}, {"--counter", o.counter},     {"--json", o.json},
               {"--check", o.check},   {"--plot-data", o.plot_data}, {"--table", o.table},
               {"--update", o.update}, {"--profile", o.profile}};
  for (int i = 1; i < argc; i += 2) {
    bool taken = false;
    for (const auto& k : known)
      if (i + 1 < argc && std::strcmp(argv[i], k.name) == 0) {
        k.value = argv[i + 1];
        taken = true;
      }
    if (!taken) return false;
  }
  return o.counter.empty() || o.counter == "pmu" || o.counter == "callgrind";
}

}  // namespace

int main(int argc, char** argv) {
  // How this program starts itself again.
  if (argc == 3 && std::strcmp(argv[1], "--under-callgrind") == 0) {
    bench::run_under_callgrind(argv[2]);
    return 0;
  }
  options o;
  if (!parse(argc, argv, o)) {
    std::fputs(usage, stderr);
    return 2;
  }
  if (!o.profile.empty()) o.counter = "callgrind";
  const std::string counter = o.counter.empty() ? bench::counter_here() : o.counter;
  const auto figures = bench::count_all(counter, o.filter, o.profile);
  if (figures.empty()) {
    std::fprintf(stderr, "count: no operation has '%s' in its name\n", o.filter.c_str());
    return 2;
  }
  if (!o.json.empty()) bench::write_json(figures, counter, o.json);
  if (!o.plot_data.empty()) bench::write_plot_data(figures, o.plot_data);
  if (!o.update.empty()) bench::update_budgets(figures, o.update);
  if (!o.table.empty()) bench::print_budgets(figures, o.table);
  if (o.json.empty() && o.plot_data.empty() && o.update.empty() && o.table.empty() && o.check.empty())
    bench::print_all(figures);
  return o.check.empty() || bench::check_budgets(figures, o.check) ? 0 : 1;
}
