// SPDX-License-Identifier: BSL-1.0
/// \file
/// What calls of the host come back with.
#pragma once

#include <vgic/types.hpp>

namespace vgic {

/// Outcome of a call by the host.
enum class [[nodiscard]] result : u8{
    ok,
    no_such_interrupt,  ///< the INTID is not one that this VM has, or not of the kind asked for
    no_such_vcpu,       ///< the VM has not so many vCPUs
    bad_limits,         ///< start() asked for more than the configuration has, or for what the architecture forbids
    bad_layout,         ///< start(): the layout of the machine is not set (layout::host), or has no room for the vCPUs
};

/// Outcome of a trap that was handed in.
enum class [[nodiscard]] trap_status : u8{
    handled,      ///< done; the guest goes on behind the instruction
    not_gic,      ///< neither a GIC frame nor a GIC register of this configuration: the host's business
    undecodable,  ///< a GIC frame, but the syndrome does not say what was accessed (ISV = 0 and the like)
};

}  // namespace vgic
