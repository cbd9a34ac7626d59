// SPDX-License-Identifier: BSL-1.0
/// \file
/// Instructions and read-modify-writes of the suites' operations, for programs that link vgic::bench-count.
#pragma once

#include <bench/count/counting.hpp>
#include <bench/suites/delivery_operations.hpp>
#include <bench/suites/layout_operations.hpp>
#include <bench/suites/replay_operations.hpp>
#include <bench/suites/scale_operations.hpp>
#include <bench/suites/trap_operations.hpp>

namespace bench {

/// Which suites, to be combined with `|`.
enum class suites : vgic::u8 { trap = 1, delivery = 2, scale = 4, replay = 8, layout = 16, all = 31 };
[[nodiscard]] constexpr suites operator|(suites a, suites b) {
  return suites{static_cast<vgic::u8>(static_cast<vgic::u8>(a) | static_cast<vgic::u8>(b))};
}
[[nodiscard]] constexpr bool has(suites all, suites one) {
  return (static_cast<vgic::u8>(all) & static_cast<vgic::u8>(one)) != 0;
}

/// An object of this has the program count these suites of configuration `C`, under the name given.
template <vgic::configuration C, suites Which = suites::all>
class count {
  using instructions = on_memory<C>;
  using locked = with_counted_atomics<on_memory<C>>;

 public:
  explicit count(const std::string& name) : name_(name) {
    if constexpr (has(Which, suites::trap))
      add("trap", trap_operations<instructions, counting>(), trap_operations<locked, counting>());
    if constexpr (has(Which, suites::delivery))
      add("delivery", delivery_operations<instructions, counting>(), delivery_operations<locked, counting>());
    if constexpr (has(Which, suites::scale))
      add("scale", scale_operations<instructions, counting>(), scale_operations<locked, counting>());
    if constexpr (has(Which, suites::replay))
      add("replay", replay_operations<instructions, counting>(), replay_operations<locked, counting>());
    if constexpr (has(Which, suites::layout))
      add("layout", layout_operations<instructions, counting>(), layout_operations<locked, counting>());
  }

 private:
  void add(const std::string& suite, const operations<counting>& plain, const operations<counting>& with_rmws) {
    for (std::size_t i = 0; i < plain.size(); ++i)
      to_be_counted().push_back(
          {.configuration = name_, .suite = suite, .instructions = plain[i], .rmws = with_rmws[i], .rmw_count = [] {
             return locked::atomics::rmws;
           }});
  }

  std::string name_;
};

}  // namespace bench
