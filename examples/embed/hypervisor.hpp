// SPDX-License-Identifier: BSL-1.0
/// \file
/// Stands for the hypervisor that `main.cpp` beside this file belongs to: what every hypervisor has in some form.
#pragma once

#include <vgic/types.hpp>

/// What the exception vector saved: the guest's x0..x30, where it was, and why it is here.
struct frame {
  vgic::u64 x[31];
  vgic::u64 elr;
  vgic::u64 esr, hpfar, far;
};

namespace cpu {

void interrupt(vgic::vcpu_id v);           ///< an SGI to the physical CPU that runs v; wakes it if it waits
vgic::vcpu_id running();                   ///< the vCPU that is loaded on this physical CPU, or vgic::no_vcpu
void deactivate(vgic::physical_intid id);  ///< ICC_DIR_EL1

}  // namespace cpu
