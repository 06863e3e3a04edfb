#include "script_placement.hpp"

#include <algorithm>

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

namespace cuebench {
namespace {

namespace jit = torch::jit;

struct Place {
  at::Device device;
  at::ScalarType type;

  at::Tensor of(const at::Tensor& tensor) const {
    return tensor.scalar_type() == at::kFloat ? tensor.to(device, type) : tensor.to(device);
  }
};

/// None where the constant needs no change.
c10::IValue placed(const c10::IValue& value, const Place& place) {
  if (value.isTensor()) return value.toTensor().defined() ? c10::IValue(place.of(value.toTensor())) : c10::IValue();
  if (value.isDevice() && value.toDevice().is_cpu()) return place.device;
  if (!value.isTensorList()) return {};
  std::vector<at::Tensor> tensors;
  for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(place.of(tensor));
  return tensors;
}

bool only_normalises(const jit::Value* constant) {
  const auto& uses = constant->uses();
  return !uses.empty() && std::all_of(uses.begin(), uses.end(),
                                      [](const jit::Use& use) { return use.user->kind() == c10::aten::batch_norm; });
}

void place_constants(jit::Graph& graph, jit::Block* block, const Place& place) {
  for (jit::Node* const node : block->nodes()) {
    for (jit::Block* const inner : node->blocks()) place_constants(graph, inner, place);
    if (node->kind() != c10::prim::Constant) continue;
    const auto value = jit::toIValue(node->output());
    if (!value) continue;
    const Place own{place.device, only_normalises(node->output()) ? at::kFloat : place.type};
    const c10::IValue changed = placed(*value, own);
    if (changed.isNone()) continue;
    const jit::WithInsertPoint before(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(changed));
  }
}

}  // namespace

std::shared_ptr<jit::Graph> place_graph(const jit::Graph& graph, const at::Device& device, at::ScalarType type) {
  std::shared_ptr<jit::Graph> copy = const_cast<jit::Graph&>(graph).copy();
  place_constants(*copy, copy->block(), {device, type});
  jit::EliminateDeadCode(copy->block());
  return copy;
}

}  // namespace cuebench
