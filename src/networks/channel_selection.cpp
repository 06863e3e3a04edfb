#include "channel_selection.hpp"

#include <algorithm>
#include <map>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/lists.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

constexpr std::string_view kPrefix = "cifs.";
constexpr std::string_view kFirstWeight = ".0.weight", kSecondWeight = ".2.weight";

const std::vector<ParameterSpec>& parameter_specs() {
  static const std::vector<ParameterSpec> specs = {
      {.name = "after",
       .kind = ParameterKind::text,
       .default_value = "auto",
       .doc = "layers joined by /; auto: the last two residual blocks"},
      {.name = "hidden",
       .kind = ParameterKind::integer,
       .default_value = "128",
       .minimum = 1,
       .maximum = 65536,
       .doc = "units of a nonlinear probe's hidden layer"},
      {.name = "importance",
       .kind = ParameterKind::choice,
       .default_value = "softmax",
       .choices = {"softmax", "sigmoid", "softplus", "relu", "identity"},
       .doc = "factors from relevances; softmax is over channels, softplus has beta 5"},
      {.name = "probes",
       .kind = ParameterKind::text,
       .default_value = "auto",
       .doc = "linear or nonlinear for each layer, joined by /; auto: nonlinear, the last one linear"},
      {.name = "scale", .kind = ParameterKind::real, .default_value = "1", .minimum = 0, .doc = "factors times this"},
      {.name = "select",
       .kind = ParameterKind::choice,
       .default_value = "top2",
       .choices = {"top2", "top1"},
       .doc = "probe logits whose derivative is the relevance: of the two largest (CIFS), or of the largest (CAS)"},
      {.name = "temperature",
       .kind = ParameterKind::real,
       .default_value = "1",
       .minimum = 1e-6,
       .doc = "relevances are divided by it"},
  };
  return specs;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "/") + part;
  return text;
}

bool ends_residual_block(const Network& network, const Node& node) {
  return node.operation == Operation::relu && !node.name.empty() && node.shape.size() == 3 &&
         network.nodes[node.inputs[0]].operation == Operation::add;
}

std::vector<std::string> last_two_blocks(const Network& network) {
  std::vector<std::string> names;
  for (const Node& node : network.nodes)
    if (ends_residual_block(network, node)) names.push_back(node.name);
  if (names.empty())
    throw UsageError("cifs: " + network.architecture +
                     " has no residual blocks that end in a ReLU: name the layers with after=LAYER/LAYER");
  if (names.size() > 2) names.erase(names.begin(), names.end() - 2);
  return names;
}

/// Indices of the layers, ascending.
std::vector<int> find_layers(const Network& network, const std::vector<std::string>& names) {
  std::vector<int> layers;
  for (const std::string& name : names) {
    const int layer = network.find(name);
    if (layer < 0)
      throw UsageError(unknown_name_message("layer in cifs:after", name, network.tap_names(),
                                            "layers are joined by /; `cuebench inspect FILE` lists those of a file"));
    const NodeShape& shape = network.nodes[layer].shape;
    if (shape.size() != 3 || shape[0] < 2 || static_cast<std::size_t>(layer) + 1 == network.nodes.size())
      throw UsageError("cifs: layer '" + name + "' is no map of several channels: choose one before the pooling");
    if (!layers.empty() && layer <= layers.back())
      throw UsageError("cifs: after lists '" + name + "' twice or out of order: name layers in the network's order");
    layers.push_back(layer);
  }
  return layers;
}

/// Whether each probe has a hidden layer.
std::vector<std::string> probe_kinds(const std::string& text, std::size_t layers) {
  std::vector<std::string> kinds(layers, "nonlinear");
  kinds.back() = "linear";
  if (text == "auto") return kinds;
  kinds = split_list(text);
  for (const std::string& kind : kinds)
    if (kind != "linear" && kind != "nonlinear")
      throw UsageError("cifs: probe '" + kind +
                       "' is not known: write linear or nonlinear for each layer, joined by /");
  if (kinds.size() != layers)
    throw UsageError("cifs: " + std::to_string(kinds.size()) + " probes for " + std::to_string(layers) +
                     " layers: give one for each, joined by /");
  return kinds;
}

ImportanceRule rule_of(const Parameters& parameters) {
  using Map = ImportanceRule::Map;
  static const std::map<std::string, Map> maps{{"softmax", Map::softmax},
                                               {"sigmoid", Map::sigmoid},
                                               {"softplus", Map::softplus},
                                               {"relu", Map::relu},
                                               {"identity", Map::identity}};
  ImportanceRule rule;
  rule.map = maps.at(parameters.text("importance"));
  rule.top_two = parameters.text("select") == "top2";
  rule.temperature = parameters.real("temperature");
  rule.scale = parameters.real("scale");
  return rule;
}

void insert_module(Network& network, int layer, Node probe, Node importance) {
  const auto moved = [layer](int index) { return index > layer ? index + 2 : index; };
  for (Node& node : network.nodes)
    for (int& input : node.inputs) input = input == layer ? layer + 2 : moved(input);
  for (auto& [name, index] : network.aliases) index = moved(index);
  probe.inputs = {layer};
  importance.inputs = {layer, layer + 1};
  const auto place = network.nodes.begin() + layer + 1;
  network.nodes.insert(place, {std::move(probe), std::move(importance)});
}

bool starts_with_prefix(const NamedTensor& tensor) {
  return tensor.first.compare(0, kPrefix.size(), kPrefix) == 0;
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

ArchitectureText split_architecture(std::string_view text) {
  const std::size_t plus = text.find("+cifs");
  if (plus == std::string_view::npos) return {text, {}};
  return {text.substr(0, plus), text.substr(plus + 1)};
}

void add_channel_selection(Network& network, std::string_view modules, int classes) {
  const NamedParameters named = parse_named_parameters("architecture module", modules);
  if (named.name != "cifs")
    throw UsageError("architecture module '" + named.name + "' is not known: write ARCHITECTURE+cifs:key=value,...");
  Parameters parameters = resolve_parameters("cifs", parameter_specs(), named.values);
  const std::string& after = parameters.text("after");
  const std::vector<std::string> names = after == "auto" ? last_two_blocks(network) : split_list(after);
  if (names.empty()) throw UsageError("cifs: after names no layer: write after=LAYER/LAYER, or leave it out");
  const std::vector<int> layers = find_layers(network, names);
  const std::vector<std::string> kinds = probe_kinds(parameters.text("probes"), names.size());
  for (std::size_t i = layers.size(); i-- > 0;) {
    Node probe, importance;
    probe.operation = Operation::channel_probe;
    probe.parameters = importance.parameters = std::string(kPrefix) + names[i];
    probe.out_channels = classes;
    probe.hidden = kinds[i] == "nonlinear" ? parameters.integer("hidden") : 0;
    importance.operation = Operation::channel_importance;
    importance.name = importance.parameters;
    importance.importance = rule_of(parameters);
    insert_module(network, layers[i], std::move(probe), std::move(importance));
  }
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& value : named.values)
    if (value.first != "after" && value.first != "probes") values.push_back(value);
  values.emplace_back("after", joined(names));
  values.emplace_back("probes", joined(kinds));
  network.architecture += "+cifs:" + resolve_parameters("cifs", parameter_specs(), values).canonical();
  infer_shapes(network, NodeShape(network.nodes[0].shape));
}

std::vector<NamedTensor> take_channel_selection(Checkpoint& checkpoint) {
  auto& tensors = checkpoint.tensors;
  const auto first = std::stable_partition(tensors.begin(), tensors.end(),
                                           [](const NamedTensor& tensor) { return !starts_with_prefix(tensor); });
  std::vector<NamedTensor> taken(std::make_move_iterator(first), std::make_move_iterator(tensors.end()));
  tensors.erase(first, tensors.end());
  return taken;
}

std::optional<std::string> recognise_channel_selection(const std::vector<NamedTensor>& tensors) {
  std::vector<std::string> layers, kinds;
  std::string hidden;
  for (const auto& [name, tensor] : tensors) {
    if (name.size() <= kPrefix.size() + kFirstWeight.size() || !ends_with(name, kFirstWeight)) continue;
    const std::string layer = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kFirstWeight.size());
    const std::string second = std::string(kPrefix) + layer + std::string(kSecondWeight);
    const bool nonlinear =
        std::any_of(tensors.begin(), tensors.end(), [&](const NamedTensor& other) { return other.first == second; });
    layers.push_back(layer);
    kinds.emplace_back(nonlinear ? "nonlinear" : "linear");
    if (nonlinear && !tensor.shape.empty()) hidden = ",hidden=" + std::to_string(tensor.shape[0]);
  }
  if (layers.empty()) return std::nullopt;
  return "cifs:after=" + joined(layers) + ",probes=" + joined(kinds) + hidden;
}

}  // namespace cuebench
