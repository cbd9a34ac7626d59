// SPDX-License-Identifier: BSL-1.0
/// \file
/// A model of a hypervisor that has domains and nothing else: the environment of both handlers for tests and examples.
#pragma once

#include <domctl/handler_4_17.hpp>
#include <domctl/handler_4_5.hpp>

namespace domctl {

/// How far a domain of the model is.
enum class life : std::uint8_t {
  none,  ///< the place is free
  alive,
  dying,  ///< destroyed, but others still hold references to it
};

/// Domains in a table of `Capacity` places, the hardware domain among them, on a machine that is said at run time.
/// Callers' addresses are addresses of this program. No heap.
/// \tparam Access `xsm::access_control`
template <xsm::access_control Access = xsm::privileged_only, std::size_t Capacity = 16>
class in_memory {
 public:
  static_assert(Capacity >= 1, "in_memory: the hardware domain needs a place");

  /// Whether the toolstack has been told the domain's GIC.
  enum class configured : std::uint8_t { no, yes };
  /// Whether others hold references to a domain.
  enum class references : std::uint8_t { none, held };

  struct domain {
    life state = life::none;
    domid id{};
    xsm::ssid label{};
    xsm::role as = xsm::role::other;
    references held = references::none;
    configured has_gic = configured::no;
    domain_configuration gic{};
    xen_4_17::xen_domctl_createdomain made_with{};

    friend bool operator==(const domain&, const domain&) = default;
  };

  /// All that domctls can change: to be compared before and after.
  struct state {
    domain domains[Capacity] = {};
    domid last_made{0};

    friend bool operator==(const state&, const state&) = default;
  };

  /// A machine with that GIC, and its hardware domain, which calls.
  explicit constexpr in_memory(hardware_gic hardware, const xen_4_17::host_support& supports = {},
                               const Access& access = Access{})
      : hardware_(hardware), supports_(supports), access_(access) {
    now_.domains[0].state = life::alive;
    now_.domains[0].id = domid::hardware;
    now_.domains[0].as = xsm::role::control;
    caller_ = party_of(now_.domains[0]);
  }

  /// Who makes the next calls.
  constexpr void call_as(const xsm::party& caller) { caller_ = caller; }

  /// A domain without a GIC, as Xen 4.5's createdomain leaves it; null if there is no place or no such identifier is
  /// free.
  constexpr domain* add_domain(domid id, xsm::ssid label = {}) {
    if (id >= domid::first_reserved || find_domain(id) != nullptr) return nullptr;
    domain* const place = free_place();
    if (place == nullptr) return nullptr;
    *place = domain{};
    place->state = life::alive;
    place->id = id;
    place->label = label;
    return place;
  }

  /// From now on somebody holds references to the domain, as a back end that maps its memory does.
  constexpr void hold(domain& d) { d.held = references::held; }
  /// And now nobody any more: if it was dying it is gone.
  constexpr void release(domain& d) {
    d.held = references::none;
    if (d.state == life::dying) d = domain{};
  }

  [[nodiscard]] constexpr const state& now() const { return now_; }
  /// How often the handlers found a bug of the host, and the last one's text (null: none).
  [[nodiscard]] constexpr std::uint32_t bugs() const { return bugs_; }
  [[nodiscard]] constexpr const char* last_bug() const { return last_bug_; }

  // What the handlers call.

  template <class Op>
  copied copy_from_caller(Op& op, guest_handle<Op> where) const {
    if (where.address == 0) return copied::fault;
    __builtin_memcpy(&op, reinterpret_cast<const void*>(static_cast<std::uintptr_t>(where.address)), sizeof(Op));
    return copied::all;
  }
  template <class Op>
  copied copy_to_caller(guest_handle<Op> where, const Op& op) const {
    if (where.address == 0) return copied::fault;
    __builtin_memcpy(reinterpret_cast<void*>(static_cast<std::uintptr_t>(where.address)), &op, sizeof(Op));
    return copied::all;
  }

  [[nodiscard]] constexpr xsm::party caller() const { return caller_; }
  [[nodiscard]] constexpr xsm::party party_of(const domain& d) const { return {d.id, d.label, d.as}; }
  [[nodiscard]] constexpr const Access& access() const { return access_; }
  [[nodiscard]] constexpr hardware_gic hardware() const { return hardware_; }
  [[nodiscard]] constexpr const xen_4_17::host_support& supports() const { return supports_; }
  constexpr void bug(const char* text) {
    ++bugs_;
    last_bug_ = text;
  }

  [[nodiscard]] constexpr domain* find_domain(domid id) {
    for (domain& d : now_.domains) {
      if (d.state != life::none && d.id == id) return &d;
    }
    return nullptr;
  }

  [[nodiscard]] constexpr domain* first_domain_from(domid id) {
    domain* first = nullptr;
    for (domain& d : now_.domains) {
      if (d.state != life::none && d.id >= id && (first == nullptr || d.id < first->id)) first = &d;
    }
    return first;
  }

  /// The one after the last that was given out this way, as Xen's `rover`; Xen's also moves on if the domain is not
  /// made in the end.
  [[nodiscard]] constexpr domid free_domid() {
    const std::uint32_t all = raw(domid::first_reserved) - 1u;
    for (std::uint32_t step = 0; step < all; ++step) {
      const domid id{static_cast<std::uint16_t>(1u + (raw(now_.last_made) + step) % all)};
      if (find_domain(id) == nullptr) return id;
    }
    return domid::invalid;
  }

  constexpr void configure(domain& d, const domain_configuration& configuration) {
    d.has_gic = configured::yes;
    d.gic = configuration;
  }

  /// -ESRCH: CPU pool 0 is the only one. -ENOMEM: no place.
  constexpr xen_4_17::created<domain> create_domain(domid id, const domain_configuration& configuration,
                                                    const xen_4_17::xen_domctl_createdomain& config) {
    if (config.cpupool_id != 0) return {nullptr, error::esrch};
    domain* const d = add_domain(id, xsm::ssid{config.ssidref});
    if (d == nullptr) return {nullptr, error::enomem};
    configure(*d, configuration);
    d->made_with = config;
    before_last_made_ = now_.last_made;
    now_.last_made = id;
    return {d, error::none};
  }

  constexpr void take_back(domain& d) {
    d = domain{};
    now_.last_made = before_last_made_;
  }

  constexpr error destroy_domain(domain& d) {
    if (d.held == references::held) {
      d.state = life::dying;
    } else {
      d = domain{};
    }
    return error::none;
  }

  constexpr void describe(const domain& d, xen_4_17::xen_domctl_getdomaininfo& info) const {
    using xen_4_17::dominf;
    constexpr auto no_shutdown_code =
        static_cast<dominf>(xen_4_17::dominf_shutdown_mask << xen_4_17::dominf_shutdown_shift);
    info.flags = dominf::hvm_guest | dominf::hap | no_shutdown_code;
    // Nothing in the model unpauses a domain that was made.
    if (d.id != domid::hardware) info.flags = info.flags | dominf::paused;
    if (d.state == life::dying) info.flags = info.flags | dominf::dying;
    info.ssidref = raw(d.label);
    for (std::size_t i = 0; i < sizeof(info.handle); ++i) info.handle[i] = d.made_with.handle[i];
    info.cpupool = d.made_with.cpupool_id;
  }

 private:
  [[nodiscard]] constexpr domain* free_place() {
    for (domain& d : now_.domains) {
      if (d.state == life::none) return &d;
    }
    return nullptr;
  }

  state now_{};
  domid before_last_made_{0};
  hardware_gic hardware_;
  xen_4_17::host_support supports_;
  Access access_;
  xsm::party caller_{};
  std::uint32_t bugs_ = 0;
  const char* last_bug_ = nullptr;
};

}  // namespace domctl
