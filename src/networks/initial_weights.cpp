#include <algorithm>
#include <cmath>
#include <numeric>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/networks/initial_weights.hpp>

namespace cuebench {
namespace {

using Shape = std::vector<std::int64_t>;

double product(Shape::const_iterator begin, Shape::const_iterator end) {
  return static_cast<double>(std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>()));
}

class Filler {
 public:
  explicit Filler(std::uint64_t seed) : seed_(seed) {}

  void constant(const std::string& name, const Shape& shape, float value) {
    WeightTensor& tensor = append(name, shape);
    std::fill(tensor.values.begin(), tensor.values.end(), value);
  }
  void normal(const std::string& name, const Shape& shape, double deviation) {
    RandomStream stream(seed_, name, kPurpose);
    for (float& value : append(name, shape).values) value = static_cast<float>(deviation * stream.normal());
  }
  void uniform(const std::string& name, const Shape& shape, double bound) {
    RandomStream stream(seed_, name, kPurpose);
    for (float& value : append(name, shape).values) value = static_cast<float>(bound * (2 * stream.uniform() - 1));
  }
  void counter(const std::string& name) {
    WeightTensor tensor;
    tensor.integers = {0};
    tensor.stored_as = "int64";
    result_.tensors.emplace_back(name, std::move(tensor));
  }
  Checkpoint take() { return std::move(result_); }

 private:
  static constexpr std::string_view kPurpose = "initial weights";

  WeightTensor& append(const std::string& name, const Shape& shape) {
    WeightTensor tensor;
    tensor.shape = shape;
    tensor.values.resize(static_cast<std::size_t>(tensor.size()));
    tensor.stored_as = "float32";
    return result_.tensors.emplace_back(name, std::move(tensor)).second;
  }

  std::uint64_t seed_;
  Checkpoint result_;
};

void fill_batch_norm(Filler& filler, const std::string& prefix, std::int64_t channels) {
  filler.constant(prefix + ".weight", {channels}, 1);
  filler.constant(prefix + ".bias", {channels}, 0);
  filler.constant(prefix + ".running_mean", {channels}, 0);
  filler.constant(prefix + ".running_var", {channels}, 1);
  filler.counter(prefix + ".num_batches_tracked");
}

/// PyTorch's default for nn.Linear: uniform within 1 / sqrt(inputs).
void fill_linear(Filler& filler, const std::string& prefix, std::int64_t in, std::int64_t out) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  filler.uniform(prefix + ".weight", {out, in}, bound);
  filler.uniform(prefix + ".bias", {out}, bound);
}

void fill_probe(Filler& filler, const Node& node, std::int64_t channels) {
  fill_linear(filler, node.parameters + ".0", channels, node.hidden > 0 ? node.hidden : node.out_channels);
  if (node.hidden > 0) fill_linear(filler, node.parameters + ".2", node.hidden, node.out_channels);
}

/// The shape of a node's weight: [out, in/groups, kh, kw] or [out, in].
Shape weight_shape(const Network& network, const Node& node) {
  const std::int64_t in = network.nodes[node.inputs[0]].shape.at(0);
  if (node.operation == Operation::linear) return {node.out_channels, in};
  return {node.out_channels, in / node.groups, node.kernel, node.kernel};
}

}  // namespace

Checkpoint initial_weights(const Network& network, std::uint64_t seed) {
  Filler filler(seed);
  for (const Node& node : network.nodes) {
    if (node.operation == Operation::class_token || node.operation == Operation::layer_norm)
      throw UsageError(network.architecture + " cannot be trained: " + std::string(to_string(node.operation)) +
                       " is there for evaluation only; choose a convolutional network");
    if (node.operation == Operation::channel_probe) {
      fill_probe(filler, node, network.nodes[node.inputs[0]].shape.at(0));
      continue;
    }
    if (node.operation == Operation::batch_norm) fill_batch_norm(filler, node.parameters, node.shape.at(0));
    const bool convolution = node.operation == Operation::convolution;
    if (!convolution && node.operation != Operation::linear) continue;
    const Shape shape = weight_shape(network, node);
    const double bound = 1 / std::sqrt(product(shape.begin() + 1, shape.end()));  // of PyTorch's default
    const double fan_out = product(shape.begin(), shape.end()) / static_cast<double>(shape[1]);
    if (convolution) {
      filler.normal(node.parameters + ".weight", shape, std::sqrt(2 / fan_out));
    } else {
      filler.uniform(node.parameters + ".weight", shape, bound);
    }
    if (node.bias) filler.uniform(node.parameters + ".bias", {node.out_channels}, bound);
  }
  Checkpoint checkpoint = filler.take();
  checkpoint.format = CheckpointFormat::safetensors;
  return checkpoint;
}

}  // namespace cuebench
