// SPDX-License-Identifier: BSL-1.0
/// \file
/// Names of nodes and properties, checked where they are written down.
#pragma once

namespace domctl {

namespace detail {

// Nowhere defined, and not constant expressions: the compiler's error shows the name.
void this_character_is_not_allowed_in_a_name();
void a_name_has_1_to_31_characters();

}  // namespace detail

/// A node's name without its unit address, or a property's: a literal of 1 to 31 characters that the Devicetree
/// Specification (v0.4, 2.2.1 and 2.2.4) allows. Another one does not compile.
class tree_name {
 public:
  static constexpr unsigned longest = 31;

  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant where a name is asked for
  consteval tree_name(const char* literal) : chars_(literal) {
    unsigned n = 0;
    for (; literal[n] != '\0'; ++n) {
      if (!allowed(literal[n])) detail::this_character_is_not_allowed_in_a_name();
    }
    if (n == 0 || n > longest) detail::a_name_has_1_to_31_characters();
  }

  [[nodiscard]] constexpr const char* c_str() const { return chars_; }

 private:
  static consteval bool allowed(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    for (const char* other = ",._+-?#"; *other != '\0'; ++other) {
      if (c == *other) return true;
    }
    return false;
  }

  const char* chars_;
};

}  // namespace domctl
