// SPDX-License-Identifier: BSL-1.0
/// \file
/// Taking interrupts by exception: a CPU unmasks them for a while, and a handler takes what comes.
#pragma once

#include "gic.hpp"

namespace guest::taking {

/// May a more urgent interrupt come while the handler runs?
enum class nesting : u32 { no, yes };

enum class happening : u32 { taken, nothing_there, lowered, ended };

struct event {
  happening what;
  gic::line by;
  u32 acknowledged;
  u32 running;  ///< running priority behind it
};

inline constexpr u32 most_events = 96;
struct record {
  u32 count;
  event events[most_events];
};

/// Of the last window of a CPU.
[[nodiscard]] const record& of(u32 cpu);

/// A job: interrupts unmasked until nothing comes any more. `depth` interrupts are active on this CPU; with three, no
/// more are let in (difference: active-interrupts-keep-list-registers).
u64 window(u64 may_nest, u64 depth, u64 separate_end);

}  // namespace guest::taking
