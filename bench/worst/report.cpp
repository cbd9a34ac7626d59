// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/report.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

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

/// A tenth, and no fuss about two instructions.
u32 limit_of(u32 reached) { return std::max((reached * 11 + 9) / 10, reached + 2); }

}  // namespace

void print_table(const std::vector<counted>& all, form f) {
  const auto names = stages_of(all);
  const bool markdown = f == form::markdown;
  std::printf(markdown ? "| instructions at worst |" : "%-44s", "instructions at worst");
  for (const auto& n : names) std::printf(markdown ? " %s |" : " %9s", n.c_str());
  if (markdown) {
    std::printf("\n|---|");
    for (std::size_t i = 0; i < names.size(); ++i) std::printf("---:|");
  }
  std::vector<target> rows;
  for (const counted& c : all) rows.push_back(c.of.what);
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  for (const target& t : rows) {
    std::printf(markdown ? "\n| %s |" : "\n%-44s", name_of(t).c_str());
    for (const auto& n : names) {
      const counted* c = find(all, n, t);
      const std::string cell = c == nullptr ? "-" : std::to_string(c->instructions);
      std::printf(markdown ? " %s |" : " %9s", cell.c_str());
      if (!markdown)
        std::printf("%s", c != nullptr && is_limited(t) && c->instructions > most_instructions ? "!" : " ");
    }
  }
  std::printf("\n\n");
  for (const auto& n : names)
    if (const counted* c = worst_trap(all, n); c != nullptr)
      std::printf("%sworst trap of %s: %u instructions: %s\n", markdown ? "- " : "", n.c_str(), c->instructions,
                  name_of(c->of.what).c_str());
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
    if (is_limited(c.of.what) && c.instructions > most_instructions) {
      ++failures;
      std::printf("OVER %u: %s: %s: %u instructions\n", most_instructions, c.of.stage.c_str(), name.c_str(),
                  c.instructions);
    }
    if (!same_compiler) continue;
    const json& of_stage = kept["reached"].contains(c.of.stage) ? kept["reached"][c.of.stage] : json::object();
    if (!of_stage.contains(name)) {
      ++failures;
      std::printf("NOT IN THE FILE: %s: %s (vgic-worst --update FOLDER adds it)\n", c.of.stage.c_str(), name.c_str());
    } else if (const u32 reached = of_stage[name].get<u32>(); c.instructions > limit_of(reached)) {
      ++failures;
      std::printf("REGRESSION: %s: %s: %u instructions, %u were reached\n", c.of.stage.c_str(), name.c_str(),
                  c.instructions, reached);
    }
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
