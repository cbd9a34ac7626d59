// SPDX-License-Identifier: BSL-1.0
#include <bench/count/budgets.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bench {
namespace {

using json = nlohmann::ordered_json;

json read(const std::string& file) {
  std::ifstream in(file);
  const json all = json::parse(in, nullptr, false);
  if (!all.is_object() || !all.contains("operations")) {
    std::fprintf(stderr, "count: %s is no file of budgets\n", file.c_str());
    std::exit(2);
  }
  return all;
}

/// Instructions are compared as whole numbers, read-modify-writes by tenths: some happen once in several times.
long whole(double n) { return std::lround(n); }
double tenths(double n) { return std::round(n * 10) / 10; }

/// A regression is more than a tenth above what was reached.
long limit_of(long reached) { return (reached * 11 + 9) / 10; }

const figure* find(const std::vector<figure>& figures, const std::string& configuration, const std::string& name) {
  for (const figure& f : figures)
    if (f.configuration == configuration && f.name == name) return &f;
  return nullptr;
}

std::vector<std::string> configurations_of(const std::vector<figure>& figures) {
  std::vector<std::string> all;
  for (const figure& f : figures)
    if (std::find(all.begin(), all.end(), f.configuration) == all.end()) all.push_back(f.configuration);
  std::sort(all.begin(), all.end(), std::greater<>());
  return all;
}

bool is_set(const json& entry, const char* what) { return entry.contains(what) && entry[what].get<bool>(); }

/// One line a complaint: what is wrong, and how much it weighs, the worst first.
struct complaint {
  double weight;
  std::string text;
};

void print_worst(std::vector<complaint>& list, std::size_t most) {
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  for (std::size_t i = 0; i < list.size() && i < most; ++i) std::printf("%s\n", list[i].text.c_str());
  if (list.size() > most) std::printf("... and %zu more\n", list.size() - most);
}

template <class... A>
std::string text(const char* format, A... arguments) {
  char line[400];
  std::snprintf(line, sizeof line, format, arguments...);
  return line;
}

/// What was found on the way through the file.
struct findings {
  std::vector<complaint> failures;
  std::vector<complaint> over;
  u_int compared = 0;
  u_int tighter = 0;

  void budget(const figure& f, const json& entry, double count, double allowed, const char* unit) {
    if (count <= allowed) return;
    const std::string who = f.configuration + ": " + f.name;
    if (entry.contains("argued"))
      over.push_back({count / allowed, text("argued: %g of %g %s: %s (docs/performance.md, %s)", count, allowed, unit,
                                            who.c_str(), entry["argued"].get<std::string>().c_str())});
    else if (is_set(entry, "must"))
      failures.push_back({count / allowed, text("OVER BUDGET: %g of %g %s: %s", count, allowed, unit, who.c_str())});
    else
      over.push_back({count / allowed, text("over budget: %g of %g %s: %s", count, allowed, unit, who.c_str())});
  }

  void regression(const figure& f, const json& entry) {
    const std::string who = f.configuration + ": " + f.name;
    const long count = whole(f.instructions);
    const long reached = entry["reached"].get<long>();
    if (count > limit_of(reached))
      failures.push_back({static_cast<double>(count) / static_cast<double>(std::max(reached, 1L)),
                          text("REGRESSION: %ld instructions, %ld were reached and %ld are the limit: %s", count,
                               reached, limit_of(reached), who.c_str())});
    if (limit_of(count) < reached) ++tighter;
    const double rmws = tenths(f.rmws);
    if (const double before = entry["rmws"].get<double>(); rmws > before + 0.05)
      failures.push_back(
          {100 * rmws, text("REGRESSION: %g read-modify-writes, %g were reached: %s", rmws, before, who.c_str())});
  }
};

double ratio_of(const std::vector<figure>& figures, const std::string& configuration, const json& r) {
  const figure* one = find(figures, configuration, r["of"].get<std::string>());
  const figure* other = find(figures, configuration, r["to"].get<std::string>());
  return one == nullptr || other == nullptr ? 0 : one->instructions / std::max(other->instructions, 1.0);
}

void check_ratios(const std::vector<figure>& figures, const json& all, findings& found) {
  for (const json& r : all.value("ratios", json::array()))
    for (const auto& configuration : configurations_of(figures)) {
      if (!r.contains(configuration)) continue;
      const double ratio = ratio_of(figures, configuration, r);
      const double limit = r["limit"].get<double>();
      if (ratio <= limit) continue;
      const json& entry = r[configuration];
      const std::string line = text("%.2f of %.2f times: %s: %s, against %s", ratio, limit, configuration.c_str(),
                                    r["of"].get<std::string>().c_str(), r["to"].get<std::string>().c_str());
      if (is_set(entry, "must") && !entry.contains("argued"))
        found.failures.push_back({ratio, "GROWS TOO MUCH: " + line});
      else
        found.over.push_back({ratio, "grows too much: " + line});
    }
}

}  // namespace

bool check_budgets(const std::vector<figure>& figures, const std::string& file) {
  const json all = read(file);
  const json& operations = all["operations"];
  const std::string compiler = all.value("compiler", "");
  const bool same_compiler = compiler == VGIC_BENCH_COMPILER;
  if (!same_compiler)
    std::printf("Not compared with what was reached: that was %s, this is %s.\n", compiler.c_str(),
                VGIC_BENCH_COMPILER);
  findings found;
  for (const figure& f : figures) {
    const std::string who = f.configuration + ": " + f.name;
    if (!operations.contains(f.name) || !operations[f.name].contains(f.configuration)) {
      found.failures.push_back({1e9, "NOT IN THE FILE: " + who + " (vgic-count --update FILE adds it)"});
      continue;
    }
    const json& o = operations[f.name];
    const json& entry = o[f.configuration];
    ++found.compared;
    if (o.contains("budget"))
      found.budget(f, entry, static_cast<double>(whole(f.instructions)), o["budget"], "instructions");
    if (o.contains("rmw_budget")) found.budget(f, entry, tenths(f.rmws), o["rmw_budget"], "read-modify-writes");
    if (same_compiler) found.regression(f, entry);
  }
  // What the file knows and nobody counts any more guards nothing.
  for (const auto& configuration : configurations_of(figures))
    for (const auto& [name, o] : operations.items())
      if (o.contains(configuration) && find(figures, configuration, name) == nullptr)
        found.failures.push_back({1e9, "NOT COUNTED: " + configuration + ": " + name});
  check_ratios(figures, all, found);

  for (const char* suite : {"trap", "delivery"}) {
    const figure* worst = nullptr;
    for (const figure& f : figures)
      if (f.suite == suite && (worst == nullptr || f.instructions > worst->instructions)) worst = &f;
    if (worst != nullptr)
      std::printf("worst of suite %s: %ld instructions: %s: %s\n", suite, whole(worst->instructions),
                  worst->configuration.c_str(), worst->name.c_str());
  }
  print_worst(found.over, 60);
  print_worst(found.failures, 60);
  std::printf("%u counts compared, %zu failures, %zu over budget\n", found.compared, found.failures.size(),
              found.over.size());
  if (found.tighter != 0)
    std::printf("%u are better than what was reached by more than a tenth: vgic-count --update %s\n", found.tighter,
                file.c_str());
  return found.failures.empty() && found.compared != 0;
}

void update_budgets(const std::vector<figure>& figures, const std::string& file) {
  json all = read(file);
  all["compiler"] = VGIC_BENCH_COMPILER;
  json& operations = all["operations"];
  for (const figure& f : figures) {
    json& o = operations[f.name];
    json& entry = o[f.configuration];
    entry["reached"] = whole(f.instructions);
    entry["rmws"] = tenths(f.rmws);
    if (!o.contains("budget") && !o.contains("rmw_budget")) continue;
    const bool met = (!o.contains("budget") || whole(f.instructions) <= o["budget"].get<long>()) &&
                     (!o.contains("rmw_budget") || tenths(f.rmws) <= o["rmw_budget"].get<double>());
    entry["must"] = met || is_set(entry, "must");
  }
  for (const auto& configuration : configurations_of(figures)) {
    for (auto& [name, o] : operations.items())
      if (o.contains(configuration) && find(figures, configuration, name) == nullptr) o.erase(configuration);
    if (all.contains("ratios"))
      for (json& r : all["ratios"]) {
        const double ratio = ratio_of(figures, configuration, r);
        if (ratio == 0) continue;
        json& entry = r[configuration];
        entry["reached"] = std::round(ratio * 100) / 100;
        entry["must"] = ratio <= r["limit"].get<double>() || is_set(entry, "must");
      }
  }

  // One line an operation: what changed is seen in a diff.
  std::ofstream out(file);
  out << "{\n";
  const char* between = "";
  for (const auto& [key, value] : all.items()) {
    out << between << "  " << json(key).dump() << ": ";
    between = ",\n";
    if (!value.is_structured()) {
      out << value.dump();
      continue;
    }
    out << (value.is_array() ? "[" : "{");
    const char* comma = "\n";
    for (const auto& [name, o] : value.items()) {
      out << comma << "    ";
      comma = ",\n";
      if (!value.is_array()) out << json(name).dump() << ": ";
      out << o.dump();
    }
    out << (value.is_array() ? "\n  ]" : "\n  }");
  }
  out << "\n}\n";
}

void print_budgets(const std::vector<figure>& figures, const std::string& file) {
  const json all = read(file);
  const auto configurations = configurations_of(figures);
  std::printf("%-46s", "instructions (locked RMWs)");
  for (const auto& c : configurations) std::printf(" %14s", c.c_str());
  std::printf(" %12s %9s\n", "budget", "headroom");
  for (const auto& [name, o] : all["operations"].items()) {
    if (!o.contains("budget")) continue;
    double worst = -1;
    double worst_rmws = -1;
    std::string line = text("%-46s", name.c_str());
    for (const auto& c : configurations) {
      const figure* f = find(figures, c, name);
      if (f == nullptr) {
        line += text(" %14s", "-");
        continue;
      }
      worst = std::max(worst, static_cast<double>(whole(f->instructions)));
      worst_rmws = std::max(worst_rmws, tenths(f->rmws));
      line += text(" %8ld (%3g)", whole(f->instructions), tenths(f->rmws));
    }
    if (worst < 0) continue;
    const double budget = o["budget"].get<double>();
    const std::string rmw_budget = o.contains("rmw_budget") ? text(" (%g)", o["rmw_budget"].get<double>()) : "";
    const bool rmws_over = o.contains("rmw_budget") && worst_rmws > o["rmw_budget"].get<double>();
    line += text(" %12s %9g", (text("%g", budget) + rmw_budget).c_str(), budget - worst);
    std::printf("%s%s%s\n", line.c_str(), worst > budget ? "  over" : "", rmws_over ? "  RMWs over" : "");
  }
  for (const json& r : all.value("ratios", json::array())) {
    std::string line = text("%-46s", r["name"].get<std::string>().c_str());
    double worst = 0;
    for (const auto& c : configurations) {
      const double ratio = ratio_of(figures, c, r);
      worst = std::max(worst, ratio);
      line += ratio == 0 ? text(" %14s", "-") : text(" %14.2f", ratio);
    }
    if (worst == 0) continue;
    const double limit = r["limit"].get<double>();
    std::printf("%s %12.2f %9.2f  %s\n", line.c_str(), limit, limit - worst, worst <= limit ? "pass" : "fail");
  }
}

}  // namespace bench
