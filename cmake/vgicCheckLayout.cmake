# SPDX-License-Identifier: BSL-1.0
# A guest-physical layout, checked with the build.
#
#   vgic_check_layout(TARGET name HEADER file LAYOUT type VERSION v2|v3 VCPUS n [INCLUDE_DIRECTORIES folder...])
#
# makes an object library `name` whose compilation is the check: a rule that `type`, from `file`, breaks as a GIC of this
# version with so many vCPUs stops the build, and the compiler's first lines name the rule and the numbers in conflict.
# Relative names are relative to the current source folder.
include_guard(GLOBAL)

function(vgic_check_layout)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;HEADER;LAYOUT;VERSION;VCPUS" "INCLUDE_DIRECTORIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "vgic_check_layout: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  foreach(needed IN ITEMS TARGET HEADER LAYOUT VERSION VCPUS)
    if("${arg_${needed}}" STREQUAL "")
      message(FATAL_ERROR "vgic_check_layout: ${needed} is missing")
    endif()
  endforeach()
  if(NOT arg_VERSION MATCHES "^v[23]$")
    message(FATAL_ERROR "vgic_check_layout: VERSION ${arg_VERSION}: there is v2 and v3")
  endif()
  if(NOT arg_VCPUS MATCHES "^[0-9]+$")
    message(FATAL_ERROR "vgic_check_layout: VCPUS ${arg_VCPUS} is not a number")
  endif()
  cmake_path(ABSOLUTE_PATH arg_HEADER BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
  if(NOT EXISTS "${arg_HEADER}")
    message(FATAL_ERROR "vgic_check_layout: there is no ${arg_HEADER}")
  endif()

  # <layout/require.hpp> first: compilers put a line for each file of the chain of includes before the error.
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT
"#include <layout/require.hpp>

#include \"@arg_HEADER@\"

template struct layout::require<@arg_LAYOUT@, layout::gic_version::@arg_VERSION@, @arg_VCPUS@>;
")
  add_library(${arg_TARGET} OBJECT "${source}")
  target_link_libraries(${arg_TARGET} PRIVATE vgic::vgic)
  foreach(folder IN LISTS arg_INCLUDE_DIRECTORIES)
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    target_include_directories(${arg_TARGET} PRIVATE "${folder}")
  endforeach()
endfunction()
