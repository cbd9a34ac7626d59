// SPDX-License-Identifier: BSL-1.0
/// \file
/// What it costs to find the frame of an address, or that it is in none: accesses from their syndromes, by layout.
#pragma once

#include <bench/suites/layouts.hpp>
#include <bench/suites/trap_operations.hpp>

#include <memory>

namespace bench {

/// The accesses of the suite `layout`.
template <vgic::configuration C>
class layout_accesses {
  using vm = machine<C>;
  using width = vgic::width;
  using frames = typename C::layout;
  static constexpr bool v3 = vm::v3;

 public:
  /// To each frame, the first and the last of its kind, fast paths and slow ones.
  [[nodiscard]] static std::vector<register_access> inside() {
    const u64 d = vm::distributor();
    std::vector<register_access> list{{"GICD_ISENABLER", d + 0x104},
                                      {"GICD_IPRIORITYR, byte", d + 0x421, width::byte},
                                      {"GICD_PIDR2", d + id_offset}};
    if constexpr (v3) {
      list.push_back({"GICD_IROUTER", d + 0x6100, width::dword});
      add_redistributor(list, "the first vCPU", 0);
      add_redistributor(list, "the last vCPU", C::limits.vcpus - 1);
      if (const u64 nobodys = vm::redistributor(C::limits.vcpus - 1) + frames::v3.stride; owned(nobodys))
        list.push_back({"a redistributor without a vCPU", nobodys});
    }
    return list;
  }

  /// Addresses that are not the GIC's.
  [[nodiscard]] static std::vector<register_access> outside() {
    const u64 d = vm::distributor();
    u64 end = 0;
    if constexpr (v3)
      end = frames::v3.redistributors[frames::v3.regions - 1].end();
    else
      end = frames::v2.distributor.end();
    std::vector<register_access> list;
    for (const auto& a : {register_access{"address 0", 0},
                          {"the page below the distributor", d - 0x1000},
                          {"the page behind the distributor", d + distributor_size()},
                          {"the page behind the last frame", end},
                          {"an address in RAM", 0x8000'0000}})
      if (!owned(a.address)) list.push_back(a);
    return list;
  }

 private:
  static constexpr u64 id_offset = v3 ? 0xffe8 : 0xfe8;

  [[nodiscard]] static u64 distributor_size() {
    if constexpr (v3)
      return frames::v3.distributor.size;
    else
      return frames::v2.distributor.size;
  }
  [[nodiscard]] static bool owned(u64 address) {
    if (address - vm::distributor() < distributor_size()) return true;
    if constexpr (v3)
      for (u32 r = 0; r < frames::v3.regions; ++r)
        if (frames::v3.redistributors[r].contains(address)) return true;
    return false;
  }
  static void add_redistributor(std::vector<register_access>& list, const char* of, u32 v) {
    const u64 r = vm::redistributor(v);
    list.push_back({std::string("GICR_TYPER of ") + of, r + 0x8, width::dword});
    list.push_back({std::string("GICR_WAKER of ") + of, r + 0x14});
    list.push_back({std::string("GICR_ISENABLER0 of ") + of, r + 0x1'0100, width::word, 0xffff'ffff});
    list.push_back({std::string("GICR_PIDR2 of ") + of, r + 0xffe8});
  }
};

/// The suite `layout`, of configuration `C`'s. A layout that is known at run time only has its frames by now.
template <vgic::configuration C, class Meter>
[[nodiscard]] operations<Meter> layout_operations() {
  using vm = machine<C>;
  using call = typename vm::call;
  using vgic::direction;
  using vgic::trap_status;
  if constexpr (requires { C::layout::set_frames(u32{}, u64{}); })
    C::layout::set_frames(C::version::number, C::limits.vcpus);

  operations<Meter> list;
  const auto m = std::make_shared<std::unique_ptr<vm>>();
  const auto prepare = [m] {
    if (*m == nullptr) *m = std::make_unique<vm>();
    (*m)->pass(vcpu(0));
  };
  const std::string layout = "layout " + layout_name<typename C::layout>() + ": ";
  const auto add = [&](const register_access& a, direction dir, trap_status expected) {
    const char* what = expected != trap_status::handled ? "not the GIC's: "
                       : dir == direction::read         ? "read "
                                                        : "write ";
    list.push_back({.name = layout + what + a.name,
                    .run =
                        [m, s = syndrome_of(a, dir), value = a.value, expected](Meter& meter, u32 n) {
                          for (u32 i = 0; i < n; ++i) {
                            u64 x[31] = {0, 0, value};
                            must(meter(call::data_abort, (*m)->g, vcpu(0), s, x) == expected,
                                 "an address is not where its layout has it");
                          }
                        },
                    .prepare = prepare});
  };
  for (const auto& a : layout_accesses<C>::inside()) {
    add(a, direction::read, trap_status::handled);
    if (a.value != 0) add(a, direction::write, trap_status::handled);
  }
  for (const auto& a : layout_accesses<C>::outside()) add(a, direction::read, trap_status::not_gic);
  return list;
}

/// The project's own: constants, and the same at run time.
using qemu_virt_gicv3 = usual<vgic::gicv3, layout::qemu_virt, 8, 256>;
using qemu_virt_gicv2 = usual<vgic::gicv2, layout::qemu_virt, 8, 256>;
using split_gicv3 = usual<vgic::gicv3, split_layout, 8, 256>;
using run_time_gicv3 = usual<vgic::gicv3, read_at_run_time<layout::qemu_virt>, 8, 256>;
using run_time_gicv2 = usual<vgic::gicv2, read_at_run_time<layout::qemu_virt>, 8, 256>;
using run_time_split_gicv3 = usual<vgic::gicv3, read_at_run_time<split_layout>, 8, 256>;

}  // namespace bench
