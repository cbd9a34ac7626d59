// SPDX-License-Identifier: BSL-1.0
/// \file
/// What every test begins with, compiled once.
#pragma once

#include "switch.hpp"

#include "catch.hpp"
