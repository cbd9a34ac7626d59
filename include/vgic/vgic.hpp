// SPDX-License-Identifier: BSL-1.0
/// \file
/// All of the emulator.
#pragma once

#include <layout/diagnostics.hpp>  // before all others: it says why

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>
#include <vgic/backend/gich.hpp>
#include <vgic/backend/ich.hpp>
#include <vgic/backend/simulated.hpp>
#include <vgic/gic.hpp>
