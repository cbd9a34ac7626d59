// SPDX-License-Identifier: BSL-1.0
/// \file
/// Random numbers that the seed determines (splitmix64). CPU 0 alone draws.
#pragma once

#include "arch.hpp"

namespace guest {

class random_source {
 public:
  constexpr void seed(u64 value) { state_ = value; }
  /// 0..bound-1
  [[nodiscard]] u32 below(u32 bound) {
    state_ += 0x9e37'79b9'7f4a'7c15;
    u64 z = state_;
    z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
    return static_cast<u32>(((z ^ z >> 31) >> 32) * bound >> 32);
  }
  [[nodiscard]] bool one_in(u32 n) { return below(n) == 0; }

 private:
  u64 state_ = 0;
};

inline constinit random_source draw{};

}  // namespace guest
