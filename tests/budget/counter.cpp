// SPDX-License-Identifier: BSL-1.0
// Functions of which it is known what they cost, for the counter to count.
#include <bench/count/counting.hpp>

namespace {

struct known {
  VGIC_BENCH_CALL void ten() { asm volatile("nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop"); }
  VGIC_BENCH_CALL vgic::u64 three(vgic::u32, vgic::u64, const known*) {
    vgic::u64 answer;
    asm volatile("nop\n nop\n nop" : "=r"(answer));
    return answer;
  }
};

vgic::u64 rmws = 0;

bench::operation<bench::counting> made_of(const char* name, void (*run)(bench::counting&, vgic::u32)) {
  return {.name = name, .run = run};
}

void add(const char* name, void (*run)(bench::counting&, vgic::u32)) {
  bench::to_be_counted().push_back({.configuration = "known",
                                    .suite = "counter",
                                    .instructions = made_of(name, run),
                                    .rmws = made_of(name, run),
                                    .rmw_count = [] { return rmws; }});
}

known it;

const bool added = [] {
  add("ten instructions", [](bench::counting& meter, vgic::u32 n) {
    for (vgic::u32 i = 0; i < n; ++i) meter(&known::ten, it);
  });
  add("three instructions, three arguments, an answer", [](bench::counting& meter, vgic::u32 n) {
    for (vgic::u32 i = 0; i < n; ++i) (void)meter(&known::three, it, i, vgic::u64{1} << 40, &it);
  });
  add("a round of 46 instructions in 6 calls", [](bench::counting& meter, vgic::u32 n) {
    for (vgic::u32 i = 0; i < n; ++i) {
      for (int k = 0; k < 4; ++k) meter(&known::ten, it);
      for (int k = 0; k < 2; ++k) (void)meter(&known::three, it, i, vgic::u64{1}, &it);
    }
  });
  // Three calls, each counted by itself: the mean, the dearest, the kinds.
  bench::operation<bench::counting> mixed{.name = "mixed", .each = 3, .run = [](bench::counting& meter, vgic::u32 n) {
                                            for (vgic::u32 i = 0; i < n; ++i) {
                                              (void)meter(&known::three, it, i, vgic::u64{1}, &it);
                                              meter(&known::ten, it);
                                              (void)meter(&known::three, it, i, vgic::u64{1}, &it);
                                            }
                                          }};
  mixed.each_call = [](vgic::u32 n) {
    return bench::named_call{n == 1 ? "mixed: ten" : "mixed: three", "call " + std::to_string(n)};
  };
  bench::to_be_counted().push_back(
      {.configuration = "known", .suite = "counter", .instructions = mixed, .rmws = mixed, .rmw_count = [] {
         return rmws;
       }});
  return true;
}();

}  // namespace
