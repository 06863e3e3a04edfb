#include "device.hpp"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

void switch_autocast(bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  if (on) at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCUDA, on);
#else
  if (on) at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  at::autocast::set_enabled(on);
#endif
}

}  // namespace

at::Device choose_device(const std::string& name) {
  if (name != "auto" && name != "cpu" && name != "cuda")
    throw UsageError(
        unknown_name_message("device", name, {"auto", "cpu", "cuda"}, "`cuebench doctor` lists what works"));
  const bool present = name != "cpu" && at::globalContext().hasCUDA();
  if (name == "cuda" && !present)
    throw UsageError("--device cuda: this LibTorch sees no CUDA device; use --device cpu, or a LibTorch with CUDA");
  return at::Device(present ? at::kCUDA : at::kCPU);
}

AutocastScope::AutocastScope(bool on) : on_(on) {
  if (on_) switch_autocast(true);
}

AutocastScope::~AutocastScope() {
  if (!on_) return;
  switch_autocast(false);
  at::autocast::clear_cache();
}

}  // namespace cuebench
