// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/found.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bench::worst {
namespace {

constexpr const char* head =
    "# The worst that was found of each target, one step a line:\n"
    "#   WHAT  FIRST-VCPU*VCPUS  FRAME+OFFSET-OR-INTID/BYTES  *TIMES  VALUE  HOW-IT-CHANGES\n"
    "# The last call of the last step is the one that costs so much. `vgic-worst --keep` writes this file.\n";

[[noreturn]] void refuse(const std::string& file, u32 line, const char* why) {
  std::fprintf(stderr, "worst: %s:%u: %s\n", file.c_str(), line, why);
  std::exit(2);
}

}  // namespace

std::vector<entry> read_entries(const std::string& file, const std::string& stage) {
  std::vector<entry> all;
  std::ifstream in(file);
  u32 number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '=') {
      const auto t = target_named(line.substr(line.find_first_not_of("= ")));
      if (!t) refuse(file, number, "no target has this name");
      all.push_back({stage, *t, {}});
      continue;
    }
    step s;
    if (all.empty() || !read_step(line, s)) refuse(file, number, "this is not a step of a target");
    all.back().how.push_back(s);
  }
  for (const entry& e : all)
    if (e.how.empty()) refuse(file, number, ("no steps lead to " + name_of(e.what)).c_str());
  return all;
}

void write_entries(const std::string& file, const std::string& stage, const std::vector<entry>& entries) {
  std::ofstream out(file);
  out << "# SPDX-License-Identifier: BSL-1.0\n" << head;
  for (const entry& e : entries) {
    if (e.stage != stage) continue;
    out << "\n= " << name_of(e.what) << '\n';
    for (const step& s : e.how) out << text_of(s) << '\n';
  }
  if (!out.flush()) refuse(file, 0, "cannot be written");
}

}  // namespace bench::worst
