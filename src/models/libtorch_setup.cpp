// What LibTorch must know before it runs: one thread per worker, no fuser, no second BLAS pool.

#include <mutex>

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>

#include <cuebench/models/model.hpp>

namespace cuebench {

void prepare_libtorch() {
  static std::once_flag once;
  std::call_once(once, [] {
    // LibTorch 2.6 hangs in the code generator on the second pass of an optimised module.
    torch::jit::setTensorExprFuserEnabled(false);
    // OpenBLAS keeps a pool of its own that at::set_num_threads does not bound; the reference BLAS has no such
    // function.
    using SetThreads = void (*)(int);
    if (const auto set_threads = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
      set_threads(1);
  });
  prepare_libtorch_worker();
}

void prepare_libtorch_worker() {
  // Per thread in the OpenMP build. oneDNN fixes the thread count when a primitive is built.
  if (at::get_num_threads() != 1) at::set_num_threads(1);
}

}  // namespace cuebench
