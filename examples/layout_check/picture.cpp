// SPDX-License-Identifier: BSL-1.0
/// \file
/// The map as an SVG picture: a column of boxes, low addresses at the top. Frames of the GIC are to scale; what is much
/// larger, holes and neighbours, is cut, and the cut is shown by two zigzag lines.
#include "map.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace layout_map {
namespace {

// Pixels. Texts are 12 high; nothing that has a text is lower than 16.
constexpr double width = 880;
constexpr double left = 160;
constexpr double box = 270;
constexpr double details = left + box + 14;
constexpr double bracket = details + 122;
constexpr double margin = 24;
constexpr double lowest_box = 16;
constexpr double cut_box = 46;    ///< a name, and the zigzag below it
constexpr double end_label = 20;  ///< room for the address behind the last box

/// Redistributors that are drawn one by one; of more, the first and the last ones.
constexpr u64 drawn = 20;
constexpr u64 drawn_first = 4;
constexpr u64 drawn_last = 2;

constexpr std::string_view style = R"(
    .page { fill: #ffffff; }
    text { font: 12px "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; fill: #1f2328; }
    .title { font-size: 17px; font-weight: bold; }
    .faint { fill: #59636e; }
    .small { font-size: 10px; fill: #59636e; }
    .bad { fill: #b3261e; font-weight: bold; }
    rect, path { stroke-width: 1; fill: none; }
    .gic { fill: #cfe2ff; stroke: #2f6fbd; }
    .used { fill: #d5f0dc; stroke: #2f8a4c; }
    .half { stroke: #9ccfac; }
    .room { fill: #ffffff; stroke: #2f8a4c; stroke-dasharray: 4 3; }
    .neighbour { fill: #e9ecf0; stroke: #7d8590; }
    .hole { stroke: #aeb6bf; stroke-dasharray: 2 4; }
    .bracket { stroke: #2f8a4c; }
    .gap { fill: #ffffff; stroke: none; }
    .edge { stroke: #59636e; }
    @media (prefers-color-scheme: dark) {
      .page, .gap, .room { fill: #0d1117; }
      text { fill: #e6edf3; }
      .faint, .small { fill: #9ea7b3; }
      .bad { fill: #ff8f87; }
      .gic { fill: #17325a; stroke: #6ea8ff; }
      .used { fill: #163d25; stroke: #56c477; }
      .half { stroke: #2f6b43; }
      .room, .bracket { stroke: #56c477; }
      .neighbour { fill: #262c34; stroke: #8b949e; }
      .hole { stroke: #59636e; }
      .edge { stroke: #9ea7b3; }
    }
)";

std::string number(double n) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.1f", n);
  std::string s = digits;
  if (s.ends_with(".0")) s.resize(s.size() - 2);
  return s;
}

std::string escaped(std::string_view s) {
  std::string out;
  for (const char c : s) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c; break;
    }
  }
  return out;
}

class canvas {
 public:
  double y = margin;

  void text(double x, double baseline, std::string_view what, std::string_view look = "", bool right = false) {
    body_ += "  <text x=\"" + number(x) + "\" y=\"" + number(baseline) + "\"";
    if (!look.empty()) body_ += " class=\"" + std::string{look} + "\"";
    if (right) body_ += " text-anchor=\"end\"";
    body_ += ">" + escaped(what) + "</text>\n";
  }
  void rectangle(double x, double top, double w, double h, std::string_view look) {
    body_ += "  <rect x=\"" + number(x) + "\" y=\"" + number(top) + "\" width=\"" + number(w) + "\" height=\"" +
             number(h) + "\" class=\"" + std::string{look} + "\"/>\n";
  }
  void path(const std::string& d, std::string_view look) {
    body_ += "  <path d=\"" + d + "\" class=\"" + std::string{look} + "\"/>\n";
  }
  /// Two zigzag lines across the column, and nothing between them.
  void cut(double middle) {
    constexpr int teeth = 18;
    constexpr double reach = 6;  // beyond the box to both sides
    constexpr double step = (box + 2 * reach) / teeth;
    std::string upper;
    std::string lower;
    for (int i = 0; i <= teeth; ++i) {
      const std::string x = number(left - reach + i * step);
      const double y_at = middle + (i % 2 == 0 ? 2.5 : -2.5);
      upper += (i == 0 ? "M" : " L") + x + " " + number(y_at - 3);
      lower = " L" + x + " " + number(y_at + 3) + lower;
    }
    path(upper + lower + " Z", "gap");
    path(upper, "edge");
    path("M" + lower.substr(2), "edge");
  }
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  std::string body_;
};

/// Baseline of a 12 pixel text in the middle of a line of `height` that begins at `top`.
double baseline(double top, double height) { return top + height / 2 + 4; }

class drawing {
 public:
  explicit drawing(const description& d)
      : d_(d), per_byte_(d.gic.version == layout::gic_version::v2 ? 28.0 / 0x1000 : 16.0 / 0x1'0000) {}

  std::string all() {
    head();
    u64 end = 0;
    for (const piece& p : pieces_of(d_)) {
      draw(p);
      end = std::max(end, p.where.end());
    }
    c_.text(left - 10, c_.y + 4, address(end), "", true);
    c_.y += end_label;
    foot();
    const double height = c_.y + margin / 2;
    const std::string size = number(width) + " " + number(height);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- SPDX-License-Identifier: BSL-1.0 -->\n"
           "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
           size + "\" width=\"" + number(width) + "\" height=\"" + number(height) + "\" role=\"img\">\n  <title>" +
           escaped(title()) + "</title>\n  <style>" + std::string{style} + "  </style>\n  <rect width=\"" +
           number(width) + "\" height=\"" + number(height) + "\" rx=\"6\" class=\"page\"/>\n" + c_.body() + "</svg>\n";
  }

 private:
  [[nodiscard]] std::string title() const {
    return "Guest-physical layout " + d_.name + ": GICv" + std::to_string(static_cast<int>(d_.gic.version)) + ", " +
           std::to_string(d_.vcpus) + (d_.vcpus == 1 ? " vCPU" : " vCPUs");
  }

  void head() {
    c_.text(margin, c_.y + 12, title(), "title");
    c_.text(margin, c_.y + 34,
            "Low addresses at the top. Frames of the GIC are to scale; a zigzag cuts what is much larger.", "faint");
    c_.y += 58;
  }

  void foot() {
    for (const layout::verdict& v : d_.broken) {
      c_.text(margin, c_.y + 12, "broken: " + sentence(v), "bad");
      c_.y += 18;
    }
  }

  [[nodiscard]] double to_scale(u64 size) const { return static_cast<double>(size) * per_byte_; }

  void draw(const piece& p) {
    switch (p.what) {
      case kind::hole: one_box(p.where, "hole", "", "faint"); break;
      case kind::neighbour: one_box(p.where, "neighbour", p.name, ""); break;
      case kind::redistributors: region(p); break;
      default: one_box(p.where, "gic", p.name, ""); break;
    }
  }

  /// One box for all of the range: to scale, or cut, or as low as a text allows.
  void one_box(range where, std::string_view look, std::string_view name, std::string_view size_look) {
    const double scaled = to_scale(where.size);
    const bool frame = look == "gic";
    const bool cut = !frame && scaled > cut_box;
    const double height = cut ? cut_box : std::max(scaled, lowest_box);
    c_.rectangle(left, c_.y, box, height, look);
    c_.text(left - 10, c_.y + 12, address(where.base), "", true);
    const double line = cut ? c_.y + 18 : baseline(c_.y, height);
    if (!name.empty()) c_.text(left + 12, line, name);
    std::string size = bytes(where.size);
    if (frame && scaled < lowest_box) size += " (drawn larger than it is)";
    c_.text(details, line, look == "hole" ? "hole, " + size : size, size_look);
    if (cut) c_.cut(c_.y + height - 14);
    c_.y += height;
  }

  void region(const piece& p) {
    const double top = c_.y;
    for (u64 n = 0; n < p.used; ++n) {
      if (p.used > drawn && n == drawn_first) {
        n = p.used - drawn_last;
        slots(p, drawn_first, n - drawn_first, "used", vcpus(p.first_vcpu + drawn_first, n - drawn_first));
      }
      redistributor(p.where.base + n * d_.gic.stride, p.first_vcpu + n);
    }
    if (p.slots > p.used)
      slots(p, p.used, p.slots - p.used, "room", "room for " + std::to_string(p.slots - p.used) + " more");
    const double bottom = c_.y;
    c_.path("M" + number(bracket) + " " + number(top + 1) + " h8 V" + number(bottom - 1) + " h-8", "bracket");
    // Three lines, below those of the region before if that one is low.
    double line = std::max(top + std::min(bottom - top, 160.0) / 2 - 14, label_end_ + 18);
    c_.text(bracket + 18, line, p.name);
    c_.text(bracket + 18, line += 18, bytes(p.where.size) + ", stride " + bytes(d_.gic.stride), "faint");
    c_.text(bracket + 18, line += 18, p.used == 0 ? "no vCPU" : vcpus(p.first_vcpu, p.used), "faint");
    label_end_ = line;
  }

  /// RD frame and SGI frame of one vCPU.
  void redistributor(u64 base, u64 vcpu) {
    const double height = to_scale(d_.gic.stride);
    const double frame = to_scale(0x1'0000);
    c_.rectangle(left, c_.y, box, height, "used");
    for (int i = 1; i <= 2; ++i) {
      const double end = c_.y + i * frame;
      if (end < c_.y + height) c_.path("M" + number(left + box - 90) + " " + number(end) + " h90", "half");
    }
    c_.text(left + 12, baseline(c_.y, std::min(height, 2 * frame)), "vCPU " + std::to_string(vcpu));
    c_.text(left + box - 82, c_.y + frame - 4, "RD", "small");
    c_.text(left + box - 82, c_.y + 2 * frame - 4, "SGI", "small");
    c_.text(left - 10, c_.y + 12, address(base), "", true);
    c_.y += height;
  }

  /// Several redistributors in one box, cut if there are many.
  void slots(const piece& p, u64 first, u64 count, std::string_view look, std::string_view name) {
    const double scaled = to_scale(count * d_.gic.stride);
    const bool cut = scaled > 2 * cut_box;
    const double height = cut ? cut_box : scaled;
    c_.rectangle(left, c_.y, box, height, look);
    c_.text(left - 10, c_.y + 12, address(p.where.base + first * d_.gic.stride), "", true);
    const double line = cut ? c_.y + 18 : baseline(c_.y, height);
    c_.text(left + 12, line, name);
    c_.text(details, line, bytes(count * d_.gic.stride), "faint");
    if (cut) c_.cut(c_.y + height - 14);
    c_.y += height;
  }

  const description& d_;
  double per_byte_;
  double label_end_ = 0;  ///< baseline of the last text beside a bracket
  canvas c_;
};

}  // namespace

std::string picture(const description& d) { return drawing{d}.all(); }

}  // namespace layout_map
