// SPDX-License-Identifier: BSL-1.0
/// \file
/// All of the emulator.
#pragma once

#include <layout/diagnostics.hpp>  // these two before all others: the first says why
#include <vgic/affinity_rules.hpp>

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>
#include <vgic/backend/gich.hpp>
#include <vgic/backend/ich.hpp>
#include <vgic/backend/simulated.hpp>
#include <vgic/gic.hpp>
