// SPDX-License-Identifier: BSL-1.0
// Places of the library, each with its memory order weakened, against the scenarios.
#include "concurrency/mutants.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace tests {

namespace {

using model::operation;
using model::strength;

const char* name_of_strength(strength s) {
  constexpr const char* names[] = {"relaxed", "acquire", "release", "acquire_release", "sequential"};
  return names[static_cast<int>(s)];
}

bool is_rmw(operation o) { return o != operation::load && o != operation::store && o != operation::fence; }

/// A place by what stays the same when lines are inserted elsewhere.
struct place {
  std::string file, function;
  u32 rank;  ///< of the operations of that kind in the function, from 1
  operation what;
  auto operator<=>(const place&) const = default;
};

struct reached {
  u32 line = 0;
  std::vector<scenario*> by;
};

std::string without_template(std::string function) {
  if (function.rfind("operator()", 0) == 0) return "lambda";
  return function.substr(0, function.find('<'));
}

/// Places of the library that the scenarios reach, and which scenarios do.
std::map<place, reached> places_of(scenarios& all) {
  std::map<std::pair<std::string, u32>, std::pair<std::string, std::map<operation, std::set<scenario*>>>> lines;
  const effort little{.executions = 2'000, .random = 0, .least_switches = 1};
  for (auto& s : all) {
    model::forget_uses();
    (void)search(*s, little, nullptr);
    for (const auto& used : model::used_sites()) {
      auto& [function, operations] = lines[{used.file, used.line}];
      function = without_template(used.function);
      operations[used.what].insert(s.get());
    }
  }
  std::map<place, reached> found;
  std::map<std::tuple<std::string, std::string, operation>, u32> ranks;
  for (const auto& [where, what] : lines)
    for (const auto& [o, by] : what.second) {
      const u32 rank = ++ranks[{where.first, what.first, o}];
      found[{where.first, what.first, rank, o}] = {where.second, {by.begin(), by.end()}};
    }
  return found;
}

std::string key_of(const place& p, strength weaker) {
  std::ostringstream s;
  s << p.file << ' ' << p.function << ' ' << p.rank << ' ' << name_of(p.what) << ' '
    << (p.what == operation::fence ? "none" : name_of_strength(weaker));
  return s.str();
}

/// Key and reason of what is expected not to be noticed.
std::map<std::string, std::string> read_expected(const std::string& file) {
  std::map<std::string, std::string> all;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(": ");
    if (!line.empty() && line[0] != '#' && colon != std::string::npos)
      all[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return all;
}

struct verdict {
  std::string scenario, why;
  u64 executions = 0;
  u32 scenarios = 0;
};

verdict try_one(const place& p, const reached& r, strength weaker, const effort& e) {
  verdict v;
  model::mutate({.file = p.file, .line = r.line, .what = p.what, .weaker = weaker});
  for (scenario* s : r.by) {
    const outcome o = search(*s, e, nullptr);
    v.executions += o.executions + o.random;
    ++v.scenarios;
    if (o.wrong.empty()) continue;
    v.scenario = s->name;
    v.why = o.wrong.substr(0, o.wrong.find('\n'));
    break;
  }
  model::mutate({});
  return v;
}

}  // namespace

const char* name_of(operation o) {
  constexpr const char* names[] = {"load",      "store",    "fetch_or",         "fetch_and",
                                   "fetch_xor", "exchange", "compare_exchange", "order"};
  return names[static_cast<int>(o)];
}

u32 try_mutants(scenarios& all, const effort& e, changes which, const std::string& expected_file, u32 part, u32 parts) {
  auto expected = read_expected(expected_file);
  u32 wrong = 0, tried = 0, caught = 0, number = 0;
  for (const auto& [p, r] : places_of(all)) {
    std::vector<strength> weaker;
    if (which == changes::fences && p.what == operation::fence) weaker = {strength::relaxed};
    if (which == changes::orders && is_rmw(p.what)) weaker = {strength::relaxed, strength::acquire, strength::release};
    if (weaker.empty() || number++ % parts != part) continue;
    for (const strength s : weaker) {
      const std::string key = key_of(p, s);
      const verdict v = try_one(p, r, s, e);
      const bool is_expected = expected.count(key) != 0;
      ++tried;
      std::printf("mutant %-60s line %-4u ", key.c_str(), r.line);
      const bool should_be_caught = (which == changes::fences) != is_expected;
      if (!v.scenario.empty()) {
        ++caught;
        std::printf("caught by \"%s\" (%s)\n", v.scenario.c_str(), v.why.c_str());
        if (!should_be_caught && which == changes::fences)
          std::printf("  WRONG: it is listed as one that nothing notices\n"), ++wrong;
      } else {
        std::printf("NOT caught in %u scenarios, %llu executions%s\n", v.scenarios,
                    static_cast<unsigned long long>(v.executions), should_be_caught ? "  WRONG" : ", as expected");
        wrong += should_be_caught ? 1 : 0;
      }
      std::fflush(stdout);
      if (v.scenario.empty() && s == strength::relaxed) break;  // then stronger ones are not noticed either
    }
  }
  std::printf("%s: %u mutants, %u caught, %u not as expected\n", wrong == 0 ? "PASS" : "FAIL", tried, caught, wrong);
  return wrong;
}

}  // namespace tests
