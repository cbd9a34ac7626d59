// SPDX-License-Identifier: BSL-1.0
/// \file
/// The functions of library.cpp as one writes them by hand for these two configurations: no template, every constant
/// written out, the compiler's builtins for what several CPUs share. Of the library they use the layout of its state
/// alone, so that offsets are the same.
#include "configuration.hpp"

using vgic::u32;
using vgic::u64;

using vcpu = vgic::vcpu_id;
using gicv3 = vgic::state<looked_into::gicv3>;
using gicv2 = vgic::state<looked_into::gicv2>;
using bank = vgic::bank<vgic::builtin_atomics, 5>;

static inline u32 load32(const u32* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline u64 load64(const u64* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline u32 and32(u32* word, u32 bits) { return __atomic_fetch_and(word, bits, __ATOMIC_ACQ_REL); }
static inline void order() {
#if defined(__x86_64__)
  __asm__ volatile("" ::: "memory");  // a locked instruction is a full barrier already
#else
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static constexpr vcpu nobody{0xffff};

#define NUMBER(v) static_cast<unsigned short>(v)
// Compilers would compute an address anew for each kind of access to what is there.
#define HIDE(pointer) __asm__("" : "+r"(pointer))
#define unlikely(x) __builtin_expect(!!(x), 0)

extern "C" {

// What is not on the way that is compared: see slow_paths.
void slow_disabled_listed_v3(gicv3* g, vcpu v, bank* b, vcpu owner, u32 bits);
void slow_disabled_listed_v2(gicv2* g, vcpu v, bank* b, vcpu owner, u32 bits);
u64 slow_read_v3(gicv3* g, vcpu v, u64 address, vgic::width bytes);
void slow_flush(gicv3* g, vcpu v, void* own);
void slow_fold(gicv3* g, vcpu v, void* own);

// What start() saw to, and compilers cannot see.
#define SPI_BANKS(g) ((g)->spi_banks > 8 ? (__builtin_unreachable(), 0) : (g)->spi_banks)

// Bits 32 to 47 of both words: what list registers hold.
static inline int any_listed(const bank* b) {
  return ((load64(&b->moving[0].word) | load64(&b->moving[1].word)) >> 32 & 0xffff) != 0;
}

// --- GICv3: distributor at 0x03001000, redistributors from 0x03020000 ---

u64 v3_read_typer(gicv3* g) { return g->typer; }

u64 v3_read_iidr(gicv3*) { return 0x5600'043b; }

u64 v3_read_isenabler3(gicv3* g) { return load32(&g->spi[2].enabled.word); }

u64 v3_read_isenabler(gicv3* g, vcpu, u32 word) {
  bank* b = &g->spi[u64{word % 32} - 1];
  HIDE(b);
  return load32(&b->enabled.word);
}

u64 v3_read_gicr_isenabler(gicv3* g, vcpu v) {
  if (0x70100 / 4 >= g->redistributor_words) return slow_read_v3(g, v, 0x0309'0100, vgic::width::word);
  return load32(&g->vcpu[3].priv.enabled.word);
}

static inline void v3_clear_enabled(gicv3* g, vcpu v, u32 n, u32 value) {
  bank* b = &g->spi[u64{n} - 1];
  u32 off = value & load32(&b->enabled.word);
  if (off == 0) return;
  and32(&b->enabled.word, ~off);
  order();
  if (unlikely(any_listed(b))) slow_disabled_listed_v3(g, v, b, nobody, off);
}

void v3_write_icenabler(gicv3* g, vcpu v, u32 word, u32 value) {
  u32 n = word % 32;
  if (n > SPI_BANKS(g)) return;
  bank* b = &g->spi[u64{n} - 1];
  HIDE(b);
  u32 off = value & load32(&b->enabled.word);
  if (off == 0) return;
  and32(&b->enabled.word, ~off);
  order();
  if (unlikely(any_listed(b))) slow_disabled_listed_v3(g, v, b, nobody, off);
}

void v3_mask(gicv3* g, vcpu v, u32 bit) {
  if (g->spi_banks <= 2) return;
  v3_clear_enabled(g, v, 3, bit);
}

u32 v3_owns(u64 address) {
  if (address - 0x0300'1000 >= 0x1'0000) return address - 0x0302'0000 < 0x20'0000;
  return 1;
}

void v3_entry(gicv3* g, vcpu v) {
  auto* o = &g->vcpu[NUMBER(v)];
  HIDE(o);
  if ((load32(&o->maybe.word) | o->unlisted) != 0) slow_flush(g, v, o);
}

void v3_exit(gicv3* g, vcpu v) {
  auto* o = &g->vcpu[NUMBER(v)];
  HIDE(o);
  if (o->used != 0) slow_fold(g, v, o);
}

// --- GICv2: distributor at 0x03001000; the first 32 interrupts are banked by vCPU ---

u64 v2_read_typer(gicv2* g) { return g->typer; }

u64 v2_read_isenabler0(gicv2* g, vcpu v) {
  auto* o = &g->vcpu[NUMBER(v)];
  HIDE(o);
  return load32(&o->priv.enabled.word);
}

u64 v2_read_isenabler(gicv2* g, vcpu, u32 word) {
  bank* b = &g->spi[u64{word % 32} - 1];
  HIDE(b);
  return load32(&b->enabled.word);
}

static inline void v2_clear_enabled(gicv2* g, vcpu v, u32 n, u32 value) {
  bank* b = &g->spi[u64{n} - 1];
  u32 off = value & load32(&b->enabled.word);
  if (off == 0) return;
  and32(&b->enabled.word, ~off);
  order();
  if (unlikely(any_listed(b))) slow_disabled_listed_v2(g, v, b, nobody, off);
}

void v2_write_icenabler(gicv2* g, vcpu v, u32 word, u32 value) {
  u32 n = word % 32;
  if (n > SPI_BANKS(g)) return;
  bank* b = &g->spi[u64{n} - 1];
  HIDE(b);
  u32 off = value & load32(&b->enabled.word);
  if (off == 0) return;
  and32(&b->enabled.word, ~off);
  order();
  if (unlikely(any_listed(b))) slow_disabled_listed_v2(g, v, b, nobody, off);
}

void v2_mask(gicv2* g, vcpu v, u32 bit) {
  if (g->spi_banks <= 2) return;
  v2_clear_enabled(g, v, 3, bit);
}

}  // extern "C"
