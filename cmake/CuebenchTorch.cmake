# LibTorch in this order: Torch_DIR or CMAKE_PREFIX_PATH as given, a pip-installed PyTorch, the system's libtorch-dev.
if(NOT Torch_DIR AND NOT CMAKE_PREFIX_PATH AND NOT DEFINED ENV{CMAKE_PREFIX_PATH} AND NOT DEFINED ENV{Torch_DIR})
  find_program(CUEBENCH_PYTHON NAMES python3)
  if(CUEBENCH_PYTHON)
    # Debian's python3-torch has no share/cmake below its package: then the path does not exist and is left out.
    execute_process(COMMAND ${CUEBENCH_PYTHON} -c "import torch.utils; print(torch.utils.cmake_prefix_path)"
      OUTPUT_VARIABLE pip_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed AND EXISTS "${pip_torch}/Torch/TorchConfig.cmake")
      list(PREPEND CMAKE_PREFIX_PATH ${pip_torch})
    endif()
  endif()
endif()
find_package(Torch QUIET)
if(NOT Torch_FOUND)
  message(FATAL_ERROR "LibTorch was not found: install libtorch-dev (Debian), or set Torch_DIR to a folder that holds "
    "TorchConfig.cmake, or configure with -DCUEBENCH_WITH_TORCH=OFF.")
endif()
message(STATUS "LibTorch ${Torch_VERSION}: ${Torch_DIR}")

# One interface target, so that include folders and flags of Torch stay with those that link it.
add_library(cuebench_torch INTERFACE)
target_link_libraries(cuebench_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(cuebench_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(cuebench_torch INTERFACE ${torch_flags})
