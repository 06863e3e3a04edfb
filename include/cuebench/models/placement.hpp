#pragma once
// Where models compute and in which numbers: on the CPU or a GPU, in float32 or with fewer bits.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace cuebench {

/// Of the forward passes that score images. Gradients (attacks, relevance) are always float32.
enum class Precision { fp32, bf16, fp16, tf32 };
std::string_view to_string(Precision precision);

struct Placement {
  at::Device device = at::kCPU;
  Precision precision = Precision::fp32;
};
/// Float32 on the CPU.
bool is_default(const Placement& placement);

struct GpuFacts {
  std::string name;    ///< "" where the driver does not say
  int capability = 0;  ///< 80 for compute capability 8.0; 0: not known
};

/// What this machine and its LibTorch have, as far as a placement depends on it.
struct ComputeFacts {
  bool cuda_build = false;      ///< LibTorch was built with CUDA
  std::vector<GpuFacts> gpus;   ///< in CUDA's order, those that this process may use
  bool onednn = false;          ///< LibTorch was built with oneDNN
  bool bf16_processor = false;  ///< the CPU has what oneDNN's bfloat16 kernels need
};
ComputeFacts find_compute_facts();

/// cpu, cuda (the first GPU) or cuda:N. @throws UsageError for other words and for a GPU that is not there, with the
/// remedy.
at::Device parse_device(const std::string& text, const ComputeFacts& facts);
/// fp32, bf16, fp16 or tf32. @throws UsageError for other words, and where the device cannot compute so, with what it
/// can.
Precision parse_precision(const std::string& text, const at::Device& device, const ComputeFacts& facts);

/// "cuda:0, NVIDIA H200"; "cpu".
std::string describe_device(const at::Device& device, const ComputeFacts& facts);

/// Makes a GPU's results comparable with the CPU's and with themselves: TF32 off, cuDNN's deterministic algorithms.
/// For the whole process; nothing on a CPU. Model does it at load.
void prepare_device(const at::Device& device);

/// The tensor on `device`; the same one where it is there already. To a GPU it goes through pinned memory, and the
/// call does not wait for the copy.
at::Tensor to_device(const at::Tensor& tensor, const at::Device& device);

/// While it lives, no other thread of this program computes on the GPU: passes would only queue behind each other, and
/// TF32 is a switch of the whole process. May be nested. Nothing on a CPU.
class DeviceTurn {
 public:
  explicit DeviceTurn(const at::Device& device);

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// While it lives, float32 products on the GPU may round their factors to TF32. Only within a DeviceTurn.
class Tf32Scope {
 public:
  Tf32Scope();
  ~Tf32Scope();
  Tf32Scope(const Tf32Scope&) = delete;
  Tf32Scope& operator=(const Tf32Scope&) = delete;
};

}  // namespace cuebench
