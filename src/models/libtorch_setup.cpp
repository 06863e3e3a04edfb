// What LibTorch must know before it runs: one thread per worker, no fuser, no second BLAS pool, memory that is kept.

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <mutex>

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>

#include <cuebench/models/model.hpp>

namespace cuebench {
namespace {

/// A forward pass allocates and frees the same megabytes again and again; glibc gives each back to the kernel, and a
/// tenth of the time goes into page faults. With these limits freed memory stays with the process.
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 1024 * kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 1024 * kMebibyte);
  mallopt(M_TOP_PAD, 64 * kMebibyte);
#endif
}

}  // namespace

void prepare_libtorch() {
  static std::once_flag once;
  std::call_once(once, [] {
    keep_freed_memory();
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
