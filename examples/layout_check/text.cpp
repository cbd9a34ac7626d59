// SPDX-License-Identifier: BSL-1.0
/// \file
/// The map as text.
#include "map.hpp"

#include <algorithm>

namespace layout_map {
namespace {

/// Up to so many redistributors are listed one by one; of more, the first three and the last.
constexpr u64 listed = 16;

std::string padded(std::string s, std::size_t width) {
  s.resize(std::max(s.size(), width), ' ');
  return s;
}

class writer {
 public:
  explicit writer(std::size_t digits) : digits_(digits) {}

  void line(range where, const std::string& what) {
    out_ += padded(address(where.base), digits_) + " - " + padded(address(where.end() - 1), digits_) + "  " +
            padded(bytes(where.size), 18) + what + '\n';
  }
  void slot(range where, const std::string& what) { line(where, "  " + what); }
  void note(const std::string& what) { out_ += std::string(2 * digits_ + 23, ' ') + "  " + what + '\n'; }
  [[nodiscard]] const std::string& all() const { return out_; }

 private:
  std::size_t digits_;
  std::string out_;
};

void redistributors(writer& out, const piece& p, u64 stride) {
  const auto at = [&](u64 slot) { return range{p.where.base + slot * stride, stride}; };
  for (u64 n = 0; n < p.used; ++n) {
    if (p.used > listed && n == 3) {
      out.note("...");
      n = p.used - 1;
    }
    out.slot(at(n), "vCPU " + std::to_string(p.first_vcpu + n));
  }
  if (p.slots > p.used)
    out.slot({at(p.used).base, (p.slots - p.used) * stride}, "room for " + std::to_string(p.slots - p.used) + " more");
}

}  // namespace

std::string text(const description& d) {
  const std::vector<piece> pieces = pieces_of(d);
  u64 last = 0;
  for (const piece& p : pieces) last = std::max(last, p.where.end() - 1);
  writer out{address(last).size()};
  for (const piece& p : pieces) {
    switch (p.what) {
      case kind::hole: out.line(p.where, "-"); break;
      case kind::redistributors:
        out.line(p.where, p.name + (p.used == 0 ? ": no vCPU" : ": " + vcpus(p.first_vcpu, p.used)) + ", stride " +
                              bytes(d.gic.stride));
        redistributors(out, p, d.gic.stride);
        break;
      default: out.line(p.where, p.name); break;
    }
  }
  return d.name + ", GICv" + std::to_string(static_cast<int>(d.gic.version)) + ", " + std::to_string(d.vcpus) +
         (d.vcpus == 1 ? " vCPU" : " vCPUs") + ", " + std::to_string(d.guest_physical_bits) +
         " bits of guest-physical address\n\n" + out.all();
}

}  // namespace layout_map
