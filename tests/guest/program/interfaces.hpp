// SPDX-License-Identifier: BSL-1.0
/// \file
/// Steps at CPU interfaces. Each returns whether it was possible; what it did is printed.
#pragma once

#include "arch.hpp"

namespace guest::steps {

bool look();
bool take();
bool end();
bool deactivate();
bool end_elsewhere();
bool finish_line();
bool change_mask();
bool change_binary_point();
bool change_mode();
bool open_window();
bool change_power();

/// Parts of them that `drain` needs too.
void end_on(u32 cpu);
void deactivate_on(u32 cpu);
/// Interrupts unmasked on `cpu` for a while; how many events there were.
u32 window_on(u32 cpu, u32 may_nest);
void switch_on(u32 cpu);

}  // namespace guest::steps
