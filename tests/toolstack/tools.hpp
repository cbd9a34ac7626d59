// SPDX-License-Identifier: BSL-1.0
/// \file
/// Programs that read what we write: dtc, iasl. Each call has a folder of its own.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

using bytes = std::vector<std::byte>;

/// A folder that goes when the object goes.
class scratch_folder {
 public:
  scratch_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vgic-toolstack-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder: " + pattern};
    path_ = pattern;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] inline std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) throw std::runtime_error{"cannot read " + path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_file(const std::string& path, const bytes& content) {
  std::ofstream out{path, std::ios::binary};
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw std::runtime_error{"cannot write " + path};
}

struct ran {
  int status;
  std::string out;
  std::string err;
};

/// Runs a shell's command line; its output goes to files in `folder`.
[[nodiscard]] inline ran run(const scratch_folder& folder, const std::string& command) {
  const std::string out = folder.file("stdout");
  const std::string err = folder.file("stderr");
  const int status = std::system(("(" + command + ") >'" + out + "' 2>'" + err + "' </dev/null").c_str());
  return {status, read_file(out), read_file(err)};
}

/// What `dtc -I dtb -O dts` makes of a tree, and its warnings. Same line for line on each call: no path is in it.
[[nodiscard]] inline ran decompile(const bytes& tree) {
  const scratch_folder folder;
  write_file(folder.file("guest.dtb"), tree);
  return run(folder, "cd '" + folder.file("") + "' && dtc -I dtb -O dts guest.dtb");
}

[[nodiscard]] inline std::string expected(std::string_view name) {
  return read_file(std::string{VGIC_TEST_EXPECTED "/"} + std::string{name});
}

}  // namespace tests
