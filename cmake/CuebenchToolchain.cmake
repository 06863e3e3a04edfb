# Language level, warnings, sanitizers, and the tools that make builds quick where they are present.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CUEBENCH_CCACHE ccache)
if(CUEBENCH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CUEBENCH_CCACHE})
endif()
find_program(CUEBENCH_MOLD mold)
if(CUEBENCH_MOLD AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-float-conversion
  $<$<BOOL:${CUEBENCH_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12: overlaps in std::string::operator+ (its bug 105651), empty std::optional values read.
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    # A reference into a static table, found by a temporary key, is taken for one to the key.
    add_compile_options(-Wno-dangling-reference)
  endif()
endif()
if(CUEBENCH_SANITIZE)
  add_compile_options(-fsanitize=${CUEBENCH_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CUEBENCH_SANITIZE})
endif()
