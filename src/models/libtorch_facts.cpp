#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
// What `doctor` says about LibTorch: versions, BLAS, and two rates measured in a few hundredths of a second.

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <c10/core/InferenceMode.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <cuebench/models/model.hpp>

namespace cuebench {
namespace {

// OpenBLAS reaches 0.9 of oneDNN's rate on one core, the reference BLAS 0.03.
constexpr double kSlowBlasRatio = 0.25;

/// The file that the symbol sgemm_ comes from, and OpenBLAS's own description where it is that.
std::string describe_blas() {
  using Describe = char* (*)();
  if (const auto describe = reinterpret_cast<Describe>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) {
    const char* const text = describe();
    if (text) return text;
  }
  Dl_info info{};
  if (void* const sgemm = dlsym(RTLD_DEFAULT, "sgemm_"); sgemm && dladdr(sgemm, &info) && info.dli_fname) {
    std::error_code ignored;
    const auto file = std::filesystem::canonical(info.dli_fname, ignored);
    return ignored ? std::string(info.dli_fname) : file.string();
  }
  return at::hasMKL() ? "MKL" : "unknown";
}

std::string cpu_capability() {
  const std::string config = at::show_config(), key = "CPU capability usage: ";
  const std::size_t begin = config.find(key);
  if (begin == std::string::npos) return "unknown";
  return config.substr(begin + key.size(), config.find('\n', begin) - begin - key.size());
}

/// Best of the passes that fit in about 30 ms, after one to warm up: the machine's rate, not its load.
template <typename Pass>
double best_gflops(double operations, Pass pass) {
  using Clock = std::chrono::steady_clock;
  pass();
  double best = 0;
  const auto end = Clock::now() + std::chrono::milliseconds(30);
  do {
    const auto start = Clock::now();
    pass();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, operations / seconds / 1e9);
  } while (Clock::now() < end);
  return best;
}

}  // namespace

LibtorchFacts measure_libtorch() {
  LibtorchFacts facts;
  facts.threads = at::get_num_threads();
  prepare_libtorch();
  const c10::InferenceMode inference_mode;
  facts.version = TORCH_VERSION;
  facts.blas = describe_blas();
  facts.capability = cpu_capability();

  constexpr std::int64_t n = 256;
  const at::Tensor a = at::ones({n, n}), b = at::ones({n, n});
  facts.sgemm_gflops = best_gflops(2.0 * n * n * n, [&] { at::mm(a, b); });

  // A 3x3 convolution of ResNet-20's first stage; batch 16 takes oneDNN whatever the BLAS is.
  constexpr std::int64_t images = 16, channels = 16, side = 32;
  const at::Tensor x = at::ones({images, channels, side, side}), w = at::ones({channels, channels, 3, 3});
  facts.convolution_gflops =
      best_gflops(2.0 * images * channels * channels * 9 * side * side, [&] { at::conv2d(x, w, {}, 1, 1); });
  facts.slow_blas = facts.sgemm_gflops < kSlowBlasRatio * facts.convolution_gflops;
  return facts;
}

}  // namespace cuebench
