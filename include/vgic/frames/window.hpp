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
  /// An access of vCPU `v` by address.
  read_result read(vcpu_id v, guest_address a, width size) {
    const u64 offset = raw(a) - distributor_frame.base;
    if (offset < distributor_frame.size) [[likely]]
      return read_distributor({v, static_cast<u32>(offset), size});
    if (const u64 at = in_redistributors(a); at != nowhere) return read_redistributor(v, at, size);
    return {0, trap_status::not_gic};
  }

  trap_status write(vcpu_id v, guest_address a, width size, u64 value) {
    const u64 offset = raw(a) - distributor_frame.base;
    if (offset < distributor_frame.size) [[likely]] {
      write_register<distributor_map>(no_vcpu, {v, static_cast<u32>(offset), size}, value);
      return trap_status::handled;
    }
    const u64 at = in_redistributors(a);
    if (at == nowhere) return trap_status::not_gic;
    write_redistributor(v, at, size, value);
    return trap_status::handled;
  }

 protected:
  /// Is the address in a frame of this GIC?
  [[nodiscard]] static bool is_frame(guest_address a) {
    return distributor_frame.contains(raw(a)) || in_redistributors(a) != nowhere;
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

  template <class Map>
  static constexpr bool is_distributor = std::is_same_v<Map, distributor_map>;

  static constexpr u64 nowhere = ~u64{0};
  static constexpr u64 stride = [] {
    if constexpr (s::is_v2)
      return u64{1};
    else
      return s::layout::v3.stride;
  }();
  static_assert(s::is_v2 || ((stride & (stride - 1)) == 0 && stride >= 0x2'0000),
                "layout: the redistributor stride is a power of two and holds an RD and an SGI frame");

  /// Offset of an address in the redistributors of all regions as if they followed one another: vCPU n's begins at
  /// n * stride. What is behind the last whole redistributor of a region is at no vCPU's place.
  [[nodiscard, gnu::always_inline]] static inline u64 in_redistributors(guest_address a) {
    if constexpr (s::is_v3) {
      constexpr auto& frames = s::layout::v3;
      u64 first = 0;
      for (u32 r = 0; r < frames.regions; ++r) {
        const u64 in_region = raw(a) - frames.redistributors[r].base;
        if (in_region < frames.redistributors[r].size) {
          if (frames.redistributors[r].size % stride != 0 && in_region >= frames.capacity(r) * stride)
            return s::version::most_vcpus * stride;
          return first * stride + in_region;
        }
        first += frames.capacity(r);
      }
    }
    return nowhere;
  }

  [[gnu::noinline]] read_result read_redistributor(vcpu_id v, u64 at, width size) {
    if constexpr (s::is_v3) {
      const u64 n = at / stride;
      const u64 offset = at % stride;
      if (n >= st_.vcpus || offset >= 0x2'0000) [[unlikely]] {
        trace(v, reg::reserved, static_cast<u32>(offset), size, direction::read, 0);
        return answer(0);
      }
      const frame_access a{v, static_cast<u32>(offset & 0xffff), size};
      const vcpu_id of{static_cast<u16>(n)};
      if (!is_word(a)) [[unlikely]]
        return offset < 0x1'0000 ? read_other<rd_map>(of, a) : read_other<sgi_map>(of, a);
      auto& o = st_.vcpu[n];
      if (offset < 0x1'0000) {
        const reg what = rd_map::find(a.offset);
        return traced(what, a, this->rd_read(o, what, a.offset));
      }
      const reg what = sgi_map::find(a.offset);
      return traced(what, a, this->sgi_read(o, what, a.offset));
    }
    return answer(0);
  }

  [[gnu::noinline]] void write_redistributor(vcpu_id v, u64 at, width size, u64 value) {
    if constexpr (s::is_v3) {
      const u64 n = at / stride;
      const u32 offset = static_cast<u32>(at % stride);
      if (n >= st_.vcpus || offset >= 0x2'0000) [[unlikely]]
        return trace(v, reg::reserved, offset, size, direction::write, value);
      const vcpu_id of{static_cast<u16>(n)};
      if (offset < 0x1'0000)
        write_register<rd_map>(of, {v, offset, size}, value);
      else
        write_register<sgi_map>(of, {v, offset - 0x1'0000, size}, value);
    }
  }

  template <class Map>
  [[nodiscard]] static reg look_up(u32 offset) {
    if constexpr (is_distributor<Map> && distributor_frame.size > Map::frame_size)
      if (offset >= Map::frame_size) return reg::reserved;
    return Map::find(offset);
  }

  [[nodiscard]] static bool is_word(frame_access a) { return a.size == width::word && (a.offset & 3) == 0; }

  [[gnu::always_inline]] inline read_result read_distributor(frame_access a) {
    if (!is_word(a)) [[unlikely]]
      return read_other<distributor_map>(no_vcpu, a);
    const reg what = look_up<distributor_map>(a.offset);
    return traced(what, a, this->gicd_read(what, a));
  }

  [[gnu::always_inline]] inline read_result traced(reg what, frame_access a, read_result r) {
    trace(a.vcpu, what, a.offset, a.size, direction::read, r.value);
    return r;
  }

  template <class Map>
  [[gnu::always_inline]] inline void write_register(vcpu_id of, frame_access a, u64 value) {
    trace(a.vcpu, look_up<Map>(a.offset), a.offset, a.size, direction::write, value);
    if (is_word(a)) [[likely]] {
      const reg what = look_up<Map>(a.offset);
      if constexpr (is_distributor<Map>)
        this->gicd_write(what, a, static_cast<u32>(value), ~u32{0});
      else
        this->gicr_write(of, what, a, static_cast<u32>(value), ~u32{0});
    } else {
      write_other<Map>(of, a, value);
    }
  }

  // Bytes, halfwords and doublewords, and what is misaligned: where the register's row allows the width, a part of a
  // word, or a register of 64 bits; else refused.

  template <class Map>
  [[nodiscard]] static bool allowed(reg what, frame_access a, u32 dir) {
    const u32 need = raw(a.size) | dir;
    return (Map::how(what) & need) == need && (a.offset & (raw(a.size) - 1)) == 0;
  }
  /// A register that exists, but not in this direction.
  template <class Map>
  [[nodiscard]] static bool refused(reg what, u32 dir) {
    return Map::how(what) != 0 && (Map::how(what) & dir) == 0;
  }
  template <class Map>
  [[nodiscard]] auto& statusr_of(vcpu_id of) {
    if constexpr (is_distributor<Map>)
      return st_.statusr;
    else
      return vcpu(of).statusr;
  }

  template <class Map>
  [[gnu::noinline]] read_result read_other(vcpu_id of, frame_access a) {
    const reg what = look_up<Map>(a.offset);
    if (!allowed<Map>(what, a, access::ro)) [[unlikely]]
      return traced(what, a,
                    this->refuse_read(statusr_of<Map>(of), refused<Map>(what, access::ro) ? this->rwod : this->rrd));
    u64 value = 0;
    if (a.size == width::dword) {
      if constexpr (s::is_v3) {
        if constexpr (is_distributor<Map>)
          value = this->gicd_read_double(a);
        else
          value = this->gicr_read_double(vcpu(of), what);
      }
    } else {
      const frame_access whole{a.vcpu, a.offset & ~u32{3}, width::word};
      if constexpr (is_distributor<Map>)
        value = this->gicd_read_bytes(what, whole);
      else
        value = this->gicr_read_bytes(vcpu(of), whole);
      value = value >> (8 * (a.offset & 3)) & (a.size == width::byte ? 0xff : 0xffff);
    }
    return traced(what, a, answer(value));
  }

  template <class Map>
  [[gnu::noinline]] void write_other(vcpu_id of, frame_access a, u64 value) {
    const reg what = look_up<Map>(a.offset);
    if (!allowed<Map>(what, a, access::wo)) {
      this->record(statusr_of<Map>(of), refused<Map>(what, access::wo) ? this->wrod : this->wrd);
      return;
    }
    if (a.size == width::dword) {
      if constexpr (s::is_v3 && is_distributor<Map>) this->gicd_write_double(a, value);
      return;
    }
    const u32 lane = 8 * (a.offset & 3);
    const u32 bytes = (a.size == width::byte ? 0xffu : 0xffffu) << lane;
    const u32 word = static_cast<u32>(value << lane) & bytes;
    const frame_access whole{a.vcpu, a.offset & ~u32{3}, width::word};
    if constexpr (is_distributor<Map>)
      this->gicd_write_bytes(what, whole, word, bytes);
    else
      this->gicr_write_bytes(of, whole, word, bytes);
  }
};

}  // namespace vgic::detail
