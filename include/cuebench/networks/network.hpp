#pragma once
// A network as plain data: a list of nodes in execution order. Architectures write it; the models layer executes it
// (inference, gradients, training); `inspect` prints it. No LibTorch here.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

enum class Operation {
  input,        ///< float [N, C, H, W] in [0, 1]
  convolution,  ///< 2-D, weight [out, in/groups, kh, kw], zero padding
  batch_norm,   ///< running statistics in eval mode
  relu,
  add,                   ///< element-wise sum of two inputs
  channel_pad_shortcut,  ///< option A: every `stride`-th pixel, zero channels before and after
  max_pool,
  average_pool,
  global_average_pool,  ///< [N, C, H, W] -> [N, C]
  flatten,              ///< [N, C, H, W] -> [N, C*H*W], C slowest
  linear,               ///< weight [out, in]
};

/// Shape of a node's output without the batch: {C, H, W} or {features}.
using NodeShape = std::vector<std::int64_t>;

struct Node {
  Operation operation = Operation::input;
  /// The PyTorch module name that a user types to tap this output ("stage_3.2", "bn_1"); unique; may be "" (no tap).
  std::string name;
  /// Prefix of its parameters in the state_dict ("stage_3.2.conv_a"); "" for nodes without parameters.
  std::string parameters;
  std::vector<int> inputs;  ///< indices of earlier nodes
  // Attributes; those that the operation does not use stay at their defaults.
  std::int64_t out_channels = 0;
  std::int64_t kernel = 1, stride = 1, padding = 0, groups = 1;
  bool bias = true;
  bool ceil_mode = false;
  std::int64_t pad_before = 0, pad_after = 0;
  double epsilon = 1e-5;
  /// Filled in by infer_shapes.
  NodeShape shape;
};

struct Network {
  std::string architecture;               ///< canonical text: NAME[:key=value,...]
  std::vector<Node> nodes;                ///< [0] is the input, the last one gives the logits
  int find(std::string_view name) const;  ///< index of a tap, -1 if none
  std::vector<std::string> tap_names() const;
  std::int64_t parameter_count() const;
};

/// Computes every shape. @throws UsageError naming node and cause where the input size does not fit.
void infer_shapes(Network& network, const NodeShape& input);

/// One tensor that a network expects in its state_dict.
struct ParameterSlot {
  std::string name;
  std::vector<std::int64_t> shape;
  bool required = true;  ///< num_batches_tracked is not
};
std::vector<ParameterSlot> parameter_slots(const Network& network);

/// A tap that feeds global average pooling and then one linear layer to the logits (dropout allowed between), so that
/// relevance has the closed form rel_true[c] = W[y, c]. Returns the linear node, or nothing.
std::optional<int> closed_form_head(const Network& network, int tap);

}  // namespace cuebench
