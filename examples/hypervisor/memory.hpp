// SPDX-License-Identifier: BSL-1.0
// Translation: EL2's own (stage 1) and the guest's (stage 2).
#pragma once

#include "machine.hpp"

namespace hv {

/// What the loader wrote, copied before the MMU is on.
extern machine::boot_parameters boot;

/// Makes the guest's map: its RAM and the devices that it drives itself. The GIC's frames stay out of it, so that each
/// access to them traps with a translation fault and HPFAR_EL2 tells where; a GICv2's CPU interface is the hardware's.
void build_guest_map();

/// This CPU translates the guest's addresses with the guest's map from its next ERET on.
void use_guest_map();

}  // namespace hv
