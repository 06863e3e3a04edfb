// TorchScript networks from pictures to pictures or masks, for the transforms that take one.

#include <memory>
#include <string>

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/script_network.hpp>

namespace cuebench {
namespace {

namespace jit = torch::jit;

at::Tensor to_tensor(const Planes& planes) {
  return at::from_blob(const_cast<float*>(planes.values.data()), {1, planes.channels, planes.height, planes.width},
                       at::kFloat)
      .clone();
}

/// A segmentation network of torchvision answers with a dictionary; "out" is its result.
at::Tensor tensor_of(const c10::IValue& answer, const std::string& file) {
  if (answer.isTensor()) return answer.toTensor();
  if (answer.isGenericDict()) {
    const auto entries = answer.toGenericDict();
    if (const auto found = entries.find("out"); found != entries.end() && found->value().isTensor())
      return found->value().toTensor();
  }
  throw UsageError("'" + file +
                   "' returns neither a tensor nor a dictionary with the tensor 'out': wrap it so that it " +
                   "returns one tensor");
}

Planes to_planes(at::Tensor tensor, const std::string& file) {
  if (tensor.dim() == 4 && tensor.size(0) == 1) tensor = tensor.squeeze(0);
  if (tensor.dim() == 2) tensor = tensor.unsqueeze(0);
  if (tensor.dim() != 3)
    throw UsageError("'" + file + "' returns a tensor of " + std::to_string(tensor.dim()) +
                     " dimensions: it must be 1 x channels x height x width");
  tensor = tensor.to(at::kFloat).contiguous();
  const float* values = tensor.data_ptr<float>();
  return {static_cast<int>(tensor.size(0)),
          static_cast<int>(tensor.size(1)),
          static_cast<int>(tensor.size(2)),
          {values, values + tensor.numel()}};
}

/// The executor that profiles its first calls would not always give the same bits.
Planes run(jit::Method method, const std::string& file, std::span<const Planes> arguments) {
  const c10::InferenceMode inference_mode;
  const jit::GraphOptimizerEnabledGuard unoptimised(false);
  jit::Stack stack;
  for (const Planes& planes : arguments) stack.emplace_back(to_tensor(planes));
  try {
    return to_planes(tensor_of(method(std::move(stack)), file), file);
  } catch (const c10::Error& error) {
    throw UsageError("'" + file + "' fails on a picture of " + std::to_string(arguments[0].width) + "x" +
                     std::to_string(arguments[0].height) + ": " + error.what_without_backtrace());
  }
}

}  // namespace

PlanarNetwork open_script_network(const std::filesystem::path& file) {
  std::shared_ptr<jit::Module> module;
  try {
    module = std::make_shared<jit::Module>(jit::load(file.string(), at::kCPU));
  } catch (const std::exception& error) {
    const std::string text = error.what();
    throw UsageError("'" + file.string() + "' is not TorchScript that this LibTorch can load (" +
                     text.substr(0, text.find('\n')) + "): save the network with torch.jit.save");
  }
  module->eval();
  return [module, name = file.string()](std::span<const Planes> arguments) {
    return run(module->get_method("forward"), name, arguments);
  };
}

}  // namespace cuebench
