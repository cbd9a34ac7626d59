// SPDX-License-Identifier: BSL-1.0
/// \file
/// The target `domctl`: hypercalls of both ABIs whose argument is anywhere in a caller's memory that holds any bytes.
/// An error changes nothing, neither domains nor memory; what is made is within its limits; what is answered changes
/// the fields that are OUT and no others. For Xen 4.5's one operation the answer is known and compared.
#include "fuzz/input.hpp"

#include <domctl/model.hpp>
#include <domctl/xsm/access.hpp>

namespace tests::fuzz {

const char* const target_name = "domctl";

namespace {

using namespace domctl;
using op_4_5 = xen_4_5::xen_domctl;
using op_4_17 = xen_4_17::xen_domctl;

constexpr xsm::party somebody{domid{5}, xsm::ssid{50}, xsm::role::other};

/// The model hypervisor, whose caller has a memory of its own: read-only from `writable` on, nothing behind `size`.
struct machine : in_memory<> {
  using in_memory<>::in_memory;

  static constexpr std::size_t size = 1024;
  static constexpr std::size_t writable = 768;
  unsigned char memory[size] = {};

  template <class Op>
  copied copy_from_caller(Op& op, guest_handle<Op> where) const {
    if (where.address > size - sizeof op) return copied::fault;
    std::memcpy(&op, memory + where.address, sizeof op);
    return copied::all;
  }
  template <class Op>
  copied copy_to_caller(guest_handle<Op> where, const Op& op) {
    if (where.address > writable - sizeof op) return copied::fault;
    std::memcpy(memory + where.address, &op, sizeof op);
    return copied::all;
  }
};

class caller {
 public:
  explicit caller(const history& h) : host_(hardware(h.choice(0)), supports(h.choice(1))) {
    story::say("// hardware %u, support 0x%x", h.choice(0), h.choice(1));
    for (std::size_t k = 0; k < sizeof host_.memory; ++k)
      host_.memory[k] = static_cast<unsigned char>(h.choice(2) * k >> 3);
    for (u32 k = 0; k < h.choice(3) % 18; ++k) (void)host_.add_domain(domid{static_cast<u16>(k + 1)});
    for (std::size_t k = 0; k < h.steps(); ++k) {
      one(h.at(k));
      domains_are_sound();
    }
  }

 private:
  [[nodiscard]] static hardware_gic hardware(u32 choice) {
    constexpr hardware_gic all[] = {hardware_gic::v3, hardware_gic::v2, hardware_gic::v3_with_v2};
    return choice < 250 ? all[choice % 3] : hardware_gic{static_cast<u8>(choice)};
  }
  [[nodiscard]] static xen_4_17::host_support supports(u32 bits) {
    xen_4_17::host_support s;
    if ((bits & 1) != 0) s.gicv3 = xen_4_17::support::absent;
    if ((bits & 2) != 0) s.max_vcpus = 8;
    if ((bits & 4) != 0) s.iommu = xen_4_17::support::present;
    if ((bits & 8) != 0) s.vpmu = xen_4_17::support::present;
    if ((bits & 16) != 0) s.tee = config_tee_present;
    if ((bits & 32) != 0) s.max_grant_version = 2;
    if ((bits & 64) != 0) s.clock_frequency = 62'500'000;
    return s;
  }
  static constexpr auto config_tee_present = xen_4_17::config_tee::optee;

  void one(step s) {
    switch (s.kind & 0xf) {
      case 0:
      case 1:
      case 2: return poke(s);
      case 3:
      case 4: return prepare<op_4_17>(s);
      case 5: return prepare<op_4_5>(s);
      case 6: return fields(s);
      case 7:
        host_.call_as((s.who & 3) == 0 ? somebody
                                       : xsm::party{domid{static_cast<u16>(s.a % 20)}, {}, xsm::role::control});
        return;
      case 8:
        if (auto* d = host_.find_domain(domid{s.a}); d != nullptr)
          (s.who & 1) != 0 ? host_.hold(*d) : host_.release(*d);
        return;
      case 9: (void)host_.add_domain(domid{s.a}, xsm::ssid{s.value}); return;
      case 10:
      case 11: return call_4_5(address(s));
      default: return call_4_17(address(s));
    }
  }

  /// Where the argument is: mostly one of six places, or any 64-bit address.
  [[nodiscard]] static u64 address(step s) {
    if ((s.who & 0xc0) == 0xc0) return s.value * u64{0x1'0000'0001};
    return (s.who & 0xc0) == 0x80 ? s.value % 1040 : s.who % 6 * 144;
  }
  void poke(step s) { std::memcpy(host_.memory + s.a % (machine::size - 4), &s.value, 4); }

  /// An operation that makes sense, so that calls get far.
  template <class Op>
  void prepare(step s) {
    Op op;
    constexpr command commands[] = {command::createdomain, command::getdomaininfo, command::destroydomain,
                                    command::arm_configure_domain};
    op.cmd = commands[s.a & 3];
    op.domain = domid{static_cast<u16>(s.value % 20)};
    if constexpr (std::is_same_v<Op, op_4_17>) {
      if (op.cmd == command::createdomain) {
        xen_4_17::xen_domctl_createdomain config;
        config.arch.gic_version = config_gic{static_cast<u8>(s.a >> 2 & 3)};
        config.arch.nr_spis = s.value >> 20;
        config.max_vcpus = s.a >> 4 & 0xff;
        op.u.createdomain = config;
      }
    } else {
      op.cmd = command::arm_configure_domain;
      op.u.configuredomain.gic_version = config_gic{static_cast<u8>(s.a >> 2 & 3)};
    }
    std::memcpy(host_.memory + s.who % 6 * 144, &op, sizeof op);
  }
  /// One field of the createdomain at one of the places: `a` names it.
  void fields(step s) {
    constexpr std::size_t offsets[] = {0, 4, 8, 16, 36, 44, 48, 52, 56, 60, 64, 68, 72, 74, 76, 80};
    std::memcpy(host_.memory + s.who % 6 * 144 + offsets[s.a & 0xf], &s.value, (s.a & 0x10) != 0 ? 4 : 1);
  }

  template <class Op, class Call>
  error observed(u64 where, Op& before, Op& after, bool& readable, Call&& call) {
    const auto state = host_.now();
    unsigned char memory[machine::size];
    std::memcpy(memory, host_.memory, sizeof memory);
    readable = host_.copy_from_caller(before, {where}) == copied::all;
    const error e = call();
    story::say("// %s: domctl %u at 0x%llx: %d", sizeof(before.u) == 128 ? target_name : "", raw(before.cmd),
               static_cast<unsigned long long>(where), raw(e));
    if (!readable && e != error::efault) fail("an argument that cannot be read comes to %d", raw(e));
    if (e != error::none) {
      if (!(host_.now() == state)) fail("a call failed with %d, and domains changed", raw(e));
      if (std::memcmp(memory, host_.memory, sizeof memory) != 0) fail("a call failed with %d and wrote", raw(e));
    }
    if (readable) {
      std::memcpy(&after, host_.memory + where, sizeof after);
      std::memcpy(memory + where, &after, sizeof after);
    }
    if (std::memcmp(memory, host_.memory, sizeof memory) != 0) fail("a call wrote beside its argument");
    return e;
  }

  void call_4_5(u64 where) {
    op_4_5 before;
    op_4_5 after;
    bool readable = false;
    const error e = observed(where, before, after, readable,
                             [&] { return xen_4_5::do_domctl(host_, guest_handle<op_4_5>{where}); });
    if (!readable) return;
    const error expected = answer_4_5(before, where);
    if (e != expected) fail("Xen 4.5's operation comes to %d, and should to %d", raw(e), raw(expected));
    if (e != error::none) return;
    const config_gic is = native_gic(host_.hardware());
    if (after.u.configuredomain.gic_version != is) fail("arm_configure_domain answers another version");
    after.u.configuredomain.gic_version = before.u.configuredomain.gic_version;
    if (std::memcmp(&before, &after, sizeof after) != 0) fail("arm_configure_domain changed what is not OUT");
  }
  /// In Xen's order: version, domain, access, operation, its argument, the machine, the copy back.
  [[nodiscard]] error answer_4_5(const op_4_5& op, u64 where) {
    if (op.interface_version != xen_4_5::interface_version) return error::eacces;
    const bool any_domain = op.cmd == command::createdomain || op.cmd == command::getdomaininfo;
    if (!any_domain && host_.find_domain(op.domain) == nullptr) return error::esrch;
    if (host_.caller().as != xsm::role::control) return error::eperm;
    if (op.cmd != command::arm_configure_domain) return error::enosys;
    if (op.u.configuredomain.gic_version != config_gic::default_version) return error::eopnotsupp;
    if (native_gic(host_.hardware()) == config_gic::default_version) return error::einval;
    return where > machine::writable - sizeof op ? error::efault : error::none;
  }

  void call_4_17(u64 where) {
    op_4_17 before;
    op_4_17 after;
    bool readable = false;
    const auto then = host_.now();
    const error e = observed(where, before, after, readable,
                             [&] { return xen_4_17::do_domctl(host_, guest_handle<op_4_17>{where}); });
    if (e != error::none) return;
    if (before.interface_version != xen_4_17::interface_version) fail("another interface version was taken");
    if (host_.caller().as != xsm::role::control) fail("somebody was let do command %u", raw(before.cmd));
    switch (before.cmd) {
      case command::createdomain: return created(before, after);
      case command::destroydomain:
        if (std::memcmp(&before, &after, sizeof after) != 0) fail("destroydomain wrote");
        if (before.domain == host_.caller().id) fail("a domain destroyed itself");
        if (auto* d = host_.find_domain(before.domain); d != nullptr && d->state != life::dying)
          fail("a domain was destroyed and is alive");
        return;
      case command::getdomaininfo: {
        if (!(host_.now() == then)) fail("getdomaininfo changed domains");
        const auto* d = host_.find_domain(after.domain);
        if (d == nullptr || after.domain < before.domain || after.u.getdomaininfo.domain != after.domain)
          fail("getdomaininfo describes domain %u when asked for %u", raw(after.domain), raw(before.domain));
        for (const auto& other : then.domains)
          if (other.state != life::none && other.id >= before.domain && other.id < after.domain)
            fail("getdomaininfo passes over domain %u", raw(other.id));
        return;
      }
      default: fail("command %u succeeds", raw(before.cmd));
    }
  }
  void created(const op_4_17& before, op_4_17& after) {
    const auto& asked = before.u.createdomain;
    const auto* d = host_.find_domain(after.domain);
    if (d == nullptr) fail("a domain was made and is not there");
    const config_gic version = after.u.createdomain.arch.gic_version;
    if (version != config_gic::v2 && version != config_gic::v3)
      fail("createdomain answers GIC version %u", raw(version));
    if (asked.arch.gic_version != config_gic::native && asked.arch.gic_version != version)
      fail("createdomain gives another GIC than was asked for");
    if (xen_4_17::asks_for_domid(before.domain) && after.domain != before.domain) fail("another domain was made");
    if (d->gic.nr_spis < asked.arch.nr_spis) fail("a domain has fewer SPIs than it asked for");
    after.domain = before.domain;
    after.u.createdomain.arch.gic_version = asked.arch.gic_version;
    after.u.createdomain.arch.clock_frequency = asked.arch.clock_frequency;
    if (std::memcmp(&before, &after, sizeof after) != 0) fail("createdomain changed what is not OUT");
  }

  void domains_are_sound() {
    const auto& all = host_.now().domains;
    for (const auto& d : all) {
      if (d.state == life::none) continue;
      if (d.id >= domid::first_reserved) fail("a domain has the identifier 0x%x", raw(d.id));
      for (const auto& other : all)
        if (&other != &d && other.state != life::none && other.id == d.id) fail("two domains are %u", raw(d.id));
      if (d.id == domid::hardware || d.made_with.arch.gic_version == config_gic::native) continue;
      const bool v2 = d.gic.version == layout::gic_version::v2;
      if (d.gic.nr_spis > 960 || d.gic.nr_spis % 32 != 0) fail("a domain has %u SPIs", d.gic.nr_spis);
      if (v2 && d.made_with.max_vcpus > 8) fail("a GICv2 for %u vCPUs", d.made_with.max_vcpus);
      if (d.made_with.max_vcpus == 0 || d.made_with.max_vcpus > host_.supports().max_vcpus)
        fail("a domain has %u vCPUs", d.made_with.max_vcpus);
      if (v2 ? host_.hardware() == hardware_gic::v3 : host_.hardware() == hardware_gic::v2)
        fail("a domain has a GIC that the hardware cannot give");
    }
  }

  machine host_;
};

}  // namespace

void play(const u8* bytes, std::size_t size) { (void)caller(history(bytes, size)); }

}  // namespace tests::fuzz
