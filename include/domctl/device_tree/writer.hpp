// SPDX-License-Identifier: BSL-1.0
/// \file
/// Writes a flattened device tree from top to bottom through libfdt, in a buffer that grows as it fills.
#pragma once

#include <domctl/device_tree/buffer.hpp>
#include <domctl/device_tree/name.hpp>
#include <domctl/text.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <libfdt.h>

namespace domctl {

/// What became of a tree.
struct [[nodiscard]] tree_status {
  int code = 0;          ///< 0, or libfdt's first error: -FDT_ERR_*
  std::size_t size = 0;  ///< bytes of the finished tree
  text<160> where{};     ///< where the error happened: the node's path, and what was to be written there

  [[nodiscard]] constexpr bool ok() const { return code == 0; }
  /// The error in libfdt's words.
  [[nodiscard]] const char* what() const { return fdt_strerror(code); }
};

/// A tree in the making. After the first error nothing more is written, and `finish` returns that error. libfdt's
/// -FDT_ERR_NOSPACE makes the buffer grow and the step is done again, as often as the buffer follows; it is an error
/// only when the buffer does not. A tree is never cut short. Needs libfdt 1.5.1 or newer.
template <tree_buffer Buffer>
class tree_writer {
 public:
  /// Starts in what `buffer` has already, which may be nothing. The buffer outlives the writer, and is left alone
  /// until `finish`.
  explicit tree_writer(Buffer& buffer) : buffer_(buffer) {
    perform("header", "", [this] { return fdt_create(buffer_.data(), size()); });
    created_ = ok();
    perform("reserve map", "", [this] { return fdt_finish_reservemap(buffer_.data()); });
  }
  tree_writer(const tree_writer&) = delete;
  tree_writer& operator=(const tree_writer&) = delete;

  [[nodiscard]] bool ok() const { return status_.ok(); }
  /// The first error so far.
  [[nodiscard]] const tree_status& status() const { return status_; }

  /// The root: `content()` writes its properties, then its children.
  template <std::invocable Content>
  void root(Content&& content) {
    enter("", content);
  }

  /// A node without a unit address.
  template <std::invocable Content>
  void node(tree_name name, Content&& content) {
    enter(name.c_str(), content);
  }

  /// The node `name@unit_address`.
  template <std::invocable Content>
  void node(tree_name name, std::uint64_t unit_address, Content&& content) {
    constexpr std::size_t longest = tree_name::longest + sizeof("@0123456789abcdef") - 1;
    const text<longest> full = text<longest>{name.c_str()}.add('@').hex(unit_address);
    enter(full.c_str(), content);
  }

  /// A property without a value: that it is there says it all.
  void flag(tree_name name) {
    property(name, 0, [](std::uint8_t*) {});
  }

  /// `count` cells of 32 bits: `value(0)`, `value(1)`, ...
  template <std::invocable<std::size_t> Value>
  void cells(tree_name name, std::size_t count, Value&& value) {
    property(name, count * 4, [&](std::uint8_t* out) {
      for (std::size_t i = 0; i < count; ++i) out = put(out, static_cast<std::uint32_t>(value(i)));
    });
  }
  template <std::size_t N>
  void cells(tree_name name, const std::uint32_t (&values)[N]) {
    cells(name, N, [&](std::size_t i) { return values[i]; });
  }
  void cell(tree_name name, std::uint32_t value) { cells(name, {value}); }

  /// `count` numbers of two cells each: addresses and sizes below #address-cells and #size-cells 2.
  template <std::invocable<std::size_t> Value>
  void pairs(tree_name name, std::size_t count, Value&& value) {
    cells(name, count * 2, [&](std::size_t i) {
      const std::uint64_t pair = value(i / 2);
      return i % 2 == 0 ? pair >> 32 : pair & 0xffff'ffff;
    });
  }
  template <std::size_t N>
  void pairs(tree_name name, const std::uint64_t (&values)[N]) {
    pairs(name, N, [&](std::size_t i) { return values[i]; });
  }

  /// Strings, each with the zero behind it.
  template <std::size_t N>
  void strings(tree_name name, const char* const (&values)[N]) {
    std::size_t bytes = 0;
    for (const char* s : values) bytes += length(s) + 1;
    property(name, bytes, [&](std::uint8_t* out) {
      for (const char* s : values) {
        do *out++ = static_cast<std::uint8_t>(*s);
        while (*s++ != '\0');
      }
    });
  }
  void string(tree_name name, const char* value) { strings(name, {value}); }

  /// Ends the tree: its size, or the first error of all. Nothing can be written behind it. The tree lies at the
  /// buffer's begin; what the buffer has behind `size` bytes is the caller's to cut off.
  tree_status finish() {
    perform("end of the tree", "", [this] { return fdt_finish(buffer_.data()); });
    if (ok()) status_.size = fdt_totalsize(buffer_.data());
    return status_;
  }

 private:
  /// Far above what any boot loader takes (Linux on arm64: 2 MiB), and within libfdt's int.
  static constexpr std::size_t largest = std::size_t{1} << 26;
  static constexpr std::size_t first_growth = 256;

  [[nodiscard]] std::size_t room() const { return buffer_.size() < largest ? buffer_.size() : largest; }
  [[nodiscard]] int size() const { return static_cast<int>(room()); }

  [[nodiscard]] static std::size_t length(const char* s) {
    std::size_t n = 0;
    while (s[n] != '\0') ++n;
    return n;
  }

  /// Big-endian, as cells are.
  [[nodiscard]] static std::uint8_t* put(std::uint8_t* out, std::uint32_t cell) {
    for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(cell >> shift);
    return out;
  }

  template <class Content>
  void enter(const char* name, Content&& content) {
    perform("node ", name, [&] { return fdt_begin_node(buffer_.data(), name); });
    const std::size_t parent = path_.size();
    if (*name != '\0') path_.add('/').add(name);
    content();
    perform("end of the node", "", [this] { return fdt_end_node(buffer_.data()); });
    path_.cut(parent);
  }

  /// `fill` writes the value straight into the tree.
  template <class Fill>
  void property(tree_name name, std::size_t bytes, Fill fill) {
    void* value = nullptr;
    perform("property ", name.c_str(), [&] {
      if (bytes > largest) return -FDT_ERR_NOSPACE;
      return fdt_property_placeholder(buffer_.data(), name.c_str(), static_cast<int>(bytes), &value);
    });
    if (ok()) fill(static_cast<std::uint8_t*>(value));
  }

  /// One step of libfdt, again in ever more room while it runs out of it: it leaves the tree as it was when it does.
  template <class Step>
  void perform(const char* what, const char* name, Step step) {
    if (!ok()) return;
    int code = misaligned() ? -FDT_ERR_ALIGNMENT : step();
    while (code == -FDT_ERR_NOSPACE) {
      const int grown = grow();
      if (grown < 0) {
        code = grown;
        break;
      }
      code = step();
    }
    if (code >= 0) return;
    status_.code = code;
    status_.where.add(path_.size() == 0 ? "/" : path_.c_str()).add(": ").add(what).add(name);
  }

  [[nodiscard]] bool misaligned() const { return reinterpret_cast<std::uintptr_t>(buffer_.data()) % 8 != 0; }

  [[nodiscard]] int grow() {
    const std::size_t before = buffer_.size();
    if (before >= largest) return -FDT_ERR_NOSPACE;
    buffer_.resize(before < first_growth ? first_growth : before * 2);
    if (buffer_.size() <= before) return -FDT_ERR_NOSPACE;
    if (misaligned()) return -FDT_ERR_ALIGNMENT;
    if (!created_) return 0;
    const int code = fdt_resize(buffer_.data(), buffer_.data(), size());
    if (code == 0) clear_gap();
    return code;
  }

  /// Until it is finished, a tree has its nodes at the begin of the buffer, its strings at the end, and what is not
  /// used yet between them. libfdt does not write the bytes that pad names and values: what was there would reach the
  /// guest.
  void clear_gap() {
    auto* const begin = reinterpret_cast<std::uint8_t*>(static_cast<void*>(buffer_.data()));
    const std::size_t nodes = fdt_off_dt_struct(begin) + fdt_size_dt_struct(begin);
    const std::size_t strings = room() - fdt_size_dt_strings(begin);
    for (std::size_t i = nodes; i < strings; ++i) begin[i] = 0;
  }

  Buffer& buffer_;
  bool created_ = false;
  tree_status status_;
  text<96> path_;
};

}  // namespace domctl
