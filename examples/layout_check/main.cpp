// SPDX-License-Identifier: BSL-1.0
/// \file
/// layout-map: shows a guest-physical layout as an address map, and which rules it breaks.

#include "map.hpp"
#include "my_layout.hpp"

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace {

using layout_map::description;
using layout_map::u64;

constexpr std::string_view usage =
    R"(usage: layout-map [--layout NAME] [--gic v2|v3] [--vcpus N] [--svg FILE]
Prints a layout as an address map, and the rules that it breaks. Exit code 0: it breaks none.
  --layout NAME   xen-4.5 (default), xen-4.5-released, xen-4.17, qemu-virt, my-layout
  --gic v2|v3     whose frames; v3 if not given
  --vcpus N       as many as the layout has room for if not given
  --svg FILE      also writes a picture
)";

/// The caller's mistake: printed with the way out.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct options {
  std::string layout = "xen-4.5";
  layout::gic_version gic = layout::gic_version::v3;
  std::optional<u64> vcpus;
  std::optional<std::string> svg;
};

u64 number(const std::string& name, const std::string& value) {
  u64 n = 0;
  const char* const last = value.data() + value.size();
  const auto [end, error] = std::from_chars(value.data(), last, n);
  if (error != std::errc{} || end != last) throw usage_error{name + " " + value + " is not a number"};
  return n;
}

options options_of(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (name != "--layout" && name != "--gic" && name != "--vcpus" && name != "--svg")
      throw usage_error{"unknown option " + name};
    if (i + 1 == argc) throw usage_error{name + " needs a value"};
    const std::string value = argv[i + 1];
    if (name == "--layout") {
      o.layout = value;
    } else if (name == "--vcpus") {
      o.vcpus = number(name, value);
    } else if (name == "--svg") {
      o.svg = value;
    } else if (value == "v2" || value == "v3") {
      o.gic = value == "v2" ? layout::gic_version::v2 : layout::gic_version::v3;
    } else {
      throw usage_error{"--gic " + value + ": there is v2 and v3"};
    }
  }
  return o;
}

template <class... Layouts>
description find(const options& o) {
  std::optional<description> found;
  ((o.layout == Layouts::name ? void(found = layout_map::describe<Layouts>(o.gic, o.vcpus)) : void()), ...);
  if (!found) throw usage_error{"unknown layout " + o.layout};
  return *found;
}

void write_file(const std::string& path, const std::string& content) {
  errno = 0;
  std::ofstream file{path, std::ios::binary};
  file << content;
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
    const options o = options_of(argc, argv);
    const description d =
        find<layout::xen_4_5, layout::xen_4_5_released, layout::xen_4_17, layout::qemu_virt, my_layout>(o);
    std::cout << layout_map::text(d) << '\n';
    for (const layout::verdict& v : d.broken) std::cout << "broken: " << layout_map::sentence(v) << '\n';
    if (d.broken.empty()) std::cout << "All rules are kept.\n";
    if (o.svg) write_file(*o.svg, layout_map::picture(d));
    return d.broken.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const usage_error& error) {
    std::cerr << "layout-map: " << error.what() << '\n' << usage;
  } catch (const std::exception& error) {
    std::cerr << "layout-map: " << error.what() << '\n';
  }
  return EXIT_FAILURE;
}
