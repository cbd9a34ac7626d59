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

const std::string trap_prefix = "trap: ";

std::string what_of(const target& t) {
  if (t.what == act::read) return std::string("read ") + name(t.group);
  if (t.what == act::write) return std::string("write ") + name(t.group);
  for (const named& n : calls)
    if (n.what == t.what) return n.name;
  return std::string("write ") + name(t.group);  // a system register
}

}  // namespace

std::string name_of(const target& t) {
  switch (t.how) {
    case measure::call: return what_of(t);
    case measure::trap: return trap_prefix + what_of(t);
    case measure::exit: return "exit";
    case measure::entry: return "entry";
    default: return "maintenance";
  }
}

std::optional<target> target_named(const std::string& name) {
  for (const measure how : {measure::exit, measure::entry, measure::maintenance})
    if (const target t{how, act::pass, vgic::reg::reserved}; name_of(t) == name) return t;
  for (u32 how = 0; how < 2; ++how)
    for (u32 what = 0; what < static_cast<u32>(act::count); ++what)
      for (u32 group = 0; group < static_cast<u32>(vgic::reg::count); ++group)
        if (const target t{measure{static_cast<u8>(how)}, act{static_cast<u8>(what)},
                           vgic::reg{static_cast<u8>(group)}};
            name_of(t) == name)
          return t;
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

bool is_trap(const target& t) { return t.what != act::on && t.what != act::off && t.what != act::reschedule; }

}  // namespace bench::worst
