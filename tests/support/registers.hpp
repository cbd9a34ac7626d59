// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the register tests share: accesses by frame and offset, configurations with names, and the map of every frame
/// as the architecture has it, written down once more, independently of the library's rows.
#pragma once

#include "support/vm.hpp"

#include <array>
#include <memory>

namespace tests {

// Configurations. Their short names become part of the names of tests.

using v2 = config<gicv2>;
using v3 = config<gicv3>;
using v3_plain = config<gicv3, features<>>;
using v2_plain = config<gicv2, features<>>;

/// Two redistributor regions, of two and of six redistributors, at a distance.
struct split_layout {
  static constexpr layout::gicv3_frames<2> v3{
      .distributor = {0x1000'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x1100'0000, 0x4'0000}, {0x1200'0000, 0xc'0000}},
  };
};
using v3_split = config<gicv3, all_features, 4, 8, 64, split_layout>;

/// Frames larger than their registers: a distributor of 128 KiB, and the stride of a GICv4, where the last 128 KiB of
/// each redistributor are nobody's, and the last redistributor too when there are four vCPUs.
struct sparse_layout {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x1000'0000, 0x2'0000},
      .stride = 0x4'0000,
      .redistributors = {{0x1100'0000, 0x14'0000}},
  };
};
using v3_sparse = config<gicv3, all_features, 4, 4, 64, sparse_layout>;

/// One access each; a failed answer must not stop the test, so all of them give a value.
template <class Config>
struct guest : machine_under_test<Config> {
  using base = machine_under_test<Config>;
  using base::base;
  using base::gicd;

  u64 d(u32 offset, width w = width::word, u32 v = 0) { return base::load(vcpu(v), gicd + offset, w); }
  void d_write(u32 offset, u64 value, width w = width::word, u32 v = 0) {
    base::store(vcpu(v), gicd + offset, value, w);
  }
  /// RD frame and SGI frame of vCPU `of`'s redistributor, accessed by `of` itself.
  u64 rd_read(u32 of, u32 offset, width w = width::word) { return base::load(vcpu(of), base::rd(of) + offset, w); }
  void rd_write(u32 of, u32 offset, u64 value, width w = width::word) {
    base::store(vcpu(of), base::rd(of) + offset, value, w);
  }
  u64 sgi_read(u32 of, u32 offset, width w = width::word) {
    return base::load(vcpu(of), base::sgi_frame(of) + offset, w);
  }
  void sgi_write(u32 of, u32 offset, u64 value, width w = width::word) {
    base::store(vcpu(of), base::sgi_frame(of) + offset, value, w);
  }
};

// The frames, from IHI 0048B 4.1.2 and IHI 0069 12.8, 12.10, 12.11.

enum : u8 { is_byte = 1, is_half = 2, is_word = 4, is_dword = 8 };
enum class kind : u8 {
  rw,
  ro,
  wo,
  zero,  ///< a register that this GIC defines as RAZ/WI
};

/// Registers at [first, end), with the widths they may be accessed in.
struct known_register {
  const char* name;
  u32 first;
  u32 end;
  kind what;
  u8 widths;
};

/// The register at `offset`, or none.
template <std::size_t N>
[[nodiscard]] const known_register* find_register(const std::array<known_register, N>& frame, u32 offset) {
  for (const known_register& r : frame)
    if (r.name != nullptr && offset >= r.first && offset < r.end) return &r;
  return nullptr;
}
template <std::size_t N>
const known_register* find_register(const std::array<known_register, N>&&, u32) = delete;

/// May the register be read (written) so?
[[nodiscard]] inline bool is_legal(const known_register* r, u32 offset, width w, direction dir) {
  if (r == nullptr || (r->widths & raw(w)) == 0 || offset % raw(w) != 0) return false;
  return dir == direction::read ? r->what != kind::wo : r->what != kind::ro;
}

/// Does the access do or answer anything? A legal one to a RAZ/WI register does not.
[[nodiscard]] inline bool is_live(const known_register* r, u32 offset, width w, direction dir) {
  return is_legal(r, offset, w, dir) && r->what != kind::zero;
}

inline constexpr u8 is_bhw = is_byte | is_half | is_word;
inline constexpr u8 is_bw = is_byte | is_word;
inline constexpr u8 is_wd = is_word | is_dword;

inline constexpr std::array<known_register, 19> gicv2_distributor{{
    {"CTLR", 0x000, 0x004, kind::rw, is_word},          {"TYPER", 0x004, 0x008, kind::ro, is_word},
    {"IIDR", 0x008, 0x00c, kind::ro, is_word},          {"IGROUPR", 0x080, 0x100, kind::rw, is_word},
    {"ISENABLER", 0x100, 0x180, kind::rw, is_word},     {"ICENABLER", 0x180, 0x200, kind::rw, is_word},
    {"ISPENDR", 0x200, 0x280, kind::rw, is_word},       {"ICPENDR", 0x280, 0x300, kind::rw, is_word},
    {"ISACTIVER", 0x300, 0x380, kind::rw, is_word},     {"ICACTIVER", 0x380, 0x400, kind::rw, is_word},
    {"IPRIORITYR", 0x400, 0x7fc, kind::rw, is_bhw},     {"ITARGETSR0-7", 0x800, 0x820, kind::rw, is_bhw},
    {"ITARGETSR", 0x820, 0xbfc, kind::rw, is_bhw},      {"ICFGR", 0xc00, 0xd00, kind::rw, is_word},
    {"NSACR", 0xe00, 0xf00, kind::zero, is_word},       {"SGIR", 0xf00, 0xf04, kind::wo, is_word},
    {"CPENDSGIR", 0xf10, 0xf20, kind::rw, is_bhw},      {"SPENDSGIR", 0xf20, 0xf30, kind::rw, is_bhw},
    {"ID registers", 0xfd0, 0x1000, kind::ro, is_word},
}};

template <class Features>
inline constexpr auto gicv3_distributor = [] {
  constexpr bool messages = Features::template has<message_spis>;
  constexpr bool status = Features::template has<status_registers>;
  return std::array<known_register, 24>{{
      {"CTLR", 0x0000, 0x0004, kind::rw, is_word},
      {"TYPER", 0x0004, 0x0008, kind::ro, is_word},
      {"IIDR", 0x0008, 0x000c, kind::ro, is_word},
      {"TYPER2", 0x000c, 0x0010, kind::ro, is_word},
      {status ? "STATUSR" : nullptr, 0x0010, 0x0014, kind::rw, is_word},
      {messages ? "SETSPI_NSR" : nullptr, 0x0040, 0x0044, kind::wo, is_half | is_word},
      {messages ? "CLRSPI_NSR" : nullptr, 0x0048, 0x004c, kind::wo, is_half | is_word},
      {"IGROUPR", 0x0080, 0x0100, kind::rw, is_word},
      {"ISENABLER", 0x0100, 0x0180, kind::rw, is_word},
      {"ICENABLER", 0x0180, 0x0200, kind::rw, is_word},
      {"ISPENDR", 0x0200, 0x0280, kind::rw, is_word},
      {"ICPENDR", 0x0280, 0x0300, kind::rw, is_word},
      {"ISACTIVER", 0x0300, 0x0380, kind::rw, is_word},
      {"ICACTIVER", 0x0380, 0x0400, kind::rw, is_word},
      {"IPRIORITYR", 0x0400, 0x07fc, kind::rw, is_bw},
      {"ITARGETSR", 0x0800, 0x0bfc, kind::zero, is_bw},
      {"ICFGR", 0x0c00, 0x0d00, kind::rw, is_word},
      {"IGRPMODR", 0x0d00, 0x0d80, kind::zero, is_word},
      {"NSACR", 0x0e00, 0x0f00, kind::zero, is_word},
      {"SGIR", 0x0f00, 0x0f04, kind::wo, is_word},
      {"CPENDSGIR", 0x0f10, 0x0f20, kind::zero, is_bw},
      {"SPENDSGIR", 0x0f20, 0x0f30, kind::zero, is_bw},
      {"IROUTER", 0x6100, 0x7fe0, kind::rw, is_wd},
      {"ID registers", 0xffd0, 0x1'0000, kind::ro, is_word},
  }};
}();

template <class Features>
inline constexpr auto redistributor_frame = [] {
  constexpr bool status = Features::template has<status_registers>;
  return std::array<known_register, 11>{{
      {"CTLR", 0x0000, 0x0004, kind::rw, is_word},
      {"IIDR", 0x0004, 0x0008, kind::ro, is_word},
      {"TYPER", 0x0008, 0x0010, kind::ro, is_wd},
      {status ? "STATUSR" : nullptr, 0x0010, 0x0014, kind::rw, is_word},
      {"WAKER", 0x0014, 0x0018, kind::rw, is_word},
      {"SETLPIR, CLRLPIR", 0x0040, 0x0050, kind::zero, is_wd},
      {"PROPBASER, PENDBASER", 0x0070, 0x0080, kind::zero, is_wd},
      {"INVLPIR", 0x00a0, 0x00a8, kind::zero, is_wd},
      {"INVALLR", 0x00b0, 0x00b8, kind::zero, is_wd},
      {"SYNCR", 0x00c0, 0x00c4, kind::zero, is_wd},
      {"ID registers", 0xffd0, 0x1'0000, kind::ro, is_word},
  }};
}();

inline constexpr std::array<known_register, 11> sgi_frame_registers{{
    {"IGROUPR0", 0x0080, 0x0084, kind::rw, is_word},
    {"ISENABLER0", 0x0100, 0x0104, kind::rw, is_word},
    {"ICENABLER0", 0x0180, 0x0184, kind::rw, is_word},
    {"ISPENDR0", 0x0200, 0x0204, kind::rw, is_word},
    {"ICPENDR0", 0x0280, 0x0284, kind::rw, is_word},
    {"ISACTIVER0", 0x0300, 0x0304, kind::rw, is_word},
    {"ICACTIVER0", 0x0380, 0x0384, kind::rw, is_word},
    {"IPRIORITYR0-7", 0x0400, 0x0420, kind::rw, is_bw},
    {"ICFGR0-1", 0x0c00, 0x0c08, kind::rw, is_word},
    {"IGRPMODR0", 0x0d00, 0x0d04, kind::zero, is_word},
    {"NSACR", 0x0e00, 0x0e04, kind::zero, is_word},
}};

}  // namespace tests
