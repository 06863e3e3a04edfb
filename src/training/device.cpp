#include "device.hpp"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include <cuebench/models/placement.hpp>

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
  const ComputeFacts facts = find_compute_facts();
  if (name != "auto") return parse_device(name, facts);
  return parse_device(facts.gpus.empty() ? "cpu" : "cuda", facts);
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
