// SPDX-License-Identifier: BSL-1.0
/// \file
/// The GIC that dom0 was given: Xen gives the hardware domain the machine's own frames (gicv_v3_init), so this is where
/// a hypervisor would set layout::host from.
#pragma once

#include <layout/host.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace xen_check {

using machine = layout::host<>;

/// A property's bytes; empty if the node lacks it.
inline std::string property(const std::filesystem::path& node, const char* name) {
  std::ifstream file{node / name, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Big-endian cells, two to a number: dom0's root has #address-cells and #size-cells 2.
inline std::vector<std::uint64_t> numbers(const std::string& bytes) {
  std::vector<std::uint64_t> result(bytes.size() / 8);
  for (std::size_t i = 0; i < result.size() * 8; ++i)
    result[i / 8] = result[i / 8] << 8 | static_cast<unsigned char>(bytes[i]);
  return result;
}

/// Sets `machine` from the tree's GIC node: which version, or nothing if there is no such node or a rule is broken.
inline std::optional<layout::gic_version> set_machine(const std::filesystem::path& tree) {
  for (const auto& node : std::filesystem::directory_iterator{tree}) {
    if (!node.is_directory()) continue;
    const std::string compatible = property(node, "compatible");
    const auto reg = numbers(property(node, "reg"));
    const auto at = [&](std::size_t i) { return layout::range{reg[2 * i], reg[2 * i + 1]}; };
    if (compatible.starts_with("arm,gic-v3") && reg.size() >= 4) {
      const std::string regions = property(node, "#redistributor-regions");
      const std::size_t count = regions.empty() ? 1 : static_cast<unsigned char>(regions.back());
      std::vector<layout::range> redistributors;
      for (std::size_t r = 1; r <= count && 2 * r + 1 < reg.size(); ++r) redistributors.push_back(at(r));
      const auto stride = numbers(property(node, "redistributor-stride"));
      const auto v =
          machine::set(at(0), stride.empty() ? 0 : stride[0], redistributors.data(), redistributors.size(), 1);
      std::printf(
          "xen-check: hardware domain: GICv3, distributor 0x%llx, %zu redistributor region(s) from 0x%llx: %s\n",
          static_cast<unsigned long long>(at(0).base), count, static_cast<unsigned long long>(at(1).base),
          v.kept() ? "all rules kept" : name(v.broken));
      return v.kept() ? std::optional{layout::gic_version::v3} : std::nullopt;
    }
    if ((compatible.starts_with("arm,cortex-a15-gic") || compatible.starts_with("arm,gic-400")) && reg.size() >= 4) {
      const auto v = machine::set({at(0), at(1)}, 1);
      std::printf("xen-check: hardware domain: GICv2, distributor 0x%llx, CPU interface 0x%llx: %s\n",
                  static_cast<unsigned long long>(at(0).base), static_cast<unsigned long long>(at(1).base),
                  v.kept() ? "all rules kept" : name(v.broken));
      return v.kept() ? std::optional{layout::gic_version::v2} : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace xen_check
