// SPDX-License-Identifier: BSL-1.0
/// \file
/// The stages whose calls are weighed by the guide.
#pragma once

#include <bench/worst/stage.hpp>

namespace bench::worst {

[[nodiscard]] stages guided_stages();

}  // namespace bench::worst
