#pragma once
// A network as plain data: a list of nodes in execution order. Architectures write it; the models layer executes it
// (inference, gradients, training); `inspect` prints it. No LibTorch here.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cuebench {

enum class Operation {
  input,        ///< float [N, C, H, W] in [0, 1]
  convolution,  ///< 2-D, weight [out, in/groups, kh, kw], zero padding
  batch_norm,   ///< running statistics in eval mode
  relu,
  relu6,                  ///< min(max(x, 0), 6)
  gelu,                   ///< x * Phi(x), Phi the normal distribution function (not its tanh approximation)
  add,                    ///< element-wise sum of two inputs
  concatenate,            ///< two or more maps of one size, joined along the channels in the order of the inputs
  channel_pad_shortcut,   ///< option A: every `stride`-th pixel, zero channels before and after
  max_pool,               ///< padding with minus infinity
  average_pool,           ///< zero padding, counted in the mean (PyTorch's default count_include_pad)
  adaptive_average_pool,  ///< `kernel` x `kernel` means of nearly equal windows, as nn.AdaptiveAvgPool2d
  global_average_pool,    ///< [N, C, H, W] -> [N, C]
  flatten,                ///< [N, C, H, W] -> [N, C*H*W], C slowest
  linear,                 ///< weight [out, in]; of tokens each by itself
  class_token,            ///< [N, C, H, W] -> tokens [N, 1 + H*W, C]: a learned one, then the pixels row by row
  position_embedding,     ///< adds a learned [1, tokens, C] to tokens
  layer_norm,             ///< over the channels of each token
  attention,              ///< softmax(q k' / sqrt(C / groups)) v in `groups` heads; [N, T, 3C] (q, k, v) -> [N, T, C]
  first_token,            ///< [N, T, C] -> [N, C]
  channel_probe,          ///< [N, C, H, W] -> logits of a small classifier on the channels' means: "PREFIX.0", with
                          ///< `hidden` units then softplus (beta 5) and "PREFIX.2"
  channel_importance,     ///< a map times a factor for each channel, made of the gradient of a probe's logits; inputs:
                          ///< map, probe
};

/// Shape of a node's output without the batch: {C, H, W}, {features}, or {tokens, C} of a transformer.
using NodeShape = std::vector<std::int64_t>;

/// How a channel_importance turns relevances g[c], the derivative of probe logits by the channel's mean, into factors.
struct ImportanceRule {
  enum class Map { softmax, sigmoid, softplus, relu, identity };
  Map map = Map::softmax;  ///< over channels; softplus has beta 5
  bool top_two = true;     ///< of the probe's two largest logits, lowest index first; else of the largest one
  double temperature = 1;  ///< g is divided by it
  double scale = 1;        ///< the factors are multiplied by it
  /// Whether a derivative by the map also runs through the factors; the published code leaves that path out.
  bool differentiate_factors = true;
};

struct Node {
  Operation operation = Operation::input;
  /// The PyTorch module name that a user types to tap this output ("stage_3.2", "bn_1"); unique; may be "" (no tap).
  std::string name;
  /// Prefix of its parameters in the state_dict ("stage_3.2.conv_a"); "" for nodes without parameters.
  std::string parameters;
  /// Between that prefix and "weight": '_' for the "in_proj_weight" of nn.MultiheadAttention.
  char parameter_joint = '.';
  std::vector<int> inputs;  ///< indices of earlier nodes
  // Attributes; those that the operation does not use stay at their defaults.
  std::int64_t out_channels = 0;
  std::int64_t kernel = 1, stride = 1, padding = 0, groups = 1;
  bool bias = true;
  bool ceil_mode = false;
  std::int64_t pad_before = 0, pad_after = 0;
  double epsilon = 1e-5;
  std::int64_t hidden = 0;  ///< units of a channel_probe's hidden layer; 0: it is linear
  ImportanceRule importance;
  /// Filled in by infer_shapes.
  NodeShape shape;
};

/// "convolution", "batch_norm", ...; the names that `inspect` prints.
std::string_view to_string(Operation operation);

struct Network {
  std::string architecture;  ///< canonical text: NAME[:key=value,...]
  std::vector<Node> nodes;   ///< [0] is the input, the last one gives the logits
  /// Further PyTorch module names of a node: a container such as "stage_3" has the output of its last block.
  std::vector<std::pair<std::string, int>> aliases;
  /// Tensors that a checkpoint of this architecture may hold and this network does not read (further heads).
  std::vector<std::string> unused_parameters;

  /// Index of a tap by name or alias, -1 if none.
  int find(std::string_view name) const;
  /// Names of all taps in execution order; an alias stands behind its node's own name.
  std::vector<std::string> tap_names() const;
  /// Number of trained values, as PyTorch counts parameters(): running statistics are not among them.
  /// Needs shapes (infer_shapes).
  std::int64_t parameter_count() const;
};

/// Checks the graph and computes every shape. @throws UsageError naming node and cause where the input size does not
/// fit.
void infer_shapes(Network& network, const NodeShape& input);

/// One tensor that a network expects in its state_dict.
struct ParameterSlot {
  std::string name;
  std::vector<std::int64_t> shape;
  bool required = true;  ///< num_batches_tracked is not
  bool trained = true;   ///< running statistics and num_batches_tracked are not
};
/// The state_dict's name of a node's "weight" or "bias"; of the two learned embeddings, which have no prefix, the name.
std::string parameter_name(const Node& node, std::string_view which);
/// The tensors of every node, in execution order. Needs shapes (infer_shapes).
std::vector<ParameterSlot> parameter_slots(const Network& network);

/// A tap that feeds nothing but global average pooling (or an average pool over the whole map and a flatten) and then
/// one linear layer to the logits, or a vector that feeds that layer itself, so that relevance has the closed form
/// rel_true[c] = W[y, c]. Returns the linear
/// node, or nothing. Needs shapes (infer_shapes).
std::optional<int> closed_form_head(const Network& network, int tap);

}  // namespace cuebench
