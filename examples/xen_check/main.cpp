// SPDX-License-Identifier: BSL-1.0
/// \file
/// xen-check: runs in the dom0 of a Xen 4.17, asks Xen for domains and asks this library's handler for the same, and
/// prints both answers.

#include <domctl/in_process.hpp>
#include <domctl/model.hpp>
#include <domctl/privcmd.hpp>
#include <domctl/toolstack.hpp>

#include <cstdio>
#include <cstring>
#include <string>

#include "requests.hpp"

namespace {

using namespace xen_check;
using domctl::error;
using domctl::xen_4_17::xen_domctl_getdomaininfo;

/// What came back from one side.
struct answer {
  error code = error::none;
  config_gic gic{};  ///< of a created domain
  std::uint32_t nr_spis = 0;
  std::uint32_t clock_frequency = 0;
  domid domain{};

  /// Identifiers differ between the sides unless one was asked for.
  [[nodiscard]] bool agrees_with(const answer& other) const {
    return code == other.code && gic == other.gic && nr_spis == other.nr_spis &&
           clock_frequency == other.clock_frequency;
  }
};

const char* name_of(config_gic gic) {
  switch (gic) {
    case config_gic::v2: return "V2";
    case config_gic::v3: return "V3";
    default: return "unknown";
  }
}

std::string in_words(const answer& a, command cmd) {
  if (a.code == error::none) return cmd == command::createdomain ? std::string{"created, "} + name_of(a.gic) : "done";
  const std::string sentence = domctl::sentence(a.code);
  const std::size_t open = sentence.rfind('(');
  return open == std::string::npos ? "error " + std::to_string(raw(a.code))
                                   : sentence.substr(open + 1, sentence.size() - open - 2);
}

xen_domctl base_request() {
  xen_domctl op;
  op.cmd = command::createdomain;
  op.u.createdomain = {};
  return op;
}

/// Asks, and if that made a domain destroys it again: a domain that cannot be destroyed ends the program.
template <class Transport>
answer ask(Transport& xen, const request& r) {
  xen_domctl op = base_request();
  r.change(op);
  const command cmd = op.cmd;
  answer a{.code = xen.domctl(op)};
  if (cmd != command::createdomain || a.code != error::none) return a;
  const auto& made = op.u.createdomain;
  a = {.code = error::none,
       .gic = made.arch.gic_version,
       .nr_spis = made.arch.nr_spis,
       .clock_frequency = made.arch.clock_frequency,
       .domain = op.domain};
  if (const auto destroyed = domctl::xc_domain_destroy(xen, op.domain); !destroyed.ok()) {
    std::printf("xen-check: domain %u was created and cannot be destroyed: %s\n", raw(op.domain), destroyed.sentence());
    std::exit(1);
  }
  return a;
}

struct tally {
  unsigned asked = 0;
  unsigned agreed = 0;
  unsigned refused = 0;
  unsigned deliberate = 0;

  void note(const char* what, const answer& xen, const answer& ours, command cmd, expectation expected) {
    const bool created_by_xen_alone = xen.code == error::none && ours.code != error::none;
    const bool as_expected = expected == expectation::agreement ? xen.agrees_with(ours) : created_by_xen_alone;
    ++asked;
    agreed += as_expected;
    refused += xen.code != error::none;
    deliberate += expected != expectation::agreement;
    const char* const verdict = !as_expected                         ? "  DIFFERENT"
                                : expected == expectation::agreement ? ""
                                                                     : "  (deliberately different)";
    std::printf("xen-check: %-52s Xen: %-14s ours: %-14s%s\n", what, in_words(xen, cmd).c_str(),
                in_words(ours, cmd).c_str(), verdict);
  }
};

/// Creates a domain with an identifier that is taken.
template <class Transport>
answer ask_twice(Transport& xen) {
  domid id{200};
  domctl::xen_4_17::xen_domctl_createdomain config;
  if (const auto first = domctl::xc_domain_create(xen, id, config); !first.ok()) return {.code = first.code};
  config = {};
  const auto second = domctl::xc_domain_create(xen, id, config);
  const auto destroyed = domctl::xc_domain_destroy(xen, id);
  return {.code = second.ok() ? destroyed.code : second.code};
}

/// The domain's own view after creation: paused, its identifier, and that it is gone after destruction.
template <class Transport>
answer ask_about(Transport& xen) {
  domid id{300};
  domctl::xen_4_17::xen_domctl_createdomain config;
  for (std::uint8_t i = 0; i < 16; ++i) config.handle[i] = static_cast<std::uint8_t>(0xa0 + i);
  if (const auto made = domctl::xc_domain_create(xen, id, config); !made.ok()) return {.code = made.code};
  xen_domctl_getdomaininfo info;
  const auto told = domctl::xc_domain_getinfo_single(xen, id, info);
  using domctl::xen_4_17::dominf;
  const bool right = told.ok() && info.domain == id && (info.flags & dominf::paused) == dominf::paused &&
                     std::memcmp(info.handle, config.handle, sizeof info.handle) == 0;
  const auto destroyed = domctl::xc_domain_destroy(xen, id);
  if (!told.ok()) return {.code = told.code};
  return {.code = right ? destroyed.code : error::eio};
}

/// A page that only reads, or none at all, where Xen looks for the argument.
class bad_argument {
 public:
  enum class kind : unsigned char { unmapped, read_only };

  explicit bad_argument(kind k, const xen_domctl& op) {
    page_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    if (page_ == MAP_FAILED) return;
    std::memcpy(page_, &op, sizeof op);
    if (k == kind::unmapped)
      munmap(page_, size);
    else
      mprotect(page_, size, PROT_READ);
  }

  [[nodiscard]] error domctl_of_xen() const {
    const int file = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (file < 0) return error{errno};
    domctl::privcmd_hypercall call{domctl::hypercall_domctl, {reinterpret_cast<std::uintptr_t>(page_), 0, 0, 0, 0}};
    const error e = ioctl(file, domctl::ioctl_privcmd_hypercall, &call) < 0 ? error{errno} : error::none;
    close(file);
    return e;
  }

 private:
  static constexpr std::size_t size = 4096;
  void* page_ = nullptr;
};

/// The model with a caller whose memory cannot be written.
struct forgetful : domctl::in_memory<> {
  using domctl::in_memory<>::in_memory;
  template <class Op>
  domctl::copied copy_to_caller(domctl::guest_handle<Op>, const Op&) const {
    return domctl::copied::fault;
  }
};

/// Is there a domain with that identifier?
template <class Transport>
bool exists(Transport& xen, domid id) {
  xen_domctl_getdomaininfo info;
  return domctl::xc_domain_getinfo_single(xen, id, info).ok();
}

/// A failing copy-back: -EFAULT from both, but Xen leaves the domain that it could not tell of, and ours takes it back.
void ask_with_bad_arguments(tally& t, domctl::privcmd& xen, domctl::hardware_gic hardware) {
  xen_domctl op = base_request();
  op.domain = domid{400};

  domctl::in_memory<> host{hardware};
  const answer unread{.code = bad_argument{bad_argument::kind::unmapped, op}.domctl_of_xen()};
  const answer ours_unread{.code = domctl::xen_4_17::do_domctl(host, domctl::guest_handle<xen_domctl>{0})};
  t.note("an argument that is not mapped", unread, ours_unread, op.cmd, expectation::agreement);

  const answer untold{.code = bad_argument{bad_argument::kind::read_only, op}.domctl_of_xen()};
  forgetful deaf{hardware};
  domctl::in_process<forgetful> ours{deaf};
  xen_domctl mine = op;
  const answer ours_untold{.code = ours.domctl(mine)};
  t.note("an argument that cannot be written", untold, ours_untold, op.cmd, expectation::agreement);

  const answer left{.code = exists(xen, op.domain) ? error::none : error::esrch};
  const answer ours_left{.code = deaf.find_domain(op.domain) != nullptr ? error::none : error::esrch};
  t.note("  and is that domain there afterwards?", left, ours_left, command::getdomaininfo,
         expectation::only_xen_creates);
  if (left.code == error::none && !domctl::xc_domain_destroy(xen, op.domain).ok())
    std::printf("xen-check: domain %u cannot be destroyed\n", raw(op.domain));
}

int run(domctl::hardware_gic hardware) {
  auto opened = domctl::privcmd::open();
  if (!opened.result.ok()) {
    std::printf("xen-check: %s\n", opened.result.sentence());
    return 1;
  }
  domctl::privcmd& xen = opened.transport;
  domctl::in_memory<> host{hardware};
  domctl::in_process<domctl::in_memory<>> ours{host};

  tally t;
  for (const request& r : requests) {
    xen_domctl op = base_request();
    r.change(op);
    t.note(r.what, ask(xen, r), ask(ours, r), op.cmd, r.expected);
  }
  t.note("an identifier that is taken", ask_twice(xen), ask_twice(ours), command::createdomain, expectation::agreement);
  t.note("create, describe, destroy", ask_about(xen), ask_about(ours), command::destroydomain, expectation::agreement);
  ask_with_bad_arguments(t, xen, hardware);

  std::printf("xen-check: agreed on %u of %u requests, %u refused by Xen, %u deliberately different\n", t.agreed,
              t.asked, t.refused, t.deliberate);
  return t.agreed == t.asked ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string hardware = argc == 3 && std::string{argv[1]} == "--hardware" ? argv[2] : "";
  if (hardware != "v2" && hardware != "v3") {
    std::printf("usage: xen-check --hardware v2|v3\n");
    return 2;
  }
  std::printf("xen-check: hardware %s\n", hardware.c_str());
  return run(hardware == "v2" ? domctl::hardware_gic::v2 : domctl::hardware_gic::v3);
}
