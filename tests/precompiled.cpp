// SPDX-License-Identifier: BSL-1.0
// Nothing of its own: the target that owns the precompiled headers needs a source.
