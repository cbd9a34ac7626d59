// SPDX-License-Identifier: BSL-1.0
/// \file
/// A domain's memory in its layout's banks of RAM.
#pragma once

#include <layout/layout.hpp>

#include <cstddef>
#include <cstdint>

namespace domctl {

/// Where a domain's memory lies: `count` banks, none empty.
struct memory_banks {
  static constexpr std::size_t most = 2;

  layout::range banks[most]{};
  std::size_t count = 0;

  /// All of `r`, which is not empty, lies in one bank.
  [[nodiscard]] constexpr bool contain(const layout::range& r) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (banks[i].contains(r.base) && r.size <= banks[i].end() - r.base) return true;
    }
    return false;
  }
};

/// The most memory that a domain of this layout can have, in bytes: GUEST_RAM_MAX of Xen's layouts.
template <class Layout>
[[nodiscard]] constexpr std::uint64_t most_memory() {
  if constexpr (requires { Layout::ram1; }) {
    return Layout::ram.size + Layout::ram1.size;
  } else {
    return Layout::ram.size;
  }
}

/// The first bank (GUEST_RAM0 of Xen's layouts) is filled first, what is left over goes to the second (GUEST_RAM1).
/// \param bytes  1 to `most_memory<Layout>()`
template <class Layout>
[[nodiscard]] constexpr memory_banks memory_of(std::uint64_t bytes) {
  memory_banks memory;
  const std::uint64_t low = bytes < Layout::ram.size ? bytes : Layout::ram.size;
  memory.banks[memory.count++] = {Layout::ram.base, low};
  if constexpr (requires { Layout::ram1; }) {
    if (bytes > low) memory.banks[memory.count++] = {Layout::ram1.base, bytes - low};
  }
  return memory;
}

}  // namespace domctl
