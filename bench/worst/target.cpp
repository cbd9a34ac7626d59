// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/target.hpp>

namespace bench::worst {
namespace {

struct named {
  act what;
  const char* name;
};
constexpr named calls[] = {
    {act::raise, "raise an SPI"},         {act::lower, "lower an SPI"},
    {act::pulse, "pulse an SPI"},         {act::forward, "forward an SPI"},
    {act::raise_private, "raise a PPI"},  {act::lower_private, "lower a PPI"},
    {act::pulse_private, "pulse a PPI"},  {act::forward_private, "forward a PPI"},
    {act::pass, "interrupt of the host"}, {act::on, "host: vcpu_on and load"},
    {act::off, "host: vcpu_off"},         {act::reschedule, "host: put and load"},
};

constexpr named traps[] = {
    {act::read, "trap: a read"},
    {act::write, "trap: a write"},
    {act::sgi1r, "trap: a system register"},
    {act::raise, "trap: a device's event"},
    {act::pass, "trap: an interrupt of the host"},
};

template <std::size_t N>
std::string find(const named (&all)[N], act what) {
  for (const named& n : all)
    if (n.what == what) return n.name;
  return "";
}

}  // namespace

std::optional<target> whole(const target& call) {
  const auto trap = [](act kind) { return target{measure::trap, kind, vgic::reg::reserved}; };
  if (!is_limited(call)) return std::nullopt;
  if (call.what == act::read || call.what == act::pass) return trap(call.what);
  if (call.what != act::write) return trap(act::raise);
  return trap(call.group >= vgic::reg::icc_sgi1r ? act::sgi1r : act::write);
}

std::string name_of(const target& t) {
  switch (t.how) {
    case measure::call:
      if (t.what == act::read) return std::string("read ") + name(t.group);
      if (t.what == act::write) return std::string("write ") + name(t.group);
      return find(calls, t.what);
    case measure::trap: return find(traps, t.what);
    case measure::exit: return "exit";
    case measure::entry: return "entry";
    default: return "maintenance";
  }
}

std::optional<target> target_named(const std::string& name) {
  for (u32 how = 0; how <= static_cast<u32>(measure::maintenance); ++how)
    for (u32 what = 0; what < static_cast<u32>(act::count); ++what)
      for (u32 group = 0; group < static_cast<u32>(vgic::reg::count); ++group) {
        const target t{measure{static_cast<u8>(how)}, act{static_cast<u8>(what)}, vgic::reg{static_cast<u8>(group)}};
        const bool plain = t.how != measure::call || (t.what != act::read && t.what != act::write);
        if (plain && t.group != vgic::reg::reserved) continue;
        if (t.how > measure::trap && t.what != act::pass) continue;
        if (name_of(t) == name) return t;
      }
  return std::nullopt;
}

u32 parts_of(const target& t) {
  switch (t.how) {
    case measure::call: return 1u << static_cast<u32>(part::call);
    case measure::trap: return all_parts;
    case measure::exit: return 1u << static_cast<u32>(part::exit);
    case measure::entry: return 1u << static_cast<u32>(part::entry);
    default: return 1u << static_cast<u32>(part::maintenance);
  }
}

u32 cost_of(const target& t, const spent& s) {
  u32 sum = 0;
  for (u32 p = 0; p < parts; ++p)
    if ((parts_of(t) >> p & 1) != 0) sum += s.of[p];
  return sum;
}

bool is_limited(const target& t) { return t.what != act::on && t.what != act::off && t.what != act::reschedule; }

}  // namespace bench::worst
