#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <charconv>

#include <ATen/Context.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/placement.hpp>

namespace cuebench {
namespace {

/// From this compute capability on GPUs multiply bfloat16 and TF32.
constexpr int kAmpere = 80;

std::string why_no_gpu(const ComputeFacts& facts) {
  if (!facts.cuda_build)
    return "this LibTorch was built without CUDA: build cuebench with one that has it (docs/models.md, "
           "\"Device and precision\"), or choose --device cpu";
  return "LibTorch has CUDA and sees no GPU: see that `nvidia-smi` lists one and that CUDA_VISIBLE_DEVICES does not "
         "hide it, or choose --device cpu";
}

int parse_index(const std::string& text, const std::string& digits) {
  int index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size() || digits[0] == '-')
    throw UsageError(
        fmt::format("--device {}: the number of a GPU must follow the colon: write cuda:0 for the first", text));
  return index;
}

std::string without_gpu(const ComputeFacts& facts) {
  return facts.onednn && facts.bf16_processor ? "fp32 or bf16" : "fp32";
}

/// Why this processor does not compute in bfloat16, or "".
std::string why_no_bf16(const ComputeFacts& facts) {
  if (!facts.onednn) return "this LibTorch was built without oneDNN, whose kernels it takes";
  if (!facts.bf16_processor) return "this processor has no AVX-512, which oneDNN's bfloat16 kernels need";
  return "";
}

void check_on_cpu(Precision precision, const ComputeFacts& facts) {
  const std::string name(to_string(precision));
  if (precision != Precision::bf16)
    throw UsageError(fmt::format("--precision {} is for GPUs: choose {}, or --device cuda where there is a GPU", name,
                                 without_gpu(facts)));
  if (const std::string reason = why_no_bf16(facts); !reason.empty())
    throw UsageError(
        fmt::format("--precision {}: {}: choose fp32, or --device cuda where there is a GPU", name, reason));
}

void check_on_gpu(Precision precision, const at::Device& device, const ComputeFacts& facts) {
  const GpuFacts& gpu = facts.gpus.at(static_cast<std::size_t>(device.index()));
  if (precision == Precision::fp16 || gpu.capability == 0 || gpu.capability >= kAmpere) return;
  throw UsageError(
      fmt::format("--precision {}: {} has compute capability {}.{}, and bf16 and tf32 need 8.0: choose "
                  "fp16 or fp32",
                  to_string(precision), describe_device(device, facts), gpu.capability / 10, gpu.capability % 10));
}

void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuDNN(allowed);
  at::globalContext().setAllowTF32CuBLAS(allowed);
}

std::recursive_mutex& turn_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return "fp32";
    case Precision::bf16:
      return "bf16";
    case Precision::fp16:
      return "fp16";
    case Precision::tf32:
      return "tf32";
  }
  return "";
}

bool is_default(const Placement& placement) {
  return placement.device.is_cpu() && placement.precision == Precision::fp32;
}

at::Device parse_device(const std::string& text, const ComputeFacts& facts) {
  if (text == "cpu") return at::kCPU;
  const bool numbered = text.rfind("cuda:", 0) == 0;
  if (text != "cuda" && !numbered)
    throw UsageError(fmt::format("--device '{}' is none of cpu, cuda and cuda:N (the N-th GPU, from 0)", text));
  const int index = numbered ? parse_index(text, text.substr(5)) : 0;
  const int count = static_cast<int>(facts.gpus.size());
  if (count == 0) throw UsageError(fmt::format("--device {}: {}", text, why_no_gpu(facts)));
  if (index >= count)
    throw UsageError(count == 1 ? fmt::format("--device {}: there is 1 GPU here: choose cuda:0", text)
                                : fmt::format("--device {}: there are {} GPUs here: choose one of cuda:0 to cuda:{}",
                                              text, count, count - 1));
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

Precision parse_precision(const std::string& text, const at::Device& device, const ComputeFacts& facts) {
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::fp16, Precision::tf32}) {
    if (text != to_string(precision)) continue;
    if (precision == Precision::fp32) return precision;
    if (device.is_cpu()) check_on_cpu(precision, facts);
    if (device.is_cuda()) check_on_gpu(precision, device, facts);
    return precision;
  }
  throw UsageError(fmt::format("--precision '{}' is none of fp32, bf16, fp16 and tf32", text));
}

std::string describe_device(const at::Device& device, const ComputeFacts& facts) {
  if (!device.is_cuda()) return device.str();
  const std::string& name = facts.gpus.at(static_cast<std::size_t>(device.index())).name;
  return name.empty() ? device.str() : device.str() + ", " + name;
}

void prepare_device(const at::Device& device) {
  if (!device.is_cuda()) return;
  allow_tf32(false);
  at::globalContext().setDeterministicCuDNN(true);
}

at::Tensor to_device(const at::Tensor& tensor, const at::Device& device) {
  if (tensor.device() == device) return tensor;
  const bool upload = tensor.device().is_cpu() && device.is_cuda();
  // Autograd knows the copy to the device, not the one into pinned memory.
  const bool pin = upload && !tensor.requires_grad();
  return (pin ? tensor.contiguous().pin_memory() : tensor).to(device, tensor.scalar_type(), /*non_blocking=*/upload);
}

DeviceTurn::DeviceTurn(const at::Device& device) {
  if (!device.is_cpu()) lock_ = std::unique_lock(turn_mutex());
}

Tf32Scope::Tf32Scope() {
  allow_tf32(true);
}

Tf32Scope::~Tf32Scope() {
  allow_tf32(false);
}

}  // namespace cuebench
