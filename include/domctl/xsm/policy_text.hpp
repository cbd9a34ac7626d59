// SPDX-License-Identifier: BSL-1.0
/// \file
/// Text of the security policy, made from the hook's own table: access_vectors, and the macros of xen.if.
#pragma once

#include <domctl/xsm/vectors.hpp>

namespace domctl::xsm {

/// Takes text piece by piece: `sink(piece)`, a zero-terminated string.
template <class S>
concept text_sink = requires(S& sink, const char* piece) {
  sink(piece);
};

/// The macro's name in xen.if. \param macro one of the two, not `both`
[[nodiscard]] constexpr const char* name_of(granted_by macro) {
  return macro == granted_by::create_domain_common ? "create_domain_common" : "manage_domain";
}

/// The entry of a class in access_vectors: its permissions, each below a comment that says what asks for it.
template <text_sink Sink>
constexpr void write_access_vectors(Sink& sink, security_class of) {
  sink("class ");
  sink(name_of(of));
  sink("\n{\n");
  for (const permission_row& row : permissions) {
    if (row.of != of) continue;
    sink("# ");
    sink(row.asked_by);
    sink("\n    ");
    sink(row.name);
    sink("\n");
  }
  sink("}\n");
}

/// The rule that allows `source` on `target` what `macro` grants of a class: one line, or nothing if that is nothing.
/// \param source, target types of the policy, or $1 and $2 in a macro
template <text_sink Sink>
constexpr void write_allow_rule(Sink& sink, granted_by macro, security_class of, const char* source,
                                const char* target) {
  bool begun = false;
  for (const permission_row& row : permissions) {
    if (row.of != of || !grants(row.where, macro)) continue;
    if (!begun) {
      sink("allow ");
      sink(source);
      sink(" ");
      sink(target);
      sink(":");
      sink(name_of(of));
      sink(" {");
      begun = true;
    }
    sink(" ");
    sink(row.name);
  }
  if (begun) sink(" };\n");
}

/// The rules of all classes for `macro`: what `create_domain_common(source, target)` expands to.
template <text_sink Sink>
constexpr void write_allow_rules(Sink& sink, granted_by macro, const char* source, const char* target) {
  write_allow_rule(sink, macro, security_class::domain, source, target);
  write_allow_rule(sink, macro, security_class::domain2, source, target);
}

/// The macro's definition for m4, as xen.if has it, with the rules of this table alone.
template <text_sink Sink>
constexpr void write_macro(Sink& sink, granted_by macro) {
  sink("define(`");
  sink(name_of(macro));
  sink("', `\n");
  write_allow_rules(sink, macro, "$1", "$2");
  sink("')\n");
}

}  // namespace domctl::xsm
