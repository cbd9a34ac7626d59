// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/report.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <tuple>

namespace bench::worst {
namespace {

using json = nlohmann::ordered_json;

std::vector<std::string> stages_of(const std::vector<counted>& all) {
  std::vector<std::string> names;
  for (const counted& c : all)
    if (std::find(names.begin(), names.end(), c.of.stage) == names.end()) names.push_back(c.of.stage);
  return names;
}

const counted* find(const std::vector<counted>& all, const std::string& stage, const target& t) {
  for (const counted& c : all)
    if (c.of.stage == stage && c.of.what == t) return &c;
  return nullptr;
}

/// The largest of a stage that is no call of the host's own.
const counted* worst_trap(const std::vector<counted>& all, const std::string& stage) {
  const counted* most = nullptr;
  for (const counted& c : all)
    if (c.of.stage == stage && is_limited(c.of.what) && (most == nullptr || c.instructions > most->instructions))
      most = &c;
  return most;
}

bool is_access(const target& t) { return t.how == measure::call && (t.what == act::read || t.what == act::write); }

/// A tenth, and no fuss about two instructions.
u32 limit_of(u32 reached) { return std::max((reached * 11 + 9) / 10, reached + 2); }

}  // namespace

void print_table(const std::vector<counted>& all, form f) {
  const auto names = stages_of(all);
  const bool markdown = f == form::markdown;
  const auto line = [&](const std::string& first, const std::vector<std::string>& cells) {
    std::printf(markdown ? "| %s |" : "%-30s", first.c_str());
    for (const auto& c : cells) std::printf(markdown ? " %s |" : " %16s", c.c_str());
    std::printf("\n");
  };
  line("at worst: read / write", names);
  if (markdown) line("---", std::vector<std::string>(names.size(), "---:"));

  const auto cell = [&](const std::string& stage, const target& t) -> std::string {
    const counted* c = find(all, stage, t);
    if (c == nullptr) return "-";
    return std::to_string(c->instructions) + (is_limited(t) && c->instructions > most_instructions ? "!" : "");
  };
  std::vector<target> rows;
  for (const counted& c : all) rows.push_back(c.of.what);
  std::sort(rows.begin(), rows.end(), [](const target& a, const target& b) {
    const auto order = [](const target& t) { return std::tuple(is_access(t) ? 0 : 1, t.how, t.group, t.what); };
    return order(a) < order(b);
  });
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const target& t = rows[n];
    std::vector<std::string> cells;
    if (!is_access(t)) {
      for (const auto& stage : names) cells.push_back(cell(stage, t));
      line(name_of(t), cells);
      continue;
    }
    // Reads and writes of a register group side by side.
    if (n != 0 && is_access(rows[n - 1]) && rows[n - 1].group == t.group) continue;
    const target read{measure::call, act::read, t.group};
    const target write{measure::call, act::write, t.group};
    for (const auto& stage : names) {
      const std::string both = cell(stage, read) + " / " + cell(stage, write);
      cells.push_back(both == "- / -" ? "-" : both);
    }
    line(vgic::name(t.group), cells);
  }
  std::printf("\n");
  for (const auto& n : names)
    if (const counted* c = worst_trap(all, n); c != nullptr)
      std::printf("%sworst of %s: %u instructions: %s%s\n", markdown ? "- " : "", n.c_str(), c->instructions,
                  name_of(c->of.what).c_str(), c->instructions > most_instructions ? ", over 5,000" : "");
}

void print_steps(const std::vector<counted>& all, const std::string& name) {
  for (const counted& c : all) {
    if (name_of(c.of.what) != name) continue;
    std::printf("\n%s: %s: %u instructions\n", c.of.stage.c_str(), name.c_str(), c.instructions);
    for (const step& s : c.of.how) std::printf("  %s\n", text_of(s).c_str());
  }
}

bool check(const std::vector<counted>& all, const std::string& file) {
  std::ifstream in(file);
  const json kept = json::parse(in, nullptr, false);
  if (!kept.is_object() || !kept.contains("reached")) {
    std::fprintf(stderr, "worst: %s is no file of figures\n", file.c_str());
    return false;
  }
  const bool same_compiler = kept.value("compiler", "") == VGIC_BENCH_COMPILER;
  if (!same_compiler)
    std::printf("Not compared with what was reached: that was %s, this is %s.\n", kept.value("compiler", "").c_str(),
                VGIC_BENCH_COMPILER);
  u32 failures = 0;
  for (const counted& c : all) {
    const std::string name = name_of(c.of.what);
    if (c.instructions == 0) {
      ++failures;
      std::printf(
          "NOT REACHED: %s: %s: its steps do not lead to such a call any more (vgic-worst --keep searches again)\n",
          c.of.stage.c_str(), name.c_str());
    }
    const json& of_stage = kept["reached"].contains(c.of.stage) ? kept["reached"][c.of.stage] : json::object();
    if (is_limited(c.of.what) && c.instructions > most_instructions) {
      // What was over the limit when it was kept is told, and may not become worse.
      const bool known = of_stage.value(name, 0u) > most_instructions;
      if (!known) ++failures;
      std::printf("%s %u: %s: %s: %u instructions\n", known ? "over (known)" : "OVER", most_instructions,
                  c.of.stage.c_str(), name.c_str(), c.instructions);
    }
    if (!same_compiler) continue;
    if (!of_stage.contains(name)) {
      ++failures;
      std::printf("NOT IN THE FILE: %s: %s (vgic-worst --update FOLDER adds it)\n", c.of.stage.c_str(), name.c_str());
    } else if (const u32 reached = of_stage[name].get<u32>(); c.instructions > limit_of(reached)) {
      ++failures;
      std::printf("REGRESSION: %s: %s: %u instructions, %u were reached\n", c.of.stage.c_str(), name.c_str(),
                  c.instructions, reached);
    }
  }
  // What the file knows and nobody counts any more guards nothing.
  for (const auto& [stage, figures] : kept["reached"].items())
    for (const auto& [name, reached] : figures.items())
      if (const auto t = target_named(name); !t || find(all, stage, *t) == nullptr) {
        ++failures;
        std::printf("NOT COUNTED: %s: %s\n", stage.c_str(), name.c_str());
      }
  for (const auto& stage : stages_of(all))
    if (const counted* c = worst_trap(all, stage); c != nullptr)
      std::printf("worst trap of %s: %u instructions: %s\n", stage.c_str(), c->instructions,
                  name_of(c->of.what).c_str());
  std::printf("%zu counts compared, %u failures\n", all.size(), failures);
  return failures == 0 && !all.empty();
}

void update(const std::vector<counted>& all, const std::string& file) {
  json kept;
  kept["compiler"] = VGIC_BENCH_COMPILER;
  for (const counted& c : all) kept["reached"][c.of.stage][name_of(c.of.what)] = c.instructions;
  std::ofstream out(file);
  out << kept.dump(2) << '\n';
  if (!out.flush()) {
    std::fprintf(stderr, "worst: %s cannot be written\n", file.c_str());
    std::exit(2);
  }
}

}  // namespace bench::worst
