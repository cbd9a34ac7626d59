// SPDX-License-Identifier: BSL-1.0
/// \file
/// From a guest-physical address to the frame, the register and its handler, and what becomes of an access that the
/// register does not allow. Every address inside a frame, every width and direction has an answer.
///
/// `read` and `write` look for what guests do all the time: a word in the first 4 KiB of the distributor, or of a frame
/// of a redistributor in the first region. The index of that word is the address less the frame's base, rotated right
/// by two: an address that is misaligned or outside becomes a large number, so that one compare answers for all of it.
/// Anything else goes through `read_other` and `write_other`, which take every frame, offset and width.
#pragma once

#include <vgic/frames/gicd_v2.hpp>
#include <vgic/frames/gicr.hpp>
#include <vgic/frames/placement.hpp>
#include <vgic/result.hpp>

#include <type_traits>

namespace vgic::detail {

template <configuration C>
using frames_of = std::conditional_t<settings<C>::is_v2, gicd_v2<C>, gicr<C>>;

template <configuration C>
class windows : public frames_of<C> {
 protected:
  using base = frames_of<C>;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::s;
  using frames = placement<C>;

 public:
  /// Is the address in a frame of this GIC?
  [[nodiscard]] static bool owns(guest_address a) {
    return frames::distributor().contains(raw(a)) || in_redistributors(a) != nowhere;
  }

  /// A read by vCPU `v`, zero extended; 0 where this GIC owns nothing.
  [[nodiscard]] u64 read(vcpu_id v, guest_address a, width size) {
    if (size != width::word) [[unlikely]]
      return size == width::dword ? read_double(v, a) : read_part(v, a, size);
    const u64 distributor_word = word_index(a, frames::distributor().base);
    if (distributor_word < low_words) [[likely]] {
      const u32 word = static_cast<u32>(distributor_word);
      return traced(find_low(distributor_map{}, word), {v, word * 4, size},
                    this->gicd_read(base::slots.items[distributor_word], v, word));
    }
    if constexpr (s::is_v3) {
      const u64 word = word_index(a, frames::first_redistributor());
      if (word < st_.redistributor_words) {
        if ((word & not_low()) != 0) [[unlikely]]
          return read_rd_high(v, word);
        const u64 n = frames::strides_in_words(word);
        const u64 low = word % low_words;
        const frame_access f{v, static_cast<u32>(low * 4), size};
        if ((word & sgi_frame_word) != 0) {
          const u8 slot = base::sgi_map::find_low(low);
          return traced(base::sgi_map::group(slot), f, this->sgi_read(n, slot, low));
        }
        const u8 slot = base::rd_map::find_low(low);
        return traced(base::rd_map::group(slot), f, this->rd_read(n, slot, low));
      }
      if (distributor_word < frames::distributor().size / 4)
        return read_high(v, static_cast<u32>(distributor_word * 4));
    }
    return read_other(v, a, size);
  }

  /// A write by vCPU `v`; nothing where this GIC owns nothing.
  void write(vcpu_id v, guest_address a, width size, u64 value) {
    if (size == width::word) [[likely]] {
      if (const u64 word = word_index(a, frames::distributor().base); word < low_words) [[likely]] {
        const u32 n = static_cast<u32>(word);
        trace(v, find_low(distributor_map{}, n), n * 4, size, direction::write, value);
        return this->gicd_write(base::slots.items[word], v, n, static_cast<u32>(value), ~u32{0});
      }
    } else if (s::is_v3 && size == width::dword) {
      return write_double(v, a, value);
    }
    write_other(v, a, size, value);
  }

 protected:
  void trace(vcpu_id v, reg what, u32 offset, width size, direction dir, u64 value) {
    if constexpr (traces_accesses<typename s::host>) host_.on_access({v, what, offset, size, dir, value});
  }

 private:
  using distributor_map = typename s::version::template distributor_map<typename s::features>;
  template <class Map>
  static constexpr bool is_distributor = std::is_same_v<Map, distributor_map>;

  static constexpr u32 low_words = distributor_map::low_words;
  static constexpr u64 sgi_frame_word = 0x1'0000 / 4;
  /// Bits of a word index inside a redistributor that say that it is not in the first 4 KiB of one of its frames.
  [[nodiscard]] static constexpr u64 not_low() {
    return (frames::stride() / 4 - 1) & ~(sgi_frame_word | (low_words - 1));
  }

  [[nodiscard, gnu::always_inline]] static inline u64 word_index(guest_address a, u64 frame) {
    const u64 offset = raw(a) - frame;
    return offset >> 2 | offset << 62;
  }

  static constexpr u64 nowhere = ~u64{0};
  /// IROUTER of INTID 32, and all of them.
  static constexpr u32 first_irouter = 0x6100;
  static constexpr u32 irouter_bytes = 988 * 8;

  /// Offset of an address in the redistributors of all regions as if they followed one another: vCPU n's begins at
  /// n * stride. What is behind the last whole redistributor of a region is at no vCPU's place.
  [[nodiscard]] static u64 in_redistributors(guest_address a) {
    if constexpr (s::is_v3) {
      u64 at = nowhere;
      frames::each_region([&](u64 first, u64 capacity, layout::range region) {
        const u64 in_region = raw(a) - region.base;
        if (in_region >= region.size) return false;
        const u64 stride = frames::stride();
        at = in_region < capacity * stride ? first * stride + in_region : s::version::most_vcpus * stride;
        return true;
      });
      return at;
    }
    return nowhere;
  }

  /// For a trace: the group of a word of the first 4 KiB.
  template <class Map>
  [[nodiscard]] static reg find_low(Map, u32 word) {
    return traces_accesses<typename s::host> ? Map::find_low_group(word) : reg::reserved;
  }

  [[nodiscard, gnu::always_inline]] inline u64 traced(reg what, frame_access f, u64 value) {
    trace(f.vcpu, what, f.offset, f.size, direction::read, value);
    return value;
  }

  // --- the upper 60 KiB of a GICv3's distributor; 64 bits: IROUTER and GICR_TYPER; bytes: priorities ---

  [[nodiscard, gnu::noinline]] u64 read_high(vcpu_id v, u32 offset) {
    const frame_access f{v, offset, width::word};
    if (offset - first_irouter < irouter_bytes) [[likely]]
      return traced(reg::gicd_irouter, f, this->read_irouter_half(offset));
    if (offset - 0xffd0 < 0x30) return traced(reg::gicd_id, f, this->template read_id<0x92>(offset));
    return traced(reg::reserved, f, this->refuse_distributor_read(base::rrd));
  }

  /// The same of a redistributor: RD frame's identification registers, or nothing.
  [[nodiscard, gnu::noinline]] u64 read_rd_high(vcpu_id v, u64 word) {
    const u32 offset = static_cast<u32>(frames::words_within_stride(word)) * 4;
    const frame_access f{v, offset & 0xffff, width::word};
    if (offset - 0xffd0 < 0x30) return traced(reg::gicr_id, f, this->template read_id<0x93>(offset));
    if (offset >= 0x2'0000) return traced(reg::reserved, f, 0);
    return traced(reg::reserved, f, this->refuse_read(st_.vcpu[frames::strides_in_words(word)].statusr, base::rrd));
  }

  [[nodiscard, gnu::noinline]] u64 read_double(vcpu_id v, guest_address a) {
    if constexpr (s::is_v3) {
      const u64 at = raw(a) - frames::first_redistributor() - 8;
      if (frames::within_stride(at) == 0 && at / 4 < st_.redistributor_words)
        return traced(reg::gicr_typer, {v, 8, width::dword}, st_.vcpu[frames::strides_in(at)].typer);
      const u64 offset = raw(a) - frames::distributor().base - first_irouter;
      if (offset < irouter_bytes && (offset & 7) == 0) [[likely]] {
        const frame_access f{v, static_cast<u32>(offset + first_irouter), width::dword};
        return traced(reg::gicd_irouter, f, this->gicd_read_double(f.offset));
      }
    }
    return read_other(v, a, width::dword);
  }

  [[gnu::noinline]] void write_double(vcpu_id v, guest_address a, u64 value) {
    if constexpr (s::is_v3) {
      const u64 offset = raw(a) - frames::distributor().base - first_irouter;
      if (offset < irouter_bytes && (offset & 7) == 0) [[likely]] {
        const frame_access f{v, static_cast<u32>(offset + first_irouter), width::dword};
        trace(v, reg::gicd_irouter, f.offset, f.size, direction::write, value);
        return this->gicd_write_double(f.offset, value);
      }
    }
    write_other(v, a, width::dword, value);
  }

  [[nodiscard, gnu::noinline]] u64 read_part(vcpu_id v, guest_address a, width size) {
    if (size == width::byte) {
      const u64 offset = raw(a) - frames::distributor().base;
      if (offset < u64{low_words} * 4) {
        const reg what = distributor_map::find_low_group(offset / 4);
        const frame_access f{v, static_cast<u32>(offset), size};
        if (what == reg::gicd_ipriorityr) [[likely]]
          return traced(what, f,
                        this->gicd_read_part(what, v, static_cast<u32>(offset / 4)) >> (8 * (offset & 3)) & 0xff);
        constexpr u32 byte_read = access::ro | access::b;
        if (s::is_v3 && (distributor_map::how(what) & byte_read) == byte_read) return traced(what, f, 0);
      }
      if constexpr (s::is_v3) {
        const u64 at = raw(a) - frames::first_redistributor();
        const u32 i = static_cast<u32>(frames::within_stride(at) - 0x1'0400);
        if (at / 4 < st_.redistributor_words && i < 32) {
          const u32 word = base::atomics::load(st_.vcpu[frames::strides_in(at)].priorities[i / 4]);
          return traced(reg::gicr_ipriorityr, {v, i + 0x400, size}, word >> (8 * (i & 3)) & 0xff);
        }
      }
    }
    return read_other(v, a, size);
  }

  // --- everything ---

  /// Calls `f` with the map, the vCPU of the redistributor (or no_vcpu) and the offset of the frame that holds `a`.
  template <class F>
  [[gnu::always_inline]] inline void find_frame(guest_address a, F f) {
    if (const u64 offset = raw(a) - frames::distributor().base; offset < frames::distributor().size)
      return f(distributor_map{}, no_vcpu, static_cast<u32>(offset));
    if constexpr (s::is_v3) {
      const u64 at = in_redistributors(a);
      if (at == nowhere) return;
      const u32 offset = static_cast<u32>(frames::within_stride(at));
      const vcpu_id of{static_cast<u16>(frames::strides_in(at))};
      if (raw(of) >= st_.vcpus || offset >= 0x2'0000) return f(nobodys{}, no_vcpu, offset);
      if (offset < 0x1'0000) return f(typename base::rd_map{}, of, offset);
      return f(typename base::sgi_map{}, of, offset & 0xffff);
    }
  }
  /// In a region, but in no frame of a vCPU's redistributor.
  struct nobodys {};

  [[nodiscard, gnu::noinline]] u64 read_other(vcpu_id v, guest_address a, width size) {
    u64 value = 0;
    find_frame(
        a, [&]<class Map>(Map, vcpu_id of, u32 offset) __attribute__((always_inline)) {
          const frame_access f{v, offset, size};
          reg what = reg::reserved;
          if constexpr (!std::is_same_v<Map, nobodys>) {
            what = look_up<Map>(offset);
            value = read_register<Map>(of, what, f);
          }
          trace(v, what, offset, size, direction::read, value);
        });
    return value;
  }

  [[gnu::noinline]] void write_other(vcpu_id v, guest_address a, width size, u64 value) {
    find_frame(
        a, [&]<class Map>(Map, vcpu_id of, u32 offset) __attribute__((always_inline)) {
          const frame_access f{v, offset, size};
          if constexpr (std::is_same_v<Map, nobodys>) {
            trace(v, reg::reserved, offset, size, direction::write, value);
          } else {
            const reg what = look_up<Map>(offset);
            trace(v, what, offset, size, direction::write, value);
            write_register<Map>(of, what, f, value);
          }
        });
  }

  template <class Map>
  [[nodiscard]] static reg look_up(u32 offset) {
    if constexpr (is_distributor<Map>)
      if (frames::distributor().size > Map::frame_size && offset >= Map::frame_size) return reg::reserved;
    return Map::find(offset);
  }

  /// Does the register's row allow the access: direction, width, alignment?
  template <class Map>
  [[nodiscard]] static bool allowed(reg what, frame_access f, u32 dir) {
    const u32 need = raw(f.size) | dir;
    return (Map::how(what) & need) == need && (f.offset & (raw(f.size) - 1)) == 0;
  }
  /// STATUSR's bit for an access that is not: the register exists, but not in this direction; or there is none.
  template <class Map>
  [[nodiscard]] static auto misuse(reg what, u32 dir) {
    const bool wrong_direction = Map::how(what) != 0 && (Map::how(what) & dir) == 0;
    if (dir == access::ro) return wrong_direction ? base::rwod : base::rrd;
    return wrong_direction ? base::wrod : base::wrd;
  }
  template <class Map>
  [[nodiscard]] auto& statusr_of(vcpu_id of) {
    if constexpr (is_distributor<Map>)
      return st_.statusr;
    else
      return vcpu(of).statusr;
  }

  template <class Map>
  [[nodiscard]] u64 read_register(vcpu_id of, reg what, frame_access f) {
    if (!allowed<Map>(what, f, access::ro)) {
      this->record(statusr_of<Map>(of), misuse<Map>(what, access::ro));
      return 0;
    }
    u64 value = 0;
    if constexpr (is_distributor<Map>) {  // its words are read above
      if constexpr (s::is_v3)
        if (f.size == width::dword) return this->gicd_read_double(f.offset);
      value = this->gicd_read_part(what, f.vcpu, f.offset / 4);
    } else {
      auto& o = vcpu(of);
      if (f.size == width::dword) return this->gicr_read_double(o, what);
      if (f.size == width::word) {
        if constexpr (std::is_same_v<Map, typename base::rd_map>)
          return this->rd_read(raw(of), Map::slot_of(what), f.offset / 4);
        else
          return this->sgi_read(raw(of), Map::slot_of(what), f.offset / 4);
      }
      value = this->gicr_read_part(o, f.offset / 4);
    }
    return value >> (8 * (f.offset & 3)) & (f.size == width::byte ? 0xff : 0xffff);
  }

  template <class Map>
  void write_register(vcpu_id of, reg what, frame_access f, u64 value) {
    if (!allowed<Map>(what, f, access::wo)) return this->record(statusr_of<Map>(of), misuse<Map>(what, access::wo));
    const u32 lane = 8 * (f.offset & 3);
    const u32 bytes = f.size == width::byte ? 0xffu << lane : f.size == width::half ? 0xffffu << lane : ~u32{0};
    const u32 word = static_cast<u32>(value << lane) & bytes;
    if constexpr (is_distributor<Map>) {  // words of the first 4 KiB are written above
      if constexpr (s::is_v3) {
        if (f.size == width::dword) return this->gicd_write_double(f.offset, value);
        if (f.size == width::word) return this->gicd_write_high(what, f.offset, word);
      }
      this->gicd_write_part(what, f.vcpu, f.offset / 4, word, bytes);
    } else {
      if (f.size != width::dword) this->gicr_write(of, what, f.vcpu, f.offset / 4, word, bytes);
    }
  }
};

}  // namespace vgic::detail
