#include <algorithm>
#include <functional>
#include <numeric>

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/network.hpp>

namespace cuebench {
namespace {

bool is_spatial(const NodeShape& shape) {
  return shape.size() == 3;
}

bool is_tokens(const NodeShape& shape) {
  return shape.size() == 2;
}

std::string describe(const NodeShape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

/// The input of a node as a user would look for it: its tap name, or its kind and position.
std::string label(const Node& node, std::size_t index) {
  if (!node.name.empty()) return "'" + node.name + "'";
  return std::string(to_string(node.operation)) + " (node " + std::to_string(index) + ")";
}

[[noreturn]] void fail(const Node& node, std::size_t index, const std::string& cause) {
  throw UsageError("layer " + label(node, index) + " does not fit: " + cause);
}

/// Output positions of a sliding window, as PyTorch computes them.
std::int64_t window_positions(const Node& node, std::size_t index, std::int64_t size) {
  if (node.kernel < 1 || node.stride < 1 || node.padding < 0)
    fail(node, index, "kernel and stride must be at least 1 and padding at least 0");
  const std::int64_t span = size + 2 * node.padding - node.kernel;
  if (span < 0)
    fail(node, index,
         "its window of " + std::to_string(node.kernel) + " is larger than the padded input of " +
             std::to_string(size + 2 * node.padding) + " pixels; use larger images");
  std::int64_t positions = span / node.stride + 1;
  if (node.ceil_mode && span % node.stride != 0) {
    ++positions;
    // A window must start inside the input or the left padding.
    if ((positions - 1) * node.stride >= size + node.padding) --positions;
  }
  return positions;
}

const NodeShape& require_spatial(const Node& node, std::size_t index, const NodeShape& shape) {
  if (!is_spatial(shape)) fail(node, index, "it needs channels, height and width but gets " + describe(shape));
  return shape;
}

NodeShape convolution_shape(const Node& node, std::size_t index, const NodeShape& in) {
  require_spatial(node, index, in);
  if (node.out_channels < 1 || node.groups < 1) fail(node, index, "output channels and groups must be at least 1");
  if (in[0] % node.groups != 0 || node.out_channels % node.groups != 0)
    fail(node, index,
         std::to_string(node.groups) + " groups do not divide " + std::to_string(in[0]) + " input and " +
             std::to_string(node.out_channels) + " output channels");
  return {node.out_channels, window_positions(node, index, in[1]), window_positions(node, index, in[2])};
}

NodeShape pool_shape(const Node& node, std::size_t index, const NodeShape& in) {
  require_spatial(node, index, in);
  if (2 * node.padding > node.kernel) fail(node, index, "the padding of a pool is at most half its kernel");
  return {in[0], window_positions(node, index, in[1]), window_positions(node, index, in[2])};
}

NodeShape linear_shape(const Node& node, std::size_t index, const NodeShape& in) {
  if (in.size() != 1 && !is_tokens(in))
    fail(node, index, "it needs a vector but gets " + describe(in) + "; put a flatten before it");
  if (node.out_channels < 1) fail(node, index, "it needs at least one output");
  return is_tokens(in) ? NodeShape{in[0], node.out_channels} : NodeShape{node.out_channels};
}

NodeShape concatenated_shape(const Network& network, const Node& node, std::size_t index) {
  NodeShape result = require_spatial(node, index, network.nodes[node.inputs[0]].shape);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const NodeShape& next = require_spatial(node, index, network.nodes[node.inputs[i]].shape);
    if (next[1] != result[1] || next[2] != result[2])
      fail(node, index, "it joins maps of " + describe(result) + " and " + describe(next));
    result[0] += next[0];
  }
  return result;
}

NodeShape adaptive_pool_shape(const Node& node, std::size_t index, const NodeShape& in) {
  require_spatial(node, index, in);
  if (node.kernel < 1) fail(node, index, "its output has at least one pixel");
  return {in[0], node.kernel, node.kernel};
}

const NodeShape& require_tokens(const Node& node, std::size_t index, const NodeShape& shape) {
  if (!is_tokens(shape)) fail(node, index, "it needs tokens but gets " + describe(shape));
  return shape;
}

NodeShape attention_shape(const Node& node, std::size_t index, const NodeShape& in) {
  require_tokens(node, index, in);
  if (node.groups < 1 || in[1] % (3 * node.groups) != 0)
    fail(node, index,
         std::to_string(node.groups) + " heads do not divide queries, keys and values of together " +
             std::to_string(in[1]) + " channels");
  return {in[0], in[1] / 3};
}

NodeShape shortcut_shape(const Node& node, std::size_t index, const NodeShape& in) {
  require_spatial(node, index, in);
  if (node.stride < 1 || node.pad_before < 0 || node.pad_after < 0)
    fail(node, index, "stride must be at least 1 and padding at least 0");
  return {in[0] + node.pad_before + node.pad_after, (in[1] + node.stride - 1) / node.stride,
          (in[2] + node.stride - 1) / node.stride};
}

NodeShape node_shape(const Network& network, std::size_t index) {
  const Node& node = network.nodes[index];
  const auto in = [&](std::size_t i) -> const NodeShape& { return network.nodes[node.inputs[i]].shape; };
  switch (node.operation) {
    case Operation::input:
      return node.shape;
    case Operation::convolution:
      return convolution_shape(node, index, in(0));
    case Operation::batch_norm:
    case Operation::relu:
    case Operation::relu6:
    case Operation::gelu:
      return in(0);
    case Operation::concatenate:
      return concatenated_shape(network, node, index);
    case Operation::add:
      if (in(0) != in(1)) fail(node, index, "it adds " + describe(in(0)) + " and " + describe(in(1)));
      return in(0);
    case Operation::channel_pad_shortcut:
      return shortcut_shape(node, index, in(0));
    case Operation::max_pool:
    case Operation::average_pool:
      return pool_shape(node, index, in(0));
    case Operation::adaptive_average_pool:
      return adaptive_pool_shape(node, index, in(0));
    case Operation::global_average_pool:
      return {require_spatial(node, index, in(0))[0]};
    case Operation::flatten:
      return {std::accumulate(in(0).begin(), in(0).end(), std::int64_t{1}, std::multiplies<>())};
    case Operation::linear:
      return linear_shape(node, index, in(0));
    case Operation::class_token:
      require_spatial(node, index, in(0));
      return {1 + in(0)[1] * in(0)[2], in(0)[0]};
    case Operation::position_embedding:
    case Operation::layer_norm:
      return require_tokens(node, index, in(0));
    case Operation::attention:
      return attention_shape(node, index, in(0));
    case Operation::first_token:
      return {require_tokens(node, index, in(0))[1]};
    case Operation::channel_probe:
      require_spatial(node, index, in(0));
      return {node.out_channels};
    case Operation::channel_importance:
      if (network.nodes[node.inputs[1]].operation != Operation::channel_probe) fail(node, index, "it needs a probe");
      return require_spatial(node, index, in(0));
  }
  fail(node, index, "its operation is unknown");
}

std::size_t inputs_of(Operation operation) {
  return operation == Operation::add || operation == Operation::channel_importance ? 2 : 1;
}

void check_graph(const Network& network) {
  if (network.nodes.empty() || network.nodes[0].operation != Operation::input)
    throw UsageError("network '" + network.architecture + "' does not start with its input");
  for (std::size_t i = 1; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    const bool fits = node.operation == Operation::concatenate ? node.inputs.size() >= 2
                                                               : node.inputs.size() == inputs_of(node.operation);
    if (node.operation == Operation::input || !fits)
      fail(node, i, "it has " + std::to_string(node.inputs.size()) + " inputs");
    for (const int input : node.inputs)
      if (input < 0 || static_cast<std::size_t>(input) >= i) fail(node, i, "its input is not an earlier layer");
  }
}

std::vector<int> consumers(const Network& network, int index) {
  std::vector<int> found;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const auto& inputs = network.nodes[i].inputs;
    if (std::find(inputs.begin(), inputs.end(), index) != inputs.end()) found.push_back(static_cast<int>(i));
  }
  return found;
}

std::optional<int> only_consumer(const Network& network, int index) {
  const std::vector<int> all = consumers(network, index);
  return all.size() == 1 ? std::optional(all[0]) : std::nullopt;
}

/// The node that holds the channel means of `tap`, if those are all that the network makes of it.
std::optional<int> mean_of(const Network& network, int tap) {
  const NodeShape& shape = network.nodes[tap].shape;
  if (shape.size() == 1) return tap;  // a vector is its own mean
  const auto next = only_consumer(network, tap);
  if (!next || !is_spatial(shape)) return std::nullopt;
  const Node& pool = network.nodes[*next];
  if (pool.operation == Operation::global_average_pool) return next;
  const bool whole = pool.operation == Operation::average_pool && pool.padding == 0 && shape[1] == pool.kernel &&
                     shape[2] == pool.kernel;
  if (!whole) return std::nullopt;
  const auto after = only_consumer(network, *next);
  return after && network.nodes[*after].operation == Operation::flatten ? after : std::nullopt;
}

}  // namespace

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::input:
      return "input";
    case Operation::convolution:
      return "convolution";
    case Operation::batch_norm:
      return "batch_norm";
    case Operation::relu:
      return "relu";
    case Operation::relu6:
      return "relu6";
    case Operation::gelu:
      return "gelu";
    case Operation::concatenate:
      return "concatenate";
    case Operation::add:
      return "add";
    case Operation::channel_pad_shortcut:
      return "channel_pad_shortcut";
    case Operation::max_pool:
      return "max_pool";
    case Operation::average_pool:
      return "average_pool";
    case Operation::adaptive_average_pool:
      return "adaptive_average_pool";
    case Operation::global_average_pool:
      return "global_average_pool";
    case Operation::flatten:
      return "flatten";
    case Operation::linear:
      return "linear";
    case Operation::class_token:
      return "class_token";
    case Operation::position_embedding:
      return "position_embedding";
    case Operation::layer_norm:
      return "layer_norm";
    case Operation::attention:
      return "attention";
    case Operation::first_token:
      return "first_token";
    case Operation::channel_probe:
      return "channel_probe";
    case Operation::channel_importance:
      return "channel_importance";
  }
  return "unknown";
}

int Network::find(std::string_view name) const {
  if (name.empty()) return -1;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].name == name) return static_cast<int>(i);
  for (const auto& [alias, index] : aliases)
    if (alias == name) return index;
  return -1;
}

std::vector<std::string> Network::tap_names() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].name.empty()) names.push_back(nodes[i].name);
    for (const auto& [alias, index] : aliases)
      if (static_cast<std::size_t>(index) == i) names.push_back(alias);
  }
  return names;
}

std::int64_t Network::parameter_count() const {
  std::int64_t count = 0;
  for (const ParameterSlot& slot : parameter_slots(*this))
    if (slot.trained)
      count += std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1}, std::multiplies<>());
  return count;
}

void infer_shapes(Network& network, const NodeShape& input) {
  check_graph(network);
  if (input.size() != 3 || std::any_of(input.begin(), input.end(), [](std::int64_t size) { return size < 1; }))
    throw UsageError("input size " + describe(input) +
                     " is not {channels, height, width}; give three positive numbers");
  network.nodes[0].shape = input;
  for (std::size_t i = 1; i < network.nodes.size(); ++i) network.nodes[i].shape = node_shape(network, i);
}

std::string parameter_name(const Node& node, std::string_view which) {
  if (node.operation == Operation::class_token || node.operation == Operation::position_embedding)
    return node.parameters;
  return node.parameters + node.parameter_joint + std::string(which);
}

namespace {

/// As nn.Sequential(Linear) or nn.Sequential(Linear, Softplus, Linear) on `channels` means.
void add_probe_slots(const Node& node, std::int64_t channels, std::vector<ParameterSlot>& slots) {
  const auto add_layer = [&](const std::string& layer, std::int64_t in, std::int64_t out) {
    slots.push_back({node.parameters + layer + ".weight", {out, in}});
    slots.push_back({node.parameters + layer + ".bias", {out}});
  };
  if (node.hidden == 0) return add_layer(".0", channels, node.out_channels);
  add_layer(".0", channels, node.hidden);
  add_layer(".2", node.hidden, node.out_channels);
}

}  // namespace

std::vector<ParameterSlot> parameter_slots(const Network& network) {
  std::vector<ParameterSlot> slots;
  for (const Node& node : network.nodes) {
    const std::string& prefix = node.parameters;
    if (node.operation == Operation::convolution) {
      const std::int64_t in = network.nodes[node.inputs[0]].shape.at(0);
      slots.push_back({prefix + ".weight", {node.out_channels, in / node.groups, node.kernel, node.kernel}});
      if (node.bias) slots.push_back({prefix + ".bias", {node.out_channels}});
    } else if (node.operation == Operation::linear) {
      const std::int64_t in = network.nodes[node.inputs[0]].shape.back();
      slots.push_back({parameter_name(node, "weight"), {node.out_channels, in}});
      if (node.bias) slots.push_back({parameter_name(node, "bias"), {node.out_channels}});
    } else if (node.operation == Operation::channel_probe) {
      add_probe_slots(node, network.nodes[node.inputs[0]].shape.at(0), slots);
    } else if (node.operation == Operation::class_token) {
      slots.push_back({prefix, {1, 1, node.shape.back()}});
    } else if (node.operation == Operation::position_embedding) {
      slots.push_back({prefix, {1, node.shape.at(0), node.shape.back()}});
    } else if (node.operation == Operation::layer_norm) {
      slots.push_back({prefix + ".weight", {node.shape.back()}});
      slots.push_back({prefix + ".bias", {node.shape.back()}});
    } else if (node.operation == Operation::batch_norm) {
      const std::int64_t channels = node.shape.at(0);
      slots.push_back({prefix + ".weight", {channels}});
      slots.push_back({prefix + ".bias", {channels}});
      slots.push_back({prefix + ".running_mean", {channels}, true, false});
      slots.push_back({prefix + ".running_var", {channels}, true, false});
      slots.push_back({prefix + ".num_batches_tracked", {}, false, false});
    }
  }
  return slots;
}

std::optional<int> closed_form_head(const Network& network, int tap) {
  if (tap < 0 || static_cast<std::size_t>(tap) >= network.nodes.size()) return std::nullopt;
  const auto means = mean_of(network, tap);
  if (!means) return std::nullopt;
  const auto head = only_consumer(network, *means);
  const bool is_head = head && network.nodes[*head].operation == Operation::linear &&
                       static_cast<std::size_t>(*head) + 1 == network.nodes.size();
  return is_head ? head : std::nullopt;
}

}  // namespace cuebench
