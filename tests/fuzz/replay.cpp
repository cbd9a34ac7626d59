// SPDX-License-Identifier: BSL-1.0
/// \file
/// Plays inputs without libFuzzer, compiled by any compiler. Inputs are files, or come out of a pack: a file that has
/// each of them behind its length (two bytes, the low one first).
#include "fuzz/input.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

using bytes = std::vector<unsigned char>;
constexpr const char* usage =
    "usage: replay PACK...              plays the inputs of packs\n"
    "       replay --input FILE...      plays files\n"
    "       replay --print FILE         shows an input as steps\n"
    "       replay --pack FOLDER PACK   makes a pack of a folder's files\n"
    "       replay --unpack PACK FOLDER and back\n";

bytes content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "replay: cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

void save(const std::filesystem::path& path, const bytes& what) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(what.data()), static_cast<std::streamsize>(what.size()));
  out.close();
  if (!out) {
    std::fprintf(stderr, "replay: cannot write %s\n", path.c_str());
    std::exit(2);
  }
}

std::vector<bytes> inputs_of(const std::filesystem::path& pack) {
  const bytes all = content(pack);
  std::vector<bytes> inputs;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t size = at + 2 <= all.size() ? all[at] + 256u * all[at + 1] : all.size();
    if (at + 2 + size > all.size()) {
      std::fprintf(stderr, "replay: %s ends in the middle of an input; is it a pack?\n", pack.c_str());
      std::exit(2);
    }
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at + 2);
    inputs.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
    at += 2 + size;
  }
  return inputs;
}

int pack(const char* folder, const char* to) {
  std::vector<std::filesystem::path> files;
  for (const auto& f : std::filesystem::directory_iterator(folder)) files.push_back(f.path());
  std::sort(files.begin(), files.end());
  bytes all;
  for (const auto& f : files) {
    const bytes one = content(f);
    if (one.size() > 0xffff) continue;
    all.push_back(static_cast<unsigned char>(one.size()));
    all.push_back(static_cast<unsigned char>(one.size() >> 8));
    all.insert(all.end(), one.begin(), one.end());
  }
  save(to, all);
  std::printf("%zu inputs, %zu bytes\n", files.size(), all.size());
  return 0;
}

int unpack(const char* from, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  unsigned n = 0;
  for (const bytes& one : inputs_of(from)) {
    char name[16];
    std::snprintf(name, sizeof name, "%06u", n++);
    save(folder / name, one);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tests::fuzz;
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "--pack" && argc == 4) return pack(argv[2], argv[3]);
  if (what == "--unpack" && argc == 4) return unpack(argv[2], argv[3]);
  if (what == "--print" && argc == 3) {
    story::now = story::voice::aloud;
    const bytes one = content(argv[2]);
    try {
      play(one.data(), one.size());
    } catch (const fault& f) {
      std::printf("FAULT: %s\n", f.what());
      return 1;
    }
    return 0;
  }
  std::size_t played = 0;
  const bool single = what == "--input";
  if (argc < 2 || (!single && what.starts_with("-")) || (single && argc < 3)) {
    std::fputs(usage, stderr);
    return 2;
  }
  for (int k = single ? 2 : 1; k < argc; ++k) {
    const std::vector<bytes> inputs = single ? std::vector<bytes>{content(argv[k])} : inputs_of(argv[k]);
    for (const bytes& one : inputs) LLVMFuzzerTestOneInput(one.data(), one.size());
    played += inputs.size();
  }
  std::printf("%s: %zu inputs played, no fault\n", target_name, played);
  return played == 0 ? 1 : 0;
}
