// SPDX-License-Identifier: BSL-1.0
/// \file
/// The tree writer and its buffers: a tree is whole or it is an error, whatever it started in.
#include "catch.hpp"

#include <domctl/device_tree/gic.hpp>
#include <domctl/device_tree/writer.hpp>
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

#include <cstring>
#include <string>

#include "tools.hpp"

using domctl::tree_status;
using domctl::tree_writer;
using tests::bytes;

namespace {

/// A tree with something of everything: properties of each kind, two levels of children.
template <class Buffer>
tree_status write_sample(Buffer& buffer) {
  tree_writer tree{buffer};
  tree.root([&] {
    tree.cell("#address-cells", 2);
    tree.cell("#size-cells", 2);
    tree.string("model", "sample");
    tree.strings("compatible", {"vgic,sample", "", "linux,dummy-virt"});
    domctl::make_gicv3_node(tree, layout::xen_4_5::v3);
    tree.node("outer", [&] {
      tree.flag("empty");
      tree.node("inner", 0xfedc'ba98'7654'3210, [&] { tree.pairs("reg", {0xfedc'ba98'7654'3210, 1}); });
    });
  });
  return tree.finish();
}

[[nodiscard]] bytes sample() {
  bytes buffer(4096);
  const tree_status status = write_sample(buffer);
  REQUIRE(status.ok());
  buffer.resize(status.size);
  return buffer;
}

/// Grows by `step` bytes a time, however many are asked for, and up to `most`.
struct slow_buffer {
  bytes content;
  std::size_t step;
  std::size_t most;
  std::size_t grown = 0;

  std::byte* data() { return content.data(); }
  [[nodiscard]] std::size_t size() const { return content.size(); }
  void resize(std::size_t) {
    if (content.size() + step > most) return;
    content.resize(content.size() + step, std::byte{0xee});
    ++grown;
  }
};

static_assert(domctl::tree_buffer<bytes> && domctl::tree_buffer<domctl::fixed_buffer>);
static_assert(domctl::tree_buffer<slow_buffer> && !domctl::tree_buffer<int>);

}  // namespace

TEST_CASE("the tree grows until it fits: from any first size, none at all included, it is the same tree") {
  const bytes whole = sample();
  REQUIRE(whole.size() > 512);
  for (std::size_t first = 0; first <= whole.size() + 64; ++first) {
    bytes buffer(first, std::byte{0xee});
    const tree_status status = write_sample(buffer);
    REQUIRE(status.ok());
    buffer.resize(status.size);
    REQUIRE(buffer == whole);
  }
}

TEST_CASE(
    "the tree grows until it fits: each step of libfdt runs out of space once, and is done again, old bytes do not "
    "show") {
  const bytes whole = sample();
  for (const std::size_t step : {1u, 3u, 4u, 8u, 64u, 100u}) {
    slow_buffer buffer{{}, step, 1u << 20};
    const tree_status status = write_sample(buffer);
    REQUIRE(status.ok());
    CHECK(buffer.grown >= whole.size() / step);
    buffer.content.resize(status.size);
    CHECK(buffer.content == whole);
  }
}

TEST_CASE("a buffer that cannot grow is never cut short: too small is an error that says where") {
  const bytes whole = sample();
  alignas(8) static std::byte memory[8192];
  std::size_t fits = 0;
  for (std::size_t size = 0; size <= sizeof memory; ++size) {
    domctl::fixed_buffer buffer{memory, size};
    std::memset(memory, 0xee, sizeof memory);
    const tree_status status = write_sample(buffer);
    REQUIRE(memory[size < sizeof memory ? size : 0] == (size < sizeof memory ? std::byte{0xee} : memory[0]));
    if (status.ok()) {
      if (fits == 0) fits = size;
      REQUIRE(status.size == whole.size());
      REQUIRE(std::memcmp(memory, whole.data(), whole.size()) == 0);
    } else {
      REQUIRE(fits == 0);  // no size fails above one that did
      REQUIRE(status.code == -FDT_ERR_NOSPACE);
      REQUIRE(std::string{status.what()} == "FDT_ERR_NOSPACE");
      REQUIRE(status.where.size() != 0);
      REQUIRE(status.size == 0);
    }
  }
  CHECK(fits >= whole.size());
  CHECK(fits < whole.size() + 64);

  domctl::fixed_buffer small{memory, fits / 2};
  const tree_status status = write_sample(small);
  CHECK(std::string{status.where.c_str()}.starts_with("/interrupt-controller@3001000: property "));
}

TEST_CASE("a buffer that stops growing is an error, not a shorter tree") {
  slow_buffer buffer{{}, 16, 256};
  const tree_status status = write_sample(buffer);
  CHECK(status.code == -FDT_ERR_NOSPACE);
  CHECK(buffer.size() == 256);
}

TEST_CASE("any other error of libfdt is reported with its text and place, and the first one stays") {
  bytes buffer(4096);
  SECTION("the header is no tree's any more") {
    tree_writer tree{buffer};
    tree.root([&] {
      tree.cell("#address-cells", 2);
      tree.node("chosen", [&] {
        buffer[0] = std::byte{0};
        tree.string("bootargs", "quiet");
        buffer[0] = std::byte{0xd0};
        tree.string("never", "written");
      });
    });
    const tree_status status = tree.finish();
    CHECK_FALSE(status.ok());
    CHECK(std::string{status.what()} == "FDT_ERR_BADMAGIC");
    CHECK(std::string{status.where.c_str()} == "/chosen: property bootargs");
  }
  SECTION("a node behind the end of the tree") {
    tree_writer tree{buffer};
    tree.root([] {});
    REQUIRE(tree.finish().ok());
    tree.node("late", [] {});
    CHECK(std::string{tree.status().what()} == "FDT_ERR_BADSTATE");
    CHECK(std::string{tree.status().where.c_str()} == "/: node late");
  }
  SECTION("memory that is not aligned as a tree must be") {
    domctl::fixed_buffer odd{buffer.data() + 4, buffer.size() - 4};
    const tree_status status = write_sample(odd);
    CHECK(status.code == -FDT_ERR_ALIGNMENT);
  }
  SECTION("a property larger than any tree") {
    tree_writer tree{buffer};
    tree.root([&] { tree.cells("large", std::size_t{1} << 40, [](std::size_t) { return 0u; }); });
    CHECK(tree.status().code == -FDT_ERR_NOSPACE);
    CHECK(std::string{tree.status().where.c_str()} == "/: property large");
  }
}

TEST_CASE("libfdt itself reads the finished tree, and finds each value big-endian") {
  const bytes tree = sample();
  REQUIRE(fdt_check_full(tree.data(), tree.size()) == 0);
  REQUIRE(fdt_totalsize(tree.data()) == tree.size());
  const int inner = fdt_path_offset(tree.data(), "/outer/inner@fedcba9876543210");
  REQUIRE(inner > 0);
  int length = 0;
  const auto* reg = static_cast<const unsigned char*>(fdt_getprop(tree.data(), inner, "reg", &length));
  REQUIRE(length == 16);
  const unsigned char wanted[] = {0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0, 0, 0, 0, 0, 0, 0, 1};
  CHECK(std::memcmp(reg, wanted, sizeof wanted) == 0);
  CHECK(fdt_stringlist_count(tree.data(), 0, "compatible") == 3);
}
