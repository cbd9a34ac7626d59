// SPDX-License-Identifier: BSL-1.0
// Catch2 2.x leaves main to the tests; 3.x brings its own library and does not need this file.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
