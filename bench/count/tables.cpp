// SPDX-License-Identifier: BSL-1.0
#include <bench/count/tables.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bench {
namespace {

double tenths(double n) { return std::round(n * 10) / 10; }

/// Of the series "BEFORE N AFTER": the line "CONFIGURATION N COUNT" for each N.
void write_series(const std::vector<figure>& figures, const std::string& file, const std::string& before,
                  const std::string& after) {
  std::ofstream out(file);
  std::string last;
  for (const figure& f : figures) {
    if (f.suite != "scale" || !f.name.starts_with(before) || !f.name.ends_with(after)) continue;
    const std::string number = f.name.substr(before.size(), f.name.size() - before.size() - after.size());
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) continue;
    // Two empty lines separate what gnuplot calls an index.
    if (last != f.configuration && !last.empty()) out << "\n\n";
    last = f.configuration;
    out << f.configuration << '\t' << number << '\t' << tenths(f.instructions) << '\n';
  }
}

std::string count_of(const std::vector<figure>& figures, const std::string& configuration, const std::string& name) {
  for (const figure& f : figures)
    if (f.configuration == configuration && f.name == name) return std::to_string(std::lround(f.instructions));
  return "-";
}

/// Not drawn are variants of what is drawn: states, widths, last elements; and registers without a state of their own.
bool is_drawn(const std::string& name) {
  for (const char* part :
       {"pending", "syndrome",  "last",      "byte",      "half",    "31",         "16 bits",
        "NSACR",   "CIDR",      "IIDR",      "read-only", "STATUSR", "IGRPMODR",   "PENDSGIR",
        "TYPER2",  "SETLPIR",   "PROPBASER", "SYNCR",     "GICR, a", "GICR_PIDR2", "nothing to clear",
        "GICR_I",  "GICR_CTLR", "ICC_",      "SGIR",      "TYPER (", "PIDR2 (",    "SETSPI",
        "R0",      "R1"})
    if (name.find(part) != std::string::npos) return false;
  return name.find("of the") == std::string::npos;
}

}  // namespace

void print_all(const std::vector<figure>& figures) {
  std::printf("%12s %6s  %s\n", "instructions", "RMWs", "operation");
  for (const figure& f : figures)
    std::printf("%12ld %6g  %s: %s%s%s\n", std::lround(f.instructions), tenths(f.rmws), f.configuration.c_str(),
                f.name.c_str(), f.which.empty() ? "" : ": ", f.which.c_str());
}

void write_json(const std::vector<figure>& figures, const std::string& counter, const std::string& file) {
  nlohmann::ordered_json all;
  all["compiler"] = VGIC_BENCH_COMPILER;
  all["counter"] = counter;
  auto& results = all["results"] = nlohmann::ordered_json::array();
  for (const figure& f : figures) {
    results.push_back({{"name", f.name},
                       {"configuration", f.configuration},
                       {"suite", f.suite},
                       {"count", tenths(f.instructions)},
                       {"unit", "instructions"},
                       {"rmws", tenths(f.rmws)},
                       {"calls", tenths(f.calls)},
                       {"compiler", VGIC_BENCH_COMPILER}});
    if (f.times != 0) results.back()["times"] = f.times;
    if (!f.which.empty()) results.back()["which"] = f.which;
  }
  std::ofstream(file) << all.dump(1) << '\n';
}

void write_plot_data(const std::vector<figure>& figures, const std::string& folder) {
  std::filesystem::create_directories(folder);
  write_series(figures, folder + "/pending.tsv", "each of ", " pending SPIs");
  write_series(figures, folder + "/pending-mixed.tsv", "each, of 31 priorities, of ", " pending SPIs");
  write_series(figures, folder + "/vcpus-sgi.tsv", "SGI to one of ", " vCPUs");
  write_series(figures, folder + "/vcpus-spi.tsv", "edge SPI to the last of ", " vCPUs");

  // Of the suite `trap` one line for each operation: GICv3, GICv2, and both with all pending; "-" where one has it not.
  std::ofstream out(folder + "/traps.tsv");
  std::vector<std::string> written;
  for (const std::string configuration : {"GICv3", "GICv2"})
    for (const figure& f : figures) {
      if (f.suite != "trap" || f.configuration != configuration || !is_drawn(f.name)) continue;
      if (std::find(written.begin(), written.end(), f.name) != written.end()) continue;
      written.push_back(f.name);
      out << f.name;
      for (const std::string state : {"", ", all pending"})
        for (const char* version : {"GICv3", "GICv2"}) out << '\t' << count_of(figures, version, f.name + state);
      out << '\n';
    }
}

}  // namespace bench
