// SPDX-License-Identifier: BSL-1.0
/// \file
/// An array of the size of each VM's state: nm says what the features cost in memory.
#include <bench/compile/configurations.hpp>

namespace {

using compiled::gicv2;
using compiled::gicv2_minimal;
using compiled::gicv3;
using compiled::gicv3_minimal;

template <class... Features>
struct gicv3_with : gicv3 {
  using features = vgic::features<Features...>;
};

}  // namespace

extern "C" {
char state_gicv3[sizeof(vgic::gic<gicv3>)];
char state_gicv3_minimal[sizeof(vgic::gic<gicv3_minimal>)];
char state_gicv3_without_one_of_n[sizeof(vgic::gic<gicv3_with<vgic::message_spis, vgic::status_registers>>)];
char state_gicv3_without_message_spis[sizeof(vgic::gic<gicv3_with<vgic::status_registers, vgic::one_of_n>>)];
char state_gicv3_without_status_registers[sizeof(vgic::gic<gicv3_with<vgic::message_spis, vgic::one_of_n>>)];
char state_gicv2[sizeof(vgic::gic<gicv2>)];
char state_gicv2_minimal[sizeof(vgic::gic<gicv2_minimal>)];
}
