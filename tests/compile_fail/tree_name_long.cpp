// SPDX-License-Identifier: BSL-1.0
/// \file
/// A device tree's names have 1 to 31 characters.
// EXPECT: a_name_has_1_to_31_characters
#include <domctl/device_tree/writer.hpp>

void write(domctl::tree_writer<domctl::fixed_buffer>& tree) {
  tree.flag("0123456789012345678901234567890");
#ifndef UNBROKEN
  tree.flag("01234567890123456789012345678901");
#endif
}
