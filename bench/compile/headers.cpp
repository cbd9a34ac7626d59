// SPDX-License-Identifier: BSL-1.0
/// \file
/// The headers alone, with no configuration: what every translation unit pays that only names a GIC.
#include <bench/compile/configurations.hpp>
