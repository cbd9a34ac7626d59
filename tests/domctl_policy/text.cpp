// SPDX-License-Identifier: BSL-1.0
/// \file
/// Writes the security policy's text that is made from the hook's table: what `check` hands to m4 and checkpolicy.
#include <cstdio>
#include <cstring>
#include <domctl/xsm/policy_text.hpp>
#include <initializer_list>

namespace {

using namespace domctl::xsm;

int usage() {
  std::fputs("usage: text access-vectors | macros | rules create_domain_common|manage_domain SOURCE TARGET\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto print = [](const char* piece) { std::fputs(piece, stdout); };
  const char* const what = argc > 1 ? argv[1] : "";

  if (argc == 2 && std::strcmp(what, "access-vectors") == 0) {
    write_access_vectors(print, security_class::domain);
    write_access_vectors(print, security_class::domain2);
    return 0;
  }
  if (argc == 2 && std::strcmp(what, "macros") == 0) {
    write_macro(print, granted_by::create_domain_common);
    write_macro(print, granted_by::manage_domain);
    return 0;
  }
  if (argc == 5 && std::strcmp(what, "rules") == 0) {
    for (const granted_by macro : {granted_by::create_domain_common, granted_by::manage_domain}) {
      if (std::strcmp(argv[2], name_of(macro)) != 0) continue;
      write_allow_rules(print, macro, argv[3], argv[4]);
      return 0;
    }
  }
  return usage();
}
