# SPDX-License-Identifier: BSL-1.0
# What vgic::vgic needs, found the same way in its own build and in a build that uses the installed package.
# Boost.Hana is the only dependency, and headers alone: no Boost package or library is asked for.
include_guard(GLOBAL)

# Debian's cross compilers search /usr/include themselves; a toolchain that looks nowhere by itself is told by hand.
find_path(VGIC_HANA_INCLUDE_DIR boost/hana/tuple.hpp
  PATHS ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES}
  DOC "Folder that holds boost/hana/tuple.hpp"
  NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(VGIC_HANA_INCLUDE_DIR)

if(NOT VGIC_HANA_INCLUDE_DIR)
  message(FATAL_ERROR "vgic needs the headers of Boost.Hana: install libboost-dev, "
    "or set VGIC_HANA_INCLUDE_DIR to the folder that holds boost/hana/tuple.hpp.")
endif()

if(NOT TARGET vgic::hana)
  add_library(vgic::hana INTERFACE IMPORTED GLOBAL)
  target_include_directories(vgic::hana INTERFACE "${VGIC_HANA_INCLUDE_DIR}")
endif()
