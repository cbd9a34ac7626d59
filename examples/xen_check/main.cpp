// SPDX-License-Identifier: BSL-1.0
/// \file
/// xen-check: runs in the dom0 of a Xen 4.17, asks Xen for domains and asks this library's handler for the same, and
/// prints both answers.

#include <domctl/in_process.hpp>
#include <domctl/model.hpp>
#include <domctl/privcmd.hpp>
#include <domctl/toolstack.hpp>
#include <layout/qemu_virt.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "machine.hpp"
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
  if (a.code == error::none) {
    if (cmd == command::createdomain) return std::string{"created, "} + name_of(a.gic);
    return cmd == command::getdomaininfo ? "described" : "done";
  }
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

/// A domain with up to three things changed, to what is right, at a limit or wrong.
xen_domctl random_request(std::mt19937& random) {
  const auto one_of = [&](auto... values) {
    const std::uint32_t all[] = {static_cast<std::uint32_t>(values)...};
    return all[random() % sizeof...(values)];
  };
  xen_domctl op = base_request();
  auto& config = op.u.createdomain;
  config.arch.gic_version = config_gic{static_cast<std::uint8_t>(one_of(0, 0, 1, 2))};
  for (std::uint32_t changes = random() % 4; changes != 0; --changes) {
    switch (random() % 12) {
      case 0: config.arch.gic_version = config_gic{static_cast<std::uint8_t>(random())}; break;
      case 1:
        config.arch.nr_spis = one_of(1, 31, 32, 33, 64, 959, 960, 961, 987, 988, 989, 992, 1020, 0xffffffe0);
        break;
      case 2: config.arch.nr_spis = random() % 1024; break;
      case 3: config.max_vcpus = one_of(0, 1, 2, 7, 8, 9, 16, 127, 128, 129, 4096, 0xffffffff); break;
      case 4: config.flags = static_cast<cdf>(random() % 0x80); break;  // vpmu is another machine's
      case 5: config.flags = static_cast<cdf>(1u << random() % 32 | 3); break;
      case 6: config.iommu_opts = one_of(0, 1, 2, 0x80000000); break;
      case 7: config.grant_opts = one_of(0, 1, 2, 0xf, 0x11, 0xffffffff); break;
      case 8: config.max_grant_frames = static_cast<std::int32_t>(one_of(0, 1, 63, 64, 65, -1, 0x80000000)); break;
      case 9: config.max_maptrack_frames = static_cast<std::int32_t>(one_of(0, 1, 1024, 1025, -1)); break;
      case 10: config.max_evtchn_port = one_of(0, 1, 1023, 0xffffffff); break;
      case 11: config.arch.tee_type = config_tee{static_cast<std::uint16_t>(one_of(0, 1, 2, 0xffff))}; break;
    }
  }
  // Whether a machine has a PMU for guests is not in dom0's tree.
  config.flags = config.flags & ~cdf::vpmu;
  return op;
}

/// Asks, and if that made a domain destroys it again: a domain that cannot be destroyed ends the program.
template <class Transport>
answer ask(Transport& xen, xen_domctl op) {
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

/// The same domains at random, each printed only if the answers differ.
template <class Ours>
bool ask_at_random(domctl::privcmd& xen, Ours& ours) {
  constexpr unsigned count = 2000;
  constexpr unsigned seed = 417;
  std::mt19937 random{seed};
  unsigned created = 0;
  for (unsigned i = 0; i < count; ++i) {
    const xen_domctl op = random_request(random);
    const answer theirs = ask(xen, op);
    const answer mine = ask(ours, op);
    created += theirs.code == error::none;
    if (theirs.agrees_with(mine)) continue;
    const auto& c = op.u.createdomain;
    std::printf(
        "xen-check: DIFFERENT at random request %u: Xen: %s, ours: %s. flags 0x%x, iommu_opts 0x%x, max_vcpus %u, "
        "grants %d/%d/0x%x, gic %u, tee %u, nr_spis %u\n",
        i, in_words(theirs, op.cmd).c_str(), in_words(mine, op.cmd).c_str(), raw(c.flags), c.iommu_opts, c.max_vcpus,
        c.max_grant_frames, c.max_maptrack_frames, c.grant_opts, raw(c.arch.gic_version),
        static_cast<unsigned>(c.arch.tee_type), c.arch.nr_spis);
    return false;
  }
  std::printf("xen-check: agreed on %u random domains (seed %u), %u of them created\n", count, seed, created);
  return true;
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
    t.note(r.what, ask(xen, op), ask(ours, op), op.cmd, r.expected);
  }
  t.note("an identifier that is taken", ask_twice(xen), ask_twice(ours), command::createdomain, expectation::agreement);
  t.note("create, describe, destroy", ask_about(xen), ask_about(ours), command::destroydomain, expectation::agreement);
  ask_with_bad_arguments(t, xen, hardware);
  const bool random_agreed = ask_at_random(xen, ours);

  std::printf("xen-check: agreed on %u of %u requests, %u refused by Xen, %u deliberately different\n", t.agreed,
              t.asked, t.refused, t.deliberate);
  return t.agreed == t.asked && random_agreed ? 0 : 1;
}

}  // namespace

int main() {
  const auto version = set_machine("/proc/device-tree");
  if (!version) {
    std::printf("xen-check: dom0's device tree has no GIC that keeps the rules of a layout\n");
    return 2;
  }
  // Xen gave dom0 the machine's own frames. The machine is QEMU's, whose map is a layout of this library, too.
  const bool v3 = *version == layout::gic_version::v3;
  const bool as_qemu = v3 ? machine::v3.distributor == layout::qemu_virt::v3.distributor &&
                                machine::v3.redistributors[0] == layout::qemu_virt::v3.redistributors[0]
                          : machine::v2.distributor.base == layout::qemu_virt::v2.distributor.base &&
                                machine::v2.cpu_interface.base == layout::qemu_virt::v2.cpu_interface.base;
  if (!as_qemu) {
    std::printf("xen-check: the hardware domain's frames are not those of the machine\n");
    return 1;
  }
  return run(v3 ? domctl::hardware_gic::v3 : domctl::hardware_gic::v2);
}
