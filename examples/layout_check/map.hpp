// SPDX-License-Identifier: BSL-1.0
/// \file
/// A layout as pieces of the address space in order of address: frames, neighbours and the holes between them.
#pragma once

#include "description.hpp"

#include <string>
#include <vector>

namespace layout_map {

enum class kind { hole, neighbour, distributor, cpu_interface, redistributors };

struct piece {
  kind what;
  std::string name;
  range where;
  u64 first_vcpu = 0;  ///< redistributors: the vCPU that has the first one of this region
  u64 used = 0;        ///< redistributors: how many have a vCPU
  u64 slots = 0;       ///< redistributors: how many there are
};

/// All pieces from address 0 to the end of the guest-physical range; overlapping ones each as they are.
[[nodiscard]] std::vector<piece> pieces_of(const description& d);

/// 0x03001000: eight digits, or as many as it takes.
[[nodiscard]] std::string address(u64 a);
/// "64 KiB", "15 MiB 4 KiB"; what is not a whole number of KiB in bytes, hexadecimal.
[[nodiscard]] std::string bytes(u64 n);
/// "vCPU 3", "vCPUs 0 to 15".
[[nodiscard]] std::string vcpus(u64 first, u64 count);
/// A broken rule as a sentence.
[[nodiscard]] std::string sentence(const layout::verdict& v);

/// The map as text.
[[nodiscard]] std::string text(const description& d);
/// The map as a picture: an SVG document.
[[nodiscard]] std::string picture(const description& d);

}  // namespace layout_map
