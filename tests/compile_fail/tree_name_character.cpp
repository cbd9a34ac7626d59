// SPDX-License-Identifier: BSL-1.0
/// \file
/// A node's unit address is no part of its name: a slash or an at sign would make another node of it.
// EXPECT: this_character_is_not_allowed_in_a_name
#include <domctl/device_tree/writer.hpp>

void write(domctl::tree_writer<domctl::fixed_buffer>& tree) {
  tree.node("memory", 0x4000'0000, [] {});
#ifndef UNBROKEN
  tree.node("memory@40000000", [] {});
#endif
}
