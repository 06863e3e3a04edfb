// A plain chain of layers, as torch.nn.Sequential has them. Parameters are named by position, counting every layer
// ("0.weight", "2.weight", "5.weight"), unless a layer has a name. The layers come from the sidecar or from the text.

#include <set>

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "../sequential_layers.hpp"

namespace cuebench {
namespace {

Operation operation_of(const std::string& kind) {
  if (kind == "conv") return Operation::convolution;
  if (kind == "batch_norm") return Operation::batch_norm;
  if (kind == "max_pool") return Operation::max_pool;
  if (kind == "average_pool") return Operation::average_pool;
  if (kind == "global_average_pool") return Operation::global_average_pool;
  if (kind == "flatten") return Operation::flatten;
  if (kind == "linear") return Operation::linear;
  return Operation::relu;
}

Node node_of(const SequentialLayer& layer, const std::string& name, int input) {
  Node node;
  node.operation = operation_of(layer.kind);
  node.name = name;
  if (layer.kind == "conv" || layer.kind == "batch_norm" || layer.kind == "linear") node.parameters = name;
  node.inputs = {input};
  node.out_channels = layer.out;
  if (layer.kernel > 0) {
    node.kernel = layer.kernel;
    node.stride = layer.stride;
    node.padding = layer.padding;
    node.groups = layer.groups;
  }
  node.bias = layer.bias;
  node.ceil_mode = layer.ceil_mode;
  node.epsilon = layer.epsilon;
  return node;
}

std::vector<SequentialLayer> layers_of(const Parameters& parameters) {
  const std::string& text = parameters.text("layers");
  if (text.empty())
    throw UsageError(
        "sequential: no layers are given; list them under \"layers\" in FILE.json (docs/checkpoints.md), "
        "or type layers=conv16k4s2p1-relu-flatten-linear10");
  return parse_layers_text(text);
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const std::vector<SequentialLayer> layers = layers_of(parameters);
  NetworkBuilder builder;
  std::set<std::string> names;
  int x = NetworkBuilder::kInput;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = layers[i].name.empty() ? std::to_string(i) : layers[i].name;
    if (!names.insert(name).second)
      throw UsageError("sequential: two layers are called '" + name + "'; give each its own name");
    if (layers[i].kind == "dropout") {  // does nothing outside training, but it has a position
      if (x != NetworkBuilder::kInput) builder.alias(name, x);
      continue;
    }
    Node node = node_of(layers[i], name, x);
    if (node.operation == Operation::linear && node.out_channels == 0) {
      if (i + 1 != layers.size())
        throw UsageError("sequential: linear layer '" + name +
                         "' needs its number of outputs; only the last takes the "
                         "number of classes");
      node.out_channels = classes;
    }
    x = builder.append(std::move(node));
  }
  Network network = std::move(builder).finish("sequential:" + parameters.canonical(), input);
  const NodeShape& logits = network.nodes.back().shape;
  if (logits.size() != 1 || logits[0] != classes)
    throw UsageError("sequential: the last layer gives " +
                     (logits.size() == 1 ? std::to_string(logits[0]) + " values" : std::string("a map, not a vector")) +
                     " for " + std::to_string(classes) + " classes; end with a linear layer of as many outputs");
  return network;
}

/// Strides and paddings leave no trace in the weights: never recognised.
std::optional<std::string> recognise(const Checkpoint&) {
  return std::nullopt;
}

int count_classes(const Parameters& parameters, const Checkpoint& checkpoint) {
  const std::vector<SequentialLayer> layers = layers_of(parameters);
  for (std::size_t i = layers.size(); i-- > 0;) {
    if (layers[i].kind != "linear" && layers[i].kind != "conv") continue;
    if (layers[i].out > 0) return static_cast<int>(layers[i].out);
    const WeightTensor* weight =
        checkpoint.find((layers[i].name.empty() ? std::to_string(i) : layers[i].name) + ".weight");
    return weight && weight->shape.size() == 2 ? static_cast<int>(weight->shape[0]) : 0;
  }
  return 0;
}

}  // namespace

extern const ArchitectureInfo sequential_architecture{
    "sequential",
    "chain of layers given by the user, as in torch.nn.Sequential",
    "torch.nn.Sequential; parameters named by position",
    {{.name = "layers",
      .kind = ParameterKind::text,
      .default_value = "",
      .doc = "layers joined with '-': conv16k4s2p1-relu-flatten-linear10; better in FILE.json"}},
    &build,
    &recognise,
    &count_classes,
    {3, 32, 32}};

}  // namespace cuebench
