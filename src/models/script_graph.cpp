#include "script_graph.hpp"

#include <algorithm>
#include <map>

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/frozen_linear_transpose.h>
#include <torch/csrc/jit/passes/frozen_ops_to_mkldnn.h>
#include <torch/csrc/jit/passes/remove_exceptions.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <cuebench/core/errors.hpp>

#include "script_inliner.hpp"

namespace cuebench {
namespace {

namespace jit = torch::jit;

bool is_marker(const jit::Node* node) {
  return node->kind() == c10::prim::Print && node->hasAttribute(c10::Symbol::attr(kTapAttribute));
}

const std::string& path_of(const jit::Node* marker) {
  return marker->s(c10::Symbol::attr(kTapAttribute));
}

/// In the top block only: what a branch computes may not exist.
std::vector<jit::Node*> markers(jit::Graph& graph) {
  std::vector<jit::Node*> found;
  for (jit::Node* node : graph.nodes())
    if (is_marker(node) && node->input(0)->type()->isSubtypeOf(*c10::TensorType::get())) found.push_back(node);
  return found;
}

void remove_markers(jit::Block* block) {
  for (auto it = block->nodes().begin(); it != block->nodes().end(); ++it) {
    for (jit::Block* inner : it->blocks()) remove_markers(inner);
    if (is_marker(*it)) it.destroyCurrent();
  }
}

bool overwrites_tensors(jit::Block* block) {
  for (jit::Node* node : block->nodes()) {
    const c10::FunctionSchema* const schema = node->maybeSchema();
    if (schema && schema->is_mutable()) return true;
    for (jit::Block* inner : node->blocks())
      if (overwrites_tensors(inner)) return true;
  }
  return false;
}

jit::Value* clone_after(jit::Graph& graph, jit::Node* place, jit::Value* value) {
  const jit::WithInsertPoint point(place->next());
  jit::Value* const none = graph.insertConstant(c10::IValue());
  jit::Node* const clone = graph.create(c10::aten::clone, {value, none}, 1);
  clone->output()->setType(value->type());
  graph.insertNode(clone);
  return clone->output();
}

/// Where operations overwrite their inputs, the tap is a copy that nothing else touches and that the rest of the graph
/// is computed from.
jit::Value* tap_value(jit::Graph& graph, jit::Node* marker, bool overwriting) {
  jit::Value* const value = marker->input(0);
  if (!overwriting) return value;
  jit::Value* const tap = clone_after(graph, marker, value);
  jit::Value* const onward = clone_after(graph, tap->node(), tap);
  value->replaceAllUsesAfterNodeWith(onward->node(), onward);
  return tap;
}

std::vector<std::string> tap_names(const std::vector<jit::Node*>& all) {
  std::map<std::string, int> calls;
  std::vector<std::string> names;
  for (const jit::Node* marker : all) {
    const int call = calls[path_of(marker)]++;
    names.push_back(call == 0 ? path_of(marker) : path_of(marker) + "_" + std::to_string(call));
  }
  return names;
}

const jit::Value* through_reshapes(const jit::Value* value, bool& pooled, const jit::Value* tap) {
  static const std::vector<std::string> shapes{"aten::flatten", "aten::view",     "aten::reshape", "aten::squeeze",
                                               "aten::dropout", "aten::dropout_", "aten::clone",   "aten::contiguous"};
  static const std::vector<std::string> pools{"aten::mean", "aten::adaptive_avg_pool2d", "aten::avg_pool2d"};
  while (value != tap) {
    const jit::Node* const node = value->node();
    const std::string kind = node->kind().toQualString();
    if (std::find(pools.begin(), pools.end(), kind) != pools.end()) {
      if (pooled) return nullptr;
      pooled = true;
    } else if (std::find(shapes.begin(), shapes.end(), kind) == shapes.end()) {
      return nullptr;
    }
    value = node->input(0);
  }
  return value;
}

std::vector<double> to_doubles(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().to(at::kDouble).contiguous();
  return {dense.data_ptr<double>(), dense.data_ptr<double>() + dense.numel()};
}

}  // namespace

ScriptGraph flatten_module(const jit::Module& module, const std::string& model) {
  ScriptGraph result{inline_module(module, model), {}};
  if (result.graph->outputs().size() != 1 || !result.graph->outputs()[0]->type()->isSubtypeOf(*c10::TensorType::get()))
    throw UsageError(model + ": its forward returns " + result.graph->outputs()[0]->type()->str() +
                     ", not one tensor of logits; export a module that returns the logits alone");
  result.taps = tap_names(markers(*result.graph));
  return result;
}

std::shared_ptr<jit::Graph> with_outputs(const ScriptGraph& source, const std::vector<std::string>& taps) {
  std::shared_ptr<jit::Graph> graph = source.graph->copy();
  jit::RemoveTensorMutation(graph);
  const std::vector<jit::Node*> all = markers(*graph);
  const std::vector<std::string> names = tap_names(all);
  const bool overwriting = overwrites_tensors(graph->block());
  std::map<std::string, jit::Value*> values;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (std::find(taps.begin(), taps.end(), names[i]) != taps.end())
      values[names[i]] = tap_value(*graph, all[i], overwriting);
  remove_markers(graph->block());
  for (const std::string& tap : taps) graph->registerOutput(values.at(tap));
  jit::OptimizeFrozenGraph(graph, true);
  jit::ConstantPropagation(graph);
  jit::EliminateDeadCode(graph->block());
  return graph;
}

std::shared_ptr<jit::Graph> with_factors(const ScriptGraph& source, const std::string& tap) {
  std::shared_ptr<jit::Graph> graph = source.graph->copy();
  jit::RemoveTensorMutation(graph);
  const std::vector<jit::Node*> all = markers(*graph);
  const std::vector<std::string> names = tap_names(all);
  jit::Node* const marker =
      all.at(static_cast<std::size_t>(std::find(names.begin(), names.end(), tap) - names.begin()));
  jit::Value* const value = tap_value(*graph, marker, overwrites_tensors(graph->block()));
  jit::Value* const factors = graph->addInput("factors");
  factors->setType(c10::TensorType::get());
  jit::Node* const product = graph->create(c10::aten::mul, {value, factors}, 1);
  product->insertAfter(value->node() == marker->input(0)->node() ? marker : value->node());
  value->replaceAllUsesAfterNodeWith(product, product->output());
  remove_markers(graph->block());
  jit::OptimizeFrozenGraph(graph, true);
  jit::ConstantPropagation(graph);
  jit::EliminateDeadCode(graph->block());
  return graph;
}

bool convert_to_blocked(std::shared_ptr<jit::Graph>& graph) {
  jit::EliminateExceptions(graph);
  jit::OptimizeFrozenGraph(graph, true);
  jit::ConvertFrozenOpsToMKLDNN(graph);
  jit::FrozenLinearTranspose(graph);
  const auto nodes = graph->nodes();
  return std::any_of(nodes.begin(), nodes.end(), [](const jit::Node* node) {
    return std::string(node->kind().toQualString()).find("mkldnn") != std::string::npos;
  });
}

std::vector<double> linear_head_weights(const jit::Graph& graph, std::size_t tap) {
  const jit::Node* const head = graph.outputs()[0]->node();
  const std::string kind = head->kind().toQualString();
  const bool addmm = kind == "aten::addmm";
  if (!addmm && kind != "aten::linear") return {};
  const jit::Value* const weight = head->input(addmm ? 2 : 1);
  const auto constant = jit::toIValue(weight);
  if (!constant || !constant->isTensor()) return {};
  bool pooled = false;
  if (!through_reshapes(head->input(addmm ? 1 : 0), pooled, graph.outputs()[tap]) || !pooled) return {};
  const at::Tensor matrix = addmm ? constant->toTensor().t() : constant->toTensor();
  return to_doubles(matrix);
}

std::int64_t first_convolution_channels(const jit::Graph& graph) {
  for (const jit::Node* node : graph.nodes()) {
    const std::string kind = node->kind().toQualString();
    if (kind != "aten::conv2d" && kind != "aten::_convolution" && kind != "aten::convolution") continue;
    const auto weight = jit::toIValue(node->input(1));
    const auto groups = jit::toIValue(node->input(kind == "aten::conv2d" ? 6 : 8));
    if (!weight || !weight->isTensor() || !groups || !groups->isInt()) return 0;
    return weight->toTensor().size(1) * groups->toInt();
  }
  return 0;
}

bool is_quantised(const jit::Graph& graph) {
  const auto nodes = graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(), [](const jit::Node* node) {
    return std::string_view(node->kind().toQualString()).starts_with("quantized::");
  });
}

}  // namespace cuebench
