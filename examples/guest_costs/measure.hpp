// SPDX-License-Identifier: BSL-1.0
// What an operation costs: the counter before and after it, many times, less what reading the counter costs. Where
// CNTVCT_EL0 counts instructions (QEMU's -icount), each time has to give the same figure, and what does not is said.
#pragma once

#include "gic.hpp"

namespace guest {

/// One execution of an operation.
struct sample {
  uint64_t ticks;  ///< of CNTVCT_EL0, reading it included
  uint64_t
      interrupts;  ///< taken and ended from before the first read of the counter to the end of what follows the second
};

// Executes `before`, `measured` with the counter read around it, and `after`. What follows are input operands and
// clobbers. x15 to x17 are the interrupt handler's, see start.S.
#define SAMPLE(before, measured, after, ...)                                                         \
  [&]() __attribute__((always_inline)) {                                                             \
    ::guest::uint64_t begin, end, interrupts;                                                        \
    asm volatile("mov x15, xzr\n mov x17, %[gicc]\n" before "\n mrs %[begin], cntvct_el0\n" measured \
                 "\n mrs %[end], cntvct_el0\n" after "\n mov %[interrupts], x15"                     \
                 : [begin] "=&r"(begin), [end] "=&r"(end), [interrupts] "=&r"(interrupts)            \
                 : [gicc] "r"(::guest::gicc), __VA_ARGS__, "x15", "x16", "x17", "memory");           \
    return ::guest::sample{end - begin, interrupts};                                                 \
  }                                                                                                  \
  ()

inline constexpr uint64_t vendor_hypervisor_service = 0xc600'0000;  // SMCCC, function 0

/// What the hypervisor says it did with its list registers so far; `known` if it has been built to count them.
struct accesses {
  bool known;
  uint64_t reads, writes, others;
};

[[nodiscard]] inline accesses list_register_accesses() {
  register uint64_t x0 asm("x0") = vendor_hypervisor_service;
  register uint64_t x1 asm("x1") = 0;
  register uint64_t x2 asm("x2") = 0;
  register uint64_t x3 asm("x3") = 0;
  asm volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
  return {x0 == 0, x1, x2, x3};
}

class meter {
 public:
  static constexpr uint64_t times = 64;

  meter()
      : nothing_(range_of(
                     0, [] {}, [] { return SAMPLE("", "", "", "r"(uint64_t{0})
                                                  : "x9"); })
                     .low) {}

  /// Prints what `operation` costs; `prepare` is executed before it each time. `interrupts`: as many come each time.
  /// A copy for each operation: the address of an instruction tells which it belongs to (tests/end_to_end/where).
  template <class Prepare, class Operation>
  [[gnu::always_inline]] inline void measure(const char* name, uint64_t interrupts, Prepare prepare,
                                             Operation operation) {
    for (uint64_t i = 0; i < 16; ++i) {
      prepare();
      static_cast<void>(operation());
    }
    const range found = range_of(interrupts, prepare, operation);
    print("cost: ", name, " ", found.low - nothing_);
    if (found.high != found.low) {
      print(" to ", found.high - nothing_, " NOT ALIKE");
      ++faults_;
    }
    if (found.wrong != 0) {
      print(" INTERRUPTS MISSING OR TOO MANY");
      ++faults_;
    }
    print('\n');
    ++operations_;

    static_cast<void>(list_register_accesses());  // leaves the guest: what the last operation left behind is seen to
    const accesses before = list_register_accesses();
    if (!before.known) return;
    for (uint64_t i = 0; i < times; ++i) {
      prepare();
      static_cast<void>(operation());
    }
    const accesses after = list_register_accesses();
    print("list registers: ", name, ": ");
    print_each(after.reads - before.reads, " reads, ");
    print_each(after.writes - before.writes, " writes, ");
    print_each(after.others - before.others, " others\n");
  }
  template <class Operation>
  [[gnu::always_inline]] inline void measure(const char* name, uint64_t interrupts, Operation operation) {
    measure(
        name, interrupts, [] {}, operation);
  }

  [[nodiscard]] uint64_t operations() const { return operations_; }
  [[nodiscard]] uint64_t faults() const { return faults_; }

 private:
  struct range {
    uint64_t low, high;
    uint64_t wrong;  ///< samples with another number of interrupts
  };

  template <class Prepare, class Operation>
  [[nodiscard, gnu::always_inline]] static inline range range_of(uint64_t interrupts, Prepare prepare,
                                                                 Operation operation) {
    range r{~uint64_t{0}, 0, 0};
    for (uint64_t i = 0; i < times; ++i) {
      prepare();
      const sample s = operation();
      if (s.ticks < r.low) r.low = s.ticks;
      if (s.ticks > r.high) r.high = s.ticks;
      if (s.interrupts != interrupts) ++r.wrong;
    }
    return r;
  }

  void print_each(uint64_t sum, const char* what) {
    print(sum / times);
    if (sum % times != 0) {
      print(" and ", sum % times, "/", times);
      ++faults_;
    }
    print(what);
  }

  uint64_t nothing_;
  uint64_t operations_ = 0;
  uint64_t faults_ = 0;
};

}  // namespace guest
