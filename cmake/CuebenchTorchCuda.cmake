# A LibTorch with CUDA, linked by its libraries' names. PyTorch's own configuration looks for the CUDA toolkit and stops
# without it, or with another version of it, though nothing here is CUDA source; the libraries bring what they need.

# cuebench_find_torch_with_cuda(FOLDER): where TorchConfig.cmake in FOLDER belongs to a LibTorch with CUDA, sets
# Torch_FOUND, TORCH_LIBRARIES, TORCH_INCLUDE_DIRS and TORCH_CXX_FLAGS as find_package would.
function(cuebench_find_torch_with_cuda folder)
  get_filename_component(root ${folder}/../../.. ABSOLUTE)
  if(NOT EXISTS ${root}/lib/libtorch_cuda.so)
    return()
  endif()
  set(libraries -Wl,--no-as-needed)  # nobody calls libtorch_cuda by name: it registers itself
  foreach(name torch torch_cpu torch_cuda c10 c10_cuda)
    list(APPEND libraries ${root}/lib/lib${name}.so)
  endforeach()
  # What these need (cuBLAS, cuDNN) lies in folders that they know themselves.
  list(APPEND libraries -Wl,--as-needed -Wl,--allow-shlib-undefined)
  file(STRINGS ${folder}/TorchConfig.cmake flags REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
  string(REGEX MATCH "-D_GLIBCXX_USE_CXX11_ABI=[01]" flags "${flags}")
  set(Torch_FOUND TRUE PARENT_SCOPE)
  set(Torch_VERSION "with CUDA" PARENT_SCOPE)
  set(TORCH_LIBRARIES ${libraries} PARENT_SCOPE)
  set(TORCH_INCLUDE_DIRS ${root}/include ${root}/include/torch/csrc/api/include PARENT_SCOPE)
  set(TORCH_CXX_FLAGS "${flags}" PARENT_SCOPE)
endfunction()
