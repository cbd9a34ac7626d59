// SPDX-License-Identifier: BSL-1.0
/// \file
/// From a guest-physical address to the frame, the register and its handler, and what becomes of an access that the
/// register does not allow. Every address inside a frame, every width and direction has an answer.
#pragma once

#include <vgic/frames/gicd_v2.hpp>
#include <vgic/frames/gicr.hpp>
#include <vgic/result.hpp>

#include <type_traits>

namespace vgic::detail {

template <configuration C>
using frames_of = std::conditional_t<settings<C>::is_v2, gicd_v2<C>, gicr<C>>;

template <configuration C>
class windows : public frames_of<C> {
 protected:
  using base = frames_of<C>;
  using typename base::s;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using distributor_map = typename s::version::template distributor_map<typename s::features>;
  using rd_map = gicr_rd_map<typename s::features>;
  using sgi_map = gicr_sgi_map<typename s::features>;

 public:
  /// An access of vCPU `v` by address. `value` of a read is what the register gives, zero extended.
  trap_status read(vcpu_id v, guest_address a, width size, u64& value) {
    const u64 offset = raw(a) - distributor_frame.base;
    if (offset < distributor_frame.size) [[likely]] {
      value = read_register<distributor_map>(no_vcpu, {v, static_cast<u32>(offset), size});
      return trap_status::handled;
    }
    if constexpr (s::is_v3) {
      const redistributor_place r = find_redistributor(a);
      switch (r.frame) {
        case frame_kind::none: return trap_status::not_gic;
        case frame_kind::rd: value = read_register<rd_map>(r.of, {v, r.offset, size}); break;
        case frame_kind::sgi: value = read_register<sgi_map>(r.of, {v, r.offset, size}); break;
        case frame_kind::nobodys:
          value = 0;
          trace(v, reg::reserved, r.offset, size, direction::read, 0);
          break;
      }
      return trap_status::handled;
    } else {
      return trap_status::not_gic;
    }
  }

  trap_status write(vcpu_id v, guest_address a, width size, u64 value) {
    const u64 offset = raw(a) - distributor_frame.base;
    if (offset < distributor_frame.size) [[likely]] {
      write_register<distributor_map>(no_vcpu, {v, static_cast<u32>(offset), size}, value);
      return trap_status::handled;
    }
    if constexpr (s::is_v3) {
      const redistributor_place r = find_redistributor(a);
      switch (r.frame) {
        case frame_kind::none: return trap_status::not_gic;
        case frame_kind::rd: write_register<rd_map>(r.of, {v, r.offset, size}, value); break;
        case frame_kind::sgi: write_register<sgi_map>(r.of, {v, r.offset, size}, value); break;
        case frame_kind::nobodys: trace(v, reg::reserved, r.offset, size, direction::write, value); break;
      }
      return trap_status::handled;
    } else {
      return trap_status::not_gic;
    }
  }

 protected:
  /// Is the address in a frame of this GIC?
  [[nodiscard]] bool is_frame(guest_address a) const {
    if (distributor_frame.contains(raw(a))) return true;
    if constexpr (s::is_v3) return find_redistributor(a).frame != frame_kind::none;
    return false;
  }

  void trace(vcpu_id v, reg what, u32 offset, width size, direction dir, u64 value) {
    if constexpr (traces_accesses<typename s::host>) host_.on_access({v, what, offset, size, dir, value});
  }

 private:
  static constexpr layout::range distributor_frame = [] {
    if constexpr (s::is_v2)
      return s::layout::v2.distributor;
    else
      return s::layout::v3.distributor;
  }();

  /// `nobodys`: inside a region, but of no vCPU's redistributor, or behind its two frames.
  enum class frame_kind : u8 { none, rd, sgi, nobodys };
  struct redistributor_place {
    frame_kind frame;
    vcpu_id of;
    u32 offset;
  };

  [[nodiscard]] redistributor_place find_redistributor(guest_address a) const {
    constexpr auto& frames = s::layout::v3;
    static_assert((frames.stride & (frames.stride - 1)) == 0 && frames.stride >= 0x2'0000,
                  "layout: the redistributor stride is a power of two and holds an RD and an SGI frame");
    u64 first = 0;
    for (u32 r = 0; r < frames.regions; ++r) {
      const u64 in_region = raw(a) - frames.redistributors[r].base;
      if (in_region < frames.redistributors[r].size) {
        const u64 n = first + in_region / frames.stride;
        const u32 at = static_cast<u32>(in_region % frames.stride);
        if (n >= st_.vcpus || in_region / frames.stride >= frames.capacity(r) || at >= 0x2'0000)
          return {frame_kind::nobodys, no_vcpu, at};
        return {at < 0x1'0000 ? frame_kind::rd : frame_kind::sgi, vcpu_id{static_cast<u16>(n)}, at & 0xffff};
      }
      first += frames.capacity(r);
    }
    return {frame_kind::none, no_vcpu, 0};
  }

  template <class Map>
  static constexpr bool is_distributor = std::is_same_v<Map, distributor_map>;

  template <class Map>
  [[nodiscard]] static reg look_up(u32 offset) {
    if constexpr (is_distributor<Map> && distributor_frame.size > Map::frame_size)
      if (offset >= Map::frame_size) return reg::reserved;
    return Map::find(offset);
  }

  /// Does the register's row allow the access: direction, width, alignment?
  template <class Map>
  [[nodiscard]] static bool allowed(reg what, const frame_access& a, u32 dir) {
    const u32 need = raw(a.size) | dir;
    return (Map::how(what) & need) == need && (a.offset & (raw(a.size) - 1)) == 0;
  }

  /// Reads as zero, is not written; GICD_STATUSR or GICR_STATUSR remembers it.
  template <class Map>
  [[gnu::noinline]] void refuse(vcpu_id of, reg what, direction dir) {
    if constexpr (is_distributor<Map>)
      this->record(st_.statusr, what, Map::how(what), dir);
    else
      this->record(vcpu(of).statusr, what, Map::how(what), dir);
  }

  template <class Map>
  [[nodiscard]] u64 read_register(vcpu_id of, const frame_access& a) {
    const reg what = look_up<Map>(a.offset);
    u64 value = 0;
    if (allowed<Map>(what, a, access::ro)) [[likely]] {
      if constexpr (is_distributor<Map>)
        value = this->gicd_read(what, a);
      else
        value = this->gicr_read(of, what, a);
      if (raw(a.size) < 4)
        value = value >> (8 * (a.offset & 3)) & (raw(a.size) == 1 ? 0xff : 0xffff);
      else if (raw(a.size) == 4)
        value &= 0xffff'ffffu;
    } else {
      refuse<Map>(of, what, direction::read);
    }
    trace(a.vcpu, what, a.offset, a.size, direction::read, value);
    return value;
  }

  template <class Map>
  void write_register(vcpu_id of, const frame_access& a, u64 value) {
    const reg what = look_up<Map>(a.offset);
    trace(a.vcpu, what, a.offset, a.size, direction::write, value);
    if (!allowed<Map>(what, a, access::wo)) [[unlikely]]
      return refuse<Map>(of, what, direction::write);
    u32 bytes = ~u32{0};
    if (raw(a.size) < 4) {
      const u32 lane = 8 * (a.offset & 3);
      bytes = (raw(a.size) == 1 ? 0xffu : 0xffffu) << lane;
      value = value << lane & bytes;
    }
    if constexpr (!is_distributor<Map>)
      this->gicr_write(of, what, a, static_cast<u32>(value), bytes);
    else if constexpr (s::is_v2)
      this->gicd_write(what, a, static_cast<u32>(value), bytes);
    else
      this->gicd_write(what, a, value, bytes);
  }
};

}  // namespace vgic::detail
