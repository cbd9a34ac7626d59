// SPDX-License-Identifier: BSL-1.0
/// \file
/// Steps that change the distributor's and the redistributors' registers, and steps that read them. Each returns
/// whether it was possible; what it did is printed.
#pragma once

namespace guest::steps {

bool toggle_enable();
bool set_pending();
bool clear_pending();
bool set_active();
bool clear_active();
bool change_priority();
bool change_route();
bool change_group();
bool change_gates();
bool send_sgi();
bool raise_line();
bool read_back();

}  // namespace guest::steps
