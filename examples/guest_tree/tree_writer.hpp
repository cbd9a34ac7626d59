// SPDX-License-Identifier: BSL-1.0
/// \file
/// Writes a flattened device tree from top to bottom through libfdt, in a buffer that grows as it fills.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <libfdt.h>

namespace guest_tree {

/// What went wrong, in libfdt's words, and at which node or property.
class tree_error : public std::runtime_error {
 public:
  tree_error(std::string_view where, int code)
      : std::runtime_error("device tree, " + std::string{where} + ": " + fdt_strerror(code)) {}
};

class tree_writer {
 public:
  /// `first_size` is a guess, not a limit.
  explicit tree_writer(std::size_t first_size = 4096) : buffer_(std::max(first_size, smallest)) {
    check("header", [this] { return fdt_create(buffer_.data(), size()); });
    check("reserve map", [this] { return fdt_finish_reservemap(buffer_.data()); });
  }

  /// A node; `content` writes its properties, then its children.
  template <std::invocable Content>
  void node(const std::string& name, Content&& content) {
    check("node " + name, [&] { return fdt_begin_node(buffer_.data(), name.c_str()); });
    std::forward<Content>(content)();
    check("end of node " + name, [this] { return fdt_end_node(buffer_.data()); });
  }

  /// A property without a value: its presence says it all.
  void flag(const std::string& name) { bytes(name, {}); }

  void cells(const std::string& name, const std::vector<std::uint32_t>& values) {
    std::string value;
    for (const std::uint32_t cell : values) append(value, cell);
    bytes(name, value);
  }

  void cell(const std::string& name, std::uint32_t value) { cells(name, {value}); }

  /// Numbers of two cells each: with #address-cells and #size-cells 2, addresses and sizes.
  void pairs(const std::string& name, const std::vector<std::uint64_t>& values) {
    std::string value;
    for (const std::uint64_t pair : values) {
      append(value, static_cast<std::uint32_t>(pair >> 32));
      append(value, static_cast<std::uint32_t>(pair));
    }
    bytes(name, value);
  }

  void text(const std::string& name, std::string_view value) { strings(name, {value}); }

  void strings(const std::string& name, std::initializer_list<std::string_view> values) {
    std::string value;
    for (const std::string_view s : values) value.append(s).push_back('\0');
    bytes(name, value);
  }

  /// The finished tree. Nothing can be written behind it.
  [[nodiscard]] std::vector<std::byte> finish() && {
    check("end", [this] { return fdt_finish(buffer_.data()); });
    buffer_.resize(fdt_totalsize(buffer_.data()));
    return std::move(buffer_);
  }

 private:
  [[nodiscard]] int size() const { return static_cast<int>(buffer_.size()); }

  static void append(std::string& value, std::uint32_t cell) {
    for (const int shift : {24, 16, 8, 0}) value.push_back(static_cast<char>(cell >> shift & 0xff));
  }

  void bytes(const std::string& name, std::string_view value) {
    check("property " + name,
          [&] { return fdt_property(buffer_.data(), name.c_str(), value.data(), static_cast<int>(value.size())); });
  }

  /// Repeats `write` in ever larger buffers while it runs out of space. libfdt leaves the tree as it was when it does.
  template <class Write>
  void check(std::string_view where, Write write) {
    int code = write();
    while (code == -FDT_ERR_NOSPACE && buffer_.size() < largest) {
      grow(where);
      code = write();
    }
    if (code < 0) throw tree_error{where, code};
  }

  void grow(std::string_view where) {
    std::vector<std::byte> larger(buffer_.size() * 2);
    const int code = fdt_resize(buffer_.data(), larger.data(), static_cast<int>(larger.size()));
    if (code < 0) throw tree_error{where, code};
    buffer_ = std::move(larger);
  }

  /// libfdt's header must fit at once: what has none cannot be moved.
  static constexpr std::size_t smallest = 2 * sizeof(fdt_header);
  static constexpr std::size_t largest = std::size_t{1} << 26;

  std::vector<std::byte> buffer_;
};

}  // namespace guest_tree
