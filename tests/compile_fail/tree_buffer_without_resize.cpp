// SPDX-License-Identifier: BSL-1.0
/// \file
/// The writer asks its buffer for more room.
// EXPECT: tree_buffer
#include <domctl/device_tree/writer.hpp>

struct buffer {
  std::byte* data();
  std::size_t size() const;
#ifdef UNBROKEN
  void resize(std::size_t);
#endif
};

void write(buffer& b) {
  domctl::tree_writer<buffer> tree{b};
  tree.root([] {});
}
