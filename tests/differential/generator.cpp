// SPDX-License-Identifier: BSL-1.0
#include "generator.hpp"

#include "machine.hpp"

#include <array>
#include <random>

namespace differential {

namespace {

using vgic::width;

constexpr std::array<u32, 8> registers_of_bits{0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0xc00};
constexpr std::array<width, 4> widths{width::byte, width::half, width::word, width::dword};

class generator {
 public:
  generator(const setup& s, u64 seed, u64 number) : setup_(s) {
    std::seed_seq words{static_cast<u32>(seed),
                        static_cast<u32>(seed >> 32),
                        static_cast<u32>(number),
                        static_cast<u32>(number >> 32),
                        s.version,
                        s.vcpus,
                        s.list_registers,
                        s.priority_bits};
    random_.seed(words);
  }

  history make() {
    choose_character();
    if (one_in(4) != 0) bring_up();
    const u32 steps = 100 + below(one_in(6) == 0 ? 3000 : 600);
    while (history_.size() < steps) {
      const u32 dice = below(100);
      if (dice < wild_)
        anywhere();
      else if (dice < wild_ + 25)
        look();
      else
        live();
      if (below(4) == 0) history_.push_back({.what = act::settle});
    }
    read_everything();
    return std::move(history_);
  }

 private:
  // --- dice ---
  u32 below(u32 n) { return static_cast<u32>(random_() % n); }
  u32 one_in(u32 n) { return below(n); }
  u16 any_vcpu() { return static_cast<u16>(below(setup_.vcpus)); }
  template <class T, std::size_t N>
  const T& one_of(const std::array<T, N>& from) {
    return from[below(N)];
  }
  u32 any_interrupt() {
    if (below(10) != 0) return cast_[below(static_cast<u32>(cast_.size()))];
    return below(intids);
  }

  /// Few interrupts play most of a history, so that much happens to each.
  void choose_character() {
    constexpr std::array<u32, 16> corners{0, 7, 15, 16, 26, 27, 30, 31, 32, 33, 63, 64, 95, 255, 286, 287};
    const u32 n = 2 + below(12);
    for (u32 k = 0; k < n; ++k) cast_.push_back(below(2) == 0 ? one_of(corners) : below(intids));
    wild_ = one_in(3) == 0 ? 60 : 10 + below(20);
    urgencies_ = 1 + below(16);
    actives_ = below(3) == 0 ? 1 : 0;
  }

  /// 0, all ones, one bit, bits of the cast, a byte four times, anything.
  u64 any_value(u32 bank = 32) {
    switch (below(8)) {
      case 0: return 0;
      case 1: return ~u64{0};
      case 2: return u64{1} << below(64);
      case 3:
      case 4: {
        u64 bits = 0;
        for (const u32 id : cast_)
          if ((bank == 32 || id / 32 == bank) && below(2) == 0) bits |= u64{1} << id % 32;
        return bits;
      }
      case 5: return u64{0x0101'0101'0101'0101} * below(256);
      default: return random_();
    }
  }

  // --- accesses ---
  void read(u64 address, width w = width::word, u16 v = elsewhere) {
    history_.push_back({.what = act::read, .vcpu = v == elsewhere ? any_vcpu() : v, .size = w, .address = address});
  }
  void write(u64 address, u64 value, width w = width::word, u16 v = elsewhere) {
    const u64 cut = w == width::dword ? value : value & ((u64{1} << 8 * raw(w)) - 1);
    history_.push_back(
        {.what = act::write, .vcpu = v == elsewhere ? any_vcpu() : v, .size = w, .address = address, .value = cut});
  }

  /// A register of a bit (or two) an interrupt, where `v` has `id`'s.
  [[nodiscard]] u64 place(u32 reg, u16 v, u32 id) const {
    if (reg != 0xc00) return bit_register(setup_.is_v2(), reg, v, id);
    return !setup_.is_v2() && id < 32 ? gicr + v * gicr_stride + 0x1'0c00 + id / 16 * 4 : gicd + 0xc00 + id / 16 * 4;
  }
  [[nodiscard]] u64 byte_place(u32 reg, u16 v, u32 id) const {
    return !setup_.is_v2() && id < 32 ? gicr + v * gicr_stride + 0x1'0000 + reg + id : gicd + reg + id;
  }

  /// An offset in one of the frames: mostly at a register, sometimes beside it.
  u64 any_address() {
    u64 frame = gicd;
    u32 bytes = setup_.is_v2() ? 0x1000 : 0x1'0000;
    bool sgi_frame = false;
    bool rd_frame = false;
    if (!setup_.is_v2() && below(3) != 0) {
      sgi_frame = below(3) != 0;
      rd_frame = !sgi_frame;
      frame = gicr + (below(16) == 0 ? below(10) : below(setup_.vcpus)) * gicr_stride + (sgi_frame ? 0x1'0000 : 0);
    }
    switch (below(8)) {
      case 0: return frame + below(bytes);
      case 1: return frame + below(0x1000);
      case 2: return frame + below(0x40) * 4;
      case 3: return rd_frame ? frame + 4 * below(0x40) : frame + 0x400 + below(sgi_frame ? 0x20 : 0x400);
      case 4:
        if (setup_.is_v2()) return frame + 0x800 + below(0x400);
        return rd_frame || sgi_frame ? frame + 0xffd0 + below(0x30) : frame + 0x6000 + below(0x2000);
      case 5: return frame + bytes - 0x30 + below(0x30);
      case 6: return frame + one_of(registers_of_bits) + 4 * below(sgi_frame ? 2 : 32);
      default: return frame + one_of(registers_of_bits) + 4 * below(sgi_frame ? 1 : 10);
    }
  }
  void anywhere() {
    const width w = below(3) != 0 ? width::word : one_of(widths);
    u64 address = any_address();
    if (below(8) != 0) address &= ~u64{raw(w) - 1u};
    if (setup_.is_v2() && below(12) == 0) return at_interface();
    const bool activates = (address & 0xf80) == 0x300 && actives_ == 0;
    if (activates || below(2) == 0)
      read(address, w);
    else
      write(address, any_value(), w);
  }

  // --- looking at what the cast does ---
  void look() {
    const u32 id = any_interrupt();
    const u16 v = any_vcpu();
    switch (below(8)) {
      case 0: return read(byte_place(0x400, v, id & ~3u), width::word, v);
      case 1: return read(byte_place(0x400, v, id), width::byte, v);
      case 2:
        if (id >= 32 && !setup_.is_v2()) {
          const bool whole = below(2) == 0;
          return read(gicd + 0x6000 + 8 * id + (whole ? 0 : 4 * below(2)), whole ? width::dword : width::word, v);
        }
        if (id < 16 && setup_.is_v2()) return read(gicd + 0xf10 + 0x10 * below(2) + id, width::byte, v);
        return read(place(0xc00, v, id), width::word, v);
      case 3:
        if (setup_.is_v2()) return read_interface();
        return read(below(2) == 0 ? gicd : gicr + v * gicr_stride, width::word);
      case 4: return read(place(0x200, v, id), width::word, setup_.is_v2() ? v : any_vcpu());
      case 5: return read(place(0x300, v, id), width::word, setup_.is_v2() ? v : any_vcpu());
      default: return read(place(one_of(registers_of_bits), v, id), width::word, setup_.is_v2() ? v : any_vcpu());
    }
  }

  void read_interface() {
    constexpr std::array<u32, 12> offsets{0, 4, 8, 0xc, 0xc, 0xc, 0x14, 0x14, 0x18, 0x18, 0x18, 0x1c};
    read(gicc + one_of(offsets));
  }

  // --- what guests and devices do ---
  void live() {
    const u32 id = any_interrupt();
    const u16 v = any_vcpu();
    const u16 by = setup_.is_v2() ? v : any_vcpu();
    const auto set = [&](u32 reg) {
      write(place(reg, v, id), below(5) == 0 ? any_value(id / 32) : u64{1} << id % 32, width::word, by);
    };
    switch (below(24)) {
      case 0:
      case 1:
      case 2: return set(0x100);
      case 3: return set(0x180);
      case 4:
      case 5: return set(0x200);
      case 6: return set(0x280);
      case 7: return actives_ != 0 ? set(0x300) : set(0x380);
      case 8:
      case 9: return set(0x380);
      case 10: return write(byte_place(0x400, v, id), any_priority(), width::byte, by);
      case 11: return write(byte_place(0x400, v, id & ~3u), any_priorities(), width::word, by);
      case 12: return set(0x80);
      case 13: return write(place(0xc00, v, id), any_value(), width::word, by);
      case 14: return route(id, by);
      case 15:
      case 16:
      case 17:
        if (id < 16) return send(v, id);
        return move_line(v, id);
      case 18: return write(gicd, below(4) == 0 ? below(4) : 3, width::word, by);
      case 19: return setup_.is_v2() ? at_interface() : wake(v);
      case 20:
      case 21: return acknowledge(v);
      case 22: return finish(v);
      default: return take(v, id);
    }
  }

  u64 any_priority() { return below(8) == 0 ? below(256) : 8 * below(urgencies_) + (below(8) == 0 ? below(8) : 0); }
  u64 any_priorities() {
    u64 word = 0;
    for (u32 k = 0; k < 4; ++k) word |= any_priority() << 8 * k;
    return word;
  }
  void route(u32 id, u16 by) {
    if (id < 32) return;
    if (setup_.is_v2()) return write(gicd + 0x800 + id, any_value() | 1, width::byte, by);
    const u64 to = below(8) == 0 ? any_value() : below(setup_.vcpus);
    if (below(3) != 0) return write(gicd + 0x6000 + 8 * id, to, width::dword, by);
    const u32 half = below(2);
    write(gicd + 0x6000 + 8 * id + 4 * half, half != 0 ? to >> 32 : to, width::word, by);
  }
  void send(u16 v, u32 id) {
    if (setup_.is_v2()) {
      switch (below(4)) {
        case 0: return write(gicd + 0xf10 + id, any_value(), width::byte, v);
        case 1: return write(gicd + 0xf20 + id, below(4) == 0 ? any_value() : 1, width::byte, v);
        default:
          return write(gicd + 0xf00, below(4) == 0 ? any_value() : below(3) << 24 | 1u << 16 | id, width::word, v);
      }
    }
    const u64 list = below(8) == 0 ? any_value() : u64{1} << below(setup_.vcpus);
    const u64 elsewhere_too = below(16) == 0 ? u64{1} << (16 + below(48)) : 0;
    history_.push_back(
        {.what = act::sgi, .vcpu = v, .value = (list & 0xffff) | u64{id} << 24 | (elsewhere_too & ~(u64{0xf} << 24))});
  }
  void move_line(u16 v, u32 id) {
    history_.push_back({.what = act::line,
                        .vcpu = below(2) == 0 ? elsewhere : v,
                        .value = below(2),
                        .id = id,
                        .about = static_cast<u16>(id < 32 ? v : 0)});
  }
  void wake(u16 v) { write(gicr + v * gicr_stride + 0x14, below(4) == 0 ? any_value() : 0); }
  void at_interface() {
    constexpr std::array<u64, 6> controls{0, 1, 3, 7, 0x207, 0x21f};
    switch (below(8)) {
      case 0: return write(gicc + 8, any_value());
      case 1: return write(gicc + 0x1c, any_value());
      case 2:
      case 3: return write(gicc, below(4) == 0 ? any_value() : one_of(controls));
      case 4: return write(gicc + 0x10, 1020 + below(4));
      case 5: return write(gicc + 4, below(2) == 0 ? 0xff : 8 * below(32));
      default: return read_interface();
    }
  }
  void acknowledge(u16 v) {
    if (setup_.is_v2()) return read(gicc + 0xc, width::word, v);
    history_.push_back({.what = act::acknowledge, .vcpu = v, .value = below(2)});
  }
  void finish(u16 v) {
    if (setup_.is_v2() && below(3) == 0) return history_.push_back({.what = act::deactivate, .value = below(8)});
    history_.push_back({.what = act::end, .vcpu = v});
  }

  /// An interrupt's whole way: it comes, is looked at, taken, and ended.
  void take(u16 v, u32 id) {
    if (below(12) == 0) write(place(0x380, v, id), ~u64{0}, width::word, v);  // what kept a list register for ever
    write(place(0x100, v, id), u64{1} << id % 32, width::word, v);
    if (!setup_.is_v2() && id >= 32) write(gicd + 0x6000 + 8 * id, v, width::dword, v);
    if (id < 16)
      send(v, id);
    else if (below(2) == 0)
      write(place(0x200, v, id), u64{1} << id % 32, width::word, v);
    else
      move_line(v, id);
    for (u32 k = 1 + below(3); k != 0; --k) acknowledge(v);
    if (below(2) == 0) look();
    if (below(8) != 0) finish(v);
    if (setup_.is_v2() && below(2) == 0) history_.push_back({.what = act::deactivate, .value = below(8)});
  }

  /// What a guest does first: groups on, everything of the cast enabled.
  void bring_up() {
    write(gicd, 3);
    if (setup_.is_v2()) {
      write(gicc + 4, 0xff);
      write(gicc, 7);
    }
    for (const u32 id : cast_) {
      const u16 v = any_vcpu();
      write(place(0x100, v, id), u64{1} << id % 32, width::word, v);
      write(byte_place(0x400, v, id), any_priority(), width::byte, v);
    }
  }

  /// Every register that has state, in the end.
  void read_everything() {
    history_.push_back({.what = act::settle});
    const u32 first = setup_.is_v2() ? 0 : 1;
    for (const u32 reg : {0x80u, 0x100u, 0x200u, 0x300u})
      for (u32 w = first; w < intids / 32; ++w) read(gicd + reg + 4 * w);
    for (u32 id = 32 * first; id < intids; id += 4) read(gicd + 0x400 + id);
    for (u32 id = 32 * first; id < intids; id += 16) read(gicd + 0xc00 + id / 4);
    read(gicd);
    if (setup_.is_v2()) {
      for (u32 id = 0; id < 16; id += 4) read(gicd + 0xf10 + id);
      for (const u32 offset : {0u, 4u, 8u, 0x14u, 0x18u, 0x1cu}) read(gicc + offset);
      return;
    }
    if (one_in(4) == 0)
      for (u32 id = 32; id < intids; ++id) read(gicd + 0x6000 + 8 * id, width::dword);
    for (u32 v = 0; v < setup_.vcpus; ++v) {
      const u64 frame = gicr + v * gicr_stride;
      for (const u32 offset : {0u, 0x14u}) read(frame + offset);
      for (const u32 offset : {0x80u, 0x100u, 0x200u, 0x300u, 0xc00u, 0xc04u}) read(frame + 0x1'0000 + offset);
      for (u32 id = 0; id < 32; id += 4) read(frame + 0x1'0400 + id);
    }
  }

  setup setup_;
  std::mt19937_64 random_;
  history history_;
  std::vector<u32> cast_;
  u32 wild_ = 0;       ///< percent of accesses anywhere
  u32 urgencies_ = 1;  ///< priorities in use
  u32 actives_ = 0;    ///< 0: nobody writes ISACTIVER on purpose
};

}  // namespace

history make_history(const setup& s, u64 seed, u64 number) { return generator(s, seed, number).make(); }

}  // namespace differential
