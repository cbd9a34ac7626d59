// SPDX-License-Identifier: BSL-1.0
/// \file
/// guest-tree: writes the device tree of a guest of examples/hypervisor to a file.

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "guest_tree.hpp"

namespace {

using guest_tree::u32;
using guest_tree::u64;

constexpr std::string_view usage =
    R"(usage: guest-tree --output FILE [--gic 2|3] [--layout xen|qemu-virt] [--vcpus N] [--memory-mib MIB]
                  [--bootargs TEXT] [--initrd-start ADDRESS --initrd-end ADDRESS]
Writes the guest's flattened device tree to FILE. Default: GICv3, layout xen, 1 vCPU, 512 MiB.
Numbers are decimal, or hexadecimal behind 0x. The initrd's end is the address behind its last byte.
)";

/// The caller's mistake: printed with the way out.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Linux's limit for a tree.
constexpr std::size_t largest_tree = std::size_t{2} << 20;

class options {
 public:
  options(int argc, char** argv) {
    for (int i = 1; i < argc; i += 2) {
      const std::string name = argv[i];
      if (!known(name)) throw usage_error{"unknown option " + name};
      if (i + 1 == argc) throw usage_error{name + " needs a value"};
      if (!values_.emplace(name, argv[i + 1]).second) throw usage_error{name + " is given twice"};
    }
  }

  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }

  [[nodiscard]] std::string text(const std::string& name, const std::string& absent) const {
    const auto found = values_.find(name);
    return found == values_.end() ? absent : found->second;
  }

  [[nodiscard]] u64 number(const std::string& name, u64 absent) const {
    if (!has(name)) return absent;
    const std::string value = text(name, "");
    const bool hexadecimal = value.starts_with("0x");
    const char* const first = value.data() + (hexadecimal ? 2 : 0);
    const char* const last = value.data() + value.size();
    u64 result = 0;
    const auto [end, error] = std::from_chars(first, last, result, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != last) throw usage_error{name + " " + value + " is not a number"};
    return result;
  }

 private:
  static bool known(std::string_view name) {
    for (const std::string_view option :
         {"--gic", "--layout", "--vcpus", "--memory-mib", "--bootargs", "--initrd-start", "--initrd-end", "--output"}) {
      if (name == option) return true;
    }
    return false;
  }

  std::map<std::string, std::string> values_;
};

guest_tree::gic_version gic_of(const options& given) {
  switch (given.number("--gic", 3)) {
    case 2: return guest_tree::gic_version::v2;
    case 3: return guest_tree::gic_version::v3;
    default: throw usage_error{"--gic " + given.text("--gic", "") + ": there is 2 and 3"};
  }
}

guest_tree::guest guest_of(const options& given) {
  const u64 vcpus = given.number("--vcpus", 1);
  const u64 mebibytes = given.number("--memory-mib", 512);
  if (vcpus > std::numeric_limits<u32>::max()) throw usage_error{"--vcpus " + std::to_string(vcpus) + " is too many"};
  if (mebibytes > std::numeric_limits<u64>::max() >> 20) {
    throw usage_error{"--memory-mib " + std::to_string(mebibytes) + " is too much"};
  }
  guest_tree::guest g{.gic = gic_of(given),
                      .vcpus = static_cast<u32>(vcpus),
                      .memory_size = mebibytes << 20,
                      .bootargs = given.text("--bootargs", ""),
                      .initrd = {}};
  if (given.has("--initrd-start") != given.has("--initrd-end")) {
    throw usage_error{"--initrd-start and --initrd-end belong together"};
  }
  if (given.has("--initrd-start")) {
    const u64 start = given.number("--initrd-start", 0);
    const u64 end = given.number("--initrd-end", 0);
    if (end <= start) throw usage_error{"--initrd-end is not behind --initrd-start"};
    g.initrd = layout::range{start, end - start};
  }
  return g;
}

std::vector<std::byte> tree_of(const std::string& layout_name, const guest_tree::guest& g) {
  if (layout_name == "xen" || layout_name == layout::xen_4_5::name) return guest_tree::make<layout::xen_4_5>(g);
  if (layout_name == layout::qemu_virt::name) return guest_tree::make<layout::qemu_virt>(g);
  throw usage_error{"unknown layout " + layout_name + ": there is " + layout::xen_4_5::name + " and " +
                    layout::qemu_virt::name};
}

void write_file(const std::string& path, const std::vector<std::byte>& content) {
  errno = 0;
  std::ofstream file{path, std::ios::binary};
  file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) throw std::runtime_error{"cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string_view{argv[1]} == "--help") {
      std::cout << usage;
      return EXIT_SUCCESS;
    }
    const options given{argc, argv};
    if (!given.has("--output")) throw usage_error{"--output is missing"};
    const std::vector<std::byte> tree = tree_of(given.text("--layout", "xen"), guest_of(given));
    if (tree.size() > largest_tree) {
      throw std::runtime_error{"the tree has " + std::to_string(tree.size()) + " bytes, Linux takes " +
                               std::to_string(largest_tree)};
    }
    write_file(given.text("--output", ""), tree);
    return EXIT_SUCCESS;
  } catch (const usage_error& error) {
    std::cerr << "guest-tree: " << error.what() << '\n' << usage;
  } catch (const std::exception& error) {
    std::cerr << "guest-tree: " << error.what() << '\n';
  }
  return EXIT_FAILURE;
}
