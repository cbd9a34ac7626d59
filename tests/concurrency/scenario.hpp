// SPDX-License-Identifier: BSL-1.0
/// \file
/// A scenario: a VM in some state, and what two or three threads then do to it at once.
#pragma once

#include "concurrency/world.hpp"
#include "support/invariants.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tests {

class scenario {
 public:
  scenario(std::string of, u32 n) : name(std::move(of)), threads(n) {}
  virtual ~scenario() = default;
  scenario(const scenario&) = delete;
  scenario& operator=(const scenario&) = delete;

  /// Once, before the first execution: the words lie in this memory, each with a name.
  virtual void prepare() = 0;
  virtual void restore() = 0;
  virtual void body(u32 thread) = 0;
  /// What is wrong now that all threads have ended, or null. States that were judged before are not judged again.
  [[nodiscard]] virtual const char* verdict() = 0;

  const std::string name;
  const u32 threads;
};

/// Final states that were found to be right.
class judged_states {
 public:
  [[nodiscard]] bool has(u64 fingerprint) const;
  void add(u64 fingerprint);
  void clear();
  [[nodiscard]] u64 size() const { return count_; }

 private:
  static constexpr u32 room = 1u << 20;
  std::unique_ptr<u64[]> table_ = std::make_unique<u64[]>(room);
  u64 count_ = 0;
};
judged_states& judged();

/// The name of a word of a VM.
template <class Config>
std::string name_of_word(const state<Config>& st, const void* at);

template <class Config>
class scenario_on : public scenario {
 public:
  using vm = world<Config>;
  using act = std::function<void(vm&)>;
  /// Says what is wrong, or null.
  using check = std::function<const char*(vm&)>;

  scenario_on(std::string of, act before, std::vector<act> at_once, check extra = {})
      : scenario(std::move(of), static_cast<u32>(at_once.size())),
        before_(std::move(before)),
        at_once_(std::move(at_once)),
        extra_(std::move(extra)) {}

  void prepare() override {
    world_ = std::make_unique<vm>();
    current_ = world_.get();
    vm& w = *world_;
    for (u32 v = 0; v < most_modelled_vcpus; ++v) w.as(v, [&] { w.m.hardware().enable_groups(vcpu(v), 3); });
    for (u32 i : vm::used_spis) {
      if (i == vm::level_spi)
        w.m.level(i);
      else
        w.m.edge(i);
      w.m.enable(i);
      w.m.route(i, 0);
    }
    w.take_what_is_called_for();
    if (before_) before_(w);
    typer_ = w.m.g.inspect().typer;
    w.remember();
    model::begin(&w, sizeof(vm), [](const void* at) { return name_of(at); });
  }
  void restore() override { world_->restore(); }
  void body(u32 thread) override { at_once_[thread](*world_); }

  [[nodiscard]] const char* verdict() override {
    vm& w = *world_;
    if (w.log.known_wrong() != nullptr) return w.log.known_wrong();
    const u64 print = w.fingerprint();
    if (judged().has(print)) return nullptr;
    if (w.serve_calls()) {
      if (w.stale() != 0)
        return "a list register holds an interrupt that may not be taken, and nobody was called for it";
      text_ = broken_invariants(w.m.g, typer_);
      if (!text_.empty()) return text_.c_str();
    }
    if (!w.takes_are_right()) return "a vCPU takes part in 1-of-N that should not, or does not that should";
    if (!w.triggers_agree()) return "ICFGR1 does not read as the planes are";
    w.take_what_is_called_for();
    if (w.log.known_wrong() != nullptr) return w.log.known_wrong();
    if (w.forgotten() != 0) return "an interrupt is deliverable, and nobody was called for it";
    if (const char* wrong = broken(); wrong != nullptr) return wrong;
    if (extra_)
      if (const char* wrong = extra_(w); wrong != nullptr) return wrong;
    w.open_everything();
    w.take_what_is_called_for();
    if (w.forgotten() != 0) return "an interrupt is deliverable after all was opened, and nobody was called for it";
    if (const char* wrong = broken(); wrong != nullptr) return wrong;
    if (const char* wrong = w.log.verdict(); wrong != nullptr) return wrong;
    judged().add(print);
    return nullptr;
  }

 private:
  [[nodiscard]] const char* broken() {
    vm& w = *world_;
    // What ended in list registers without a call is folded in by a pass, which must not be needed for anything else.
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      if (w.on[v]) w.pass(v);
    if (w.log.known_wrong() != nullptr) return w.log.known_wrong();
    text_ = broken_invariants(w.m.g, typer_);
    return text_.empty() ? nullptr : text_.c_str();
  }
  static std::string name_of(const void* at) {
    const auto& host = current_->m.g.host();
    for (u32 v = 0; v < most_modelled_vcpus; ++v) {
      if (at == &host.kicked[v]) return "vCPU " + std::to_string(v) + " is kicked";
      if (at == &host.runs[v]) return "vCPU " + std::to_string(v) + " runs";
    }
    return name_of_word<Config>(current_->m.g.inspect(), at);
  }

  static inline vm* current_ = nullptr;
  std::unique_ptr<vm> world_;
  u32 typer_ = 0;
  std::string text_;
  const act before_;
  const std::vector<act> at_once_;
  const check extra_;
};

template <class Config>
std::string name_of_word(const state<Config>& st, const void* at) {
  using bank_type = std::remove_reference_t<decltype(st.spi[0])>;
  const auto in = [at](const auto& cells, const char* name) -> std::string {
    u32 n = 0;
    for (const auto& c : cells) {
      if (at == &c) return std::string(name) + "[" + std::to_string(n) + "]";
      ++n;
    }
    return {};
  };
  const auto in_bank = [&](bank_type& b) -> std::string {
    if (std::string s = in(b.moving, "moving"); !s.empty()) return s;
    if (std::string s = in(b.slices, "slices"); !s.empty()) return s;
    if (at == &b.active) return "active";
    if (at == &b.line) return "line";
    if (at == &b.message) return "message";
    if (at == &b.edge) return "edge";
    if (at == &b.enabled) return "enabled";
    if (at == &b.group) return "group";
    if (at == &b.any) return "any";
    return {};
  };
  if (std::string s = in_bank(st.spi[0]); !s.empty()) return "SPI " + s;
  for (const auto& [cells, name] : {std::pair{&st.takes[0], "takes group 0"}, std::pair{&st.takes[1], "takes group 1"}})
    if (std::string s = in(*cells, name); !s.empty()) return s;
  if (std::string s = in(st.gate, "gate"); !s.empty()) return s;
  if (std::string s = in(st.routes, "route"); !s.empty()) return s;
  if (std::string s = in(st.priorities, "priority"); !s.empty()) return s;
  if (at == &st.strays) return "strays";
  if (at == &st.turn) return "turn";
  for (u32 v = 0; v < most_modelled_vcpus; ++v) {
    const auto& o = st.vcpu[v];
    const std::string whose = "vCPU " + std::to_string(v) + " ";
    if (std::string s = in_bank(o.priv); !s.empty()) return whose + s;
    if (std::string s = in(o.sgi_sources, "sources"); !s.empty()) return whose + s;
    if (std::string s = in(o.routed, "routed"); !s.empty()) return whose + s;
    if (at == &o.maybe) return whose + "maybe";
    if (at == &o.mine) return whose + "mine";
    if (at == &o.on) return whose + "on";
    if (at == &o.asleep) return whose + "asleep";
    if (at == &o.groups_enabled) return whose + "groups";
    if (at == &o.dpg) return whose + "dpg";
  }
  return "another word";
}

/// All of them; `v2` and `v3` are the versions, the number is that of list registers.
using v3_1 = modelled_config<gicv3, 1>;
using v3_2 = modelled_config<gicv3, 2>;
using v2_2 = modelled_config<gicv2, 2>;
using v3_plain = modelled_config<gicv3, 1, features<>>;
using scenarios = std::vector<std::unique_ptr<scenario>>;

}  // namespace tests
