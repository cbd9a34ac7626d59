// SPDX-License-Identifier: BSL-1.0
/// \file
/// The differential oracle: seeded histories on QEMU's interrupt controller and on the library, every read compared.
#include "generator.hpp"
#include "print.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>

namespace {

using namespace differential;

struct options {
  u32 version = 3;
  u64 accesses = 200'000;
  u64 seed = 1;
  std::optional<u64> only;  ///< this history of the first machine, and none else
  std::optional<std::size_t> only_machine;
  bool all_rows = false;  ///< a row of the table that was never needed is a failure
};

[[noreturn]] void usage(const char* problem) {
  std::cerr
      << "vgic-differential: " << problem << "\n"
      << "usage: vgic-differential --version 2|3 [--accesses N] [--seed S] [--all-rows] [--machine M --history H]\n";
  std::exit(2);
}

options parse(int count, char** words) {
  options o;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--all-rows") {
      o.all_rows = true;
      continue;
    }
    char* end = nullptr;
    const u64 value = i + 1 < count ? std::strtoull(words[i + 1], &end, 0) : 0;
    if (end == nullptr || *end != 0 || end == words[i + 1]) usage((word + " wants a number").c_str());
    ++i;
    if (word == "--version")
      o.version = static_cast<u32>(value);
    else if (word == "--accesses")
      o.accesses = value;
    else if (word == "--seed")
      o.seed = value;
    else if (word == "--history")
      o.only = value;
    else if (word == "--machine")
      o.only_machine = value;
    else
      usage((word + " is not known").c_str());
  }
  if (o.version != 2 && o.version != 3) usage("--version: there is 2 and 3");
  return o;
}

/// qtest reaches a GICv2 with one CPU only. All histories begin anew, so that a few machines see as much as many.
std::vector<setup> machines(u32 version) {
  if (version == 2)
    return {{.version = 2, .vcpus = 1, .list_registers = 16, .priority_bits = 5},
            {.version = 2, .vcpus = 1, .list_registers = 4, .priority_bits = 5},
            {.version = 2, .vcpus = 1, .list_registers = 1, .priority_bits = 5}};
  return {{.version = 3, .vcpus = 1, .list_registers = 16, .priority_bits = 8},
          {.version = 3, .vcpus = 2, .list_registers = 4, .priority_bits = 8},
          {.version = 3, .vcpus = 4, .list_registers = 16, .priority_bits = 5},
          {.version = 3, .vcpus = 8, .list_registers = 1, .priority_bits = 8},
          {.version = 3, .vcpus = 8, .list_registers = 4, .priority_bits = 5}};
}

class progress_line {
 public:
  explicit progress_line(std::string what) : what_(std::move(what)) {}
  void show(const std::string& text, bool at_once = false) {
    const auto now = std::chrono::steady_clock::now();
    if (!at_once && now - last_ < std::chrono::milliseconds(terminal_ ? 200 : 15'000)) return;
    last_ = now;
    std::cerr << (terminal_ ? "\r\033[K" : "") << what_ << ": " << text << (terminal_ ? "" : "\n") << std::flush;
  }
  void end() {
    if (terminal_) std::cerr << "\r\033[K" << std::flush;
  }

 private:
  std::string what_;
  bool terminal_ = isatty(2) != 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string describe(const finding& f) {
  if (!f.failure.empty()) return f.failure;
  std::ostringstream text;
  text << std::hex << "0x" << f.access.address << " reads 0x" << f.access.ours << ", QEMU's 0x" << f.theirs;
  return text.str();
}

/// Prints what was found, short.
void report(comparison& c, const history& h, const finding& f, const options& o, std::size_t machine, u64 number,
            progress_line& line) {
  line.end();
  std::cout << "differential: a difference without a reason: " << c.machine().name() << ", --seed " << o.seed
            << " --machine " << machine << " --history " << number << ", step " << f.step << " of " << h.size() << ": "
            << describe(f) << '\n';
  const history shorter = c.shrink(h, [&](std::size_t n) { line.show("shrinking: " + std::to_string(n) + " steps"); });
  line.end();
  tally ignored;
  const auto again = c.play(shorter, ignored);
  if (!again) {
    std::cout << "differential: it does not happen again: state that outlives a reset?\n" << as_steps(c.machine(), h);
    return;
  }
  if (!again->failure.empty()) std::cout << "differential: " << again->failure << '\n';
  std::cout << "differential: " << shorter.size() << " steps are enough:\n"
            << as_steps(c.machine(), shorter) << "differential: as a test:\n\n"
            << as_test(c.machine(), shorter, *again) << '\n';
}

int run(const options& o) {
  const auto start = std::chrono::steady_clock::now();
  const auto all = machines(o.version);
  progress_line line("differential: GICv" + std::to_string(o.version));
  tally total;
  std::string qemu_version;
  for (std::size_t m = 0; m < all.size(); ++m) {
    if (o.only_machine && *o.only_machine != m) continue;
    comparison c(all[m]);
    qemu_version = c.other().version();
    const u64 share = o.accesses * (m + 1) / all.size();
    for (u64 number = o.only.value_or(0); o.only ? number == *o.only : total.requests < share; ++number) {
      const history h = make_history(all[m], o.seed, number);
      if (const auto f = c.play(h, total)) {
        report(c, h, *f, o, m, number, line);
        std::cout << "differential: FAIL: GICv" << o.version << ", QEMU " << qemu_version << ", a difference after "
                  << total.requests << " accesses, seed " << o.seed << '\n';
        return 1;
      }
      line.show(std::to_string(total.requests) + " of " + std::to_string(o.accesses) + " accesses, " + all[m].name());
    }
  }
  line.end();

  std::size_t stale = 0;
  for (std::size_t i = 0; i < differences().size(); ++i) {
    const difference& d = differences()[i];
    if (!d.applies_to(o.version)) continue;
    std::cout << "  " << total.rows[i] << " times: " << d.where << ": "
              << (d.bits != nullptr ? "explained" : "left out") << '\n';
    if (total.rows[i] == 0) ++stale;
  }
  const bool failed = o.all_rows && stale != 0;
  if (failed) std::cout << "differential: " << stale << " rows of the table were never needed: take them out\n";
  std::cout << "differential: " << (failed ? "FAIL" : "PASS") << ": GICv" << o.version << ", QEMU " << qemu_version
            << ", " << total.requests << " accesses (" << total.reads << " reads compared, " << total.lines
            << " line changes, " << total.taken << " interrupts acknowledged) in " << total.histories
            << " histories on " << all.size() << " machines, seed " << o.seed << ", "
            << static_cast<long>(seconds_since(start)) << " s\n";
  return failed ? 1 : 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(parse(count, words));
  } catch (const std::exception& e) {
    std::cerr << "vgic-differential: " << e.what() << '\n';
    return 2;
  }
}
