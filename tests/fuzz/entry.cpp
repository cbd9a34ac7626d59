// SPDX-License-Identifier: BSL-1.0
/// \file
/// What libFuzzer calls. An input that shows a fault is played once more, aloud.
#include "fuzz/input.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tests::fuzz;
  try {
    play(bytes, size);
  } catch (const fault&) {
    story::now = story::voice::aloud;
    try {
      play(bytes, size);
      std::puts("FAULT: does not happen again");
    } catch (const fault& again) {
      std::printf("FAULT: %s\n", again.what());
    }
    std::fflush(stdout);
    std::abort();
  }
  return 0;
}
