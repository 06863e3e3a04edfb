#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
// Processor, oneDNN and GPUs. The GPUs' names come from the driver's own library, which is loaded where LibTorch sees a
// GPU, so that this program needs no CUDA header.

#include "compute_facts.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <ATen/Context.h>
#include <dlfcn.h>
#include <torch/cuda.h>

#include <cuebench/models/placement.hpp>

namespace cuebench {
namespace {

/// CUdevice_attribute of cuda.h, whose numbers are part of the driver's interface.
constexpr int kCapabilityMajor = 75, kCapabilityMinor = 76;

/// CUdevice is an int, CUresult an enumeration with 0 for success.
struct CudaDriver {
  int (*init)(unsigned) = nullptr;
  int (*get)(int*, int) = nullptr;
  int (*name)(char*, int, int) = nullptr;
  int (*attribute)(int*, int, int) = nullptr;
};

CudaDriver open_driver() {
  void* const library = dlopen("libcuda.so.1", RTLD_LAZY);
  if (!library) return {};
  const auto find = [library](const char* symbol) { return dlsym(library, symbol); };
  CudaDriver driver;
  driver.init = reinterpret_cast<decltype(driver.init)>(find("cuInit"));
  driver.get = reinterpret_cast<decltype(driver.get)>(find("cuDeviceGet"));
  driver.name = reinterpret_cast<decltype(driver.name)>(find("cuDeviceGetName"));
  driver.attribute = reinterpret_cast<decltype(driver.attribute)>(find("cuDeviceGetAttribute"));
  return driver;
}

GpuFacts ask_driver(const CudaDriver& driver, int index) {
  GpuFacts facts;
  int gpu = 0;
  if (!driver.init || !driver.get || driver.init(0) != 0 || driver.get(&gpu, index) != 0) return facts;
  std::array<char, 256> text{};
  if (driver.name && driver.name(text.data(), static_cast<int>(text.size()) - 1, gpu) == 0) facts.name = text.data();
  int major = 0, minor = 0;
  if (driver.attribute && driver.attribute(&major, kCapabilityMajor, gpu) == 0 &&
      driver.attribute(&minor, kCapabilityMinor, gpu) == 0)
    facts.capability = 10 * major + minor;
  return facts;
}

std::vector<GpuFacts> find_gpus() {
  std::vector<GpuFacts> gpus(torch::cuda::is_available() ? static_cast<std::size_t>(torch::cuda::device_count()) : 0);
  if (gpus.empty()) return gpus;
  const CudaDriver driver = open_driver();
  for (std::size_t i = 0; i < gpus.size(); ++i) gpus[i] = ask_driver(driver, static_cast<int>(i));
  return gpus;
}

}  // namespace

bool has_bf16_flags(std::istream& cpuinfo) {
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("flags", 0) != 0) continue;
    std::istringstream words(line);
    const std::vector<std::string> flags{std::istream_iterator<std::string>(words), {}};
    const auto has = [&](const char* flag) { return std::find(flags.begin(), flags.end(), flag) != flags.end(); };
    return has("avx512bw") && has("avx512vl") && has("avx512dq");
  }
  return false;
}

ComputeFacts find_compute_facts() {
  ComputeFacts facts;
  facts.cuda_build = at::globalContext().hasCUDART();
  facts.gpus = find_gpus();
  facts.onednn = at::globalContext().hasMKLDNN();
  std::ifstream cpuinfo("/proc/cpuinfo");
  facts.bf16_processor = has_bf16_flags(cpuinfo);
  return facts;
}

}  // namespace cuebench
