// SPDX-License-Identifier: BSL-1.0
// The stages as the search plays on them; compiled with -fsanitize-coverage=trace-pc.
#include <bench/worst/guide.hpp>
#include <bench/worst/guided.hpp>
#include <bench/worst/stage_of.hpp>

namespace bench::worst {

stages guided_stages() { return make_stages<guide>(); }

}  // namespace bench::worst
