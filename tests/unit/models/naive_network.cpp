#include "naive_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <cuebench/core/random.hpp>

namespace cuebench::test {
namespace {

using Values = std::vector<double>;

struct Plane {
  const Values& values;
  const NodeShape& shape;
  bool inside(std::int64_t row, std::int64_t column) const {
    return row >= 0 && column >= 0 && row < shape[1] && column < shape[2];
  }
  double at(std::int64_t channel, std::int64_t row, std::int64_t column) const {
    return values[(channel * shape[1] + row) * shape[2] + column];
  }
};

double weight(const Checkpoint& checkpoint, const std::string& name, std::int64_t index) {
  return checkpoint.find(name)->values[index];
}

double convolve(const Node& node, const Checkpoint& checkpoint, const Plane& in, std::int64_t o, std::int64_t r,
                std::int64_t c) {
  const std::int64_t group_in = in.shape[0] / node.groups, group = o / (node.out_channels / node.groups);
  double sum = node.bias ? weight(checkpoint, node.parameters + ".bias", o) : 0;
  for (std::int64_t i = 0; i < group_in; ++i)
    for (std::int64_t y = 0; y < node.kernel; ++y)
      for (std::int64_t x = 0; x < node.kernel; ++x) {
        const std::int64_t row = r * node.stride + y - node.padding, column = c * node.stride + x - node.padding;
        if (in.inside(row, column))
          sum +=
              in.at(group * group_in + i, row, column) *
              weight(checkpoint, node.parameters + ".weight", ((o * group_in + i) * node.kernel + y) * node.kernel + x);
      }
  return sum;
}

/// PyTorch divides by the window cut to the padded input: with ceil_mode its last window may stick out of that.
double pool(const Node& node, const Plane& in, std::int64_t o, std::int64_t r, std::int64_t c) {
  const bool largest = node.operation == Operation::max_pool;
  double result = largest ? -std::numeric_limits<double>::infinity() : 0;
  std::int64_t counted = 0;
  for (std::int64_t y = 0; y < node.kernel; ++y)
    for (std::int64_t x = 0; x < node.kernel; ++x) {
      const std::int64_t row = r * node.stride + y - node.padding, column = c * node.stride + x - node.padding;
      if (row < in.shape[1] + node.padding && column < in.shape[2] + node.padding) ++counted;
      if (!in.inside(row, column)) continue;
      const double value = in.at(o, row, column);
      result = largest ? std::max(result, value) : result + value;
    }
  return largest ? result : result / static_cast<double>(counted);
}

double element(const Node& node, const Checkpoint& checkpoint, const Plane& in, std::int64_t o, std::int64_t r,
               std::int64_t c) {
  switch (node.operation) {
    case Operation::convolution:
      return convolve(node, checkpoint, in, o, r, c);
    case Operation::max_pool:
    case Operation::average_pool:
      return pool(node, in, o, r, c);
    case Operation::channel_pad_shortcut: {
      const std::int64_t channel = o - node.pad_before;
      return channel < 0 || channel >= in.shape[0] ? 0 : in.at(channel, r * node.stride, c * node.stride);
    }
    default: {  // batch_norm
      const auto parameter = [&](const char* name) { return weight(checkpoint, node.parameters + name, o); };
      return (in.at(o, r, c) - parameter(".running_mean")) / std::sqrt(parameter(".running_var") + node.epsilon) *
                 parameter(".weight") +
             parameter(".bias");
    }
  }
}

Values spatial(const Node& node, const Checkpoint& checkpoint, const Plane& in) {
  Values out;
  for (std::int64_t o = 0; o < node.shape[0]; ++o)
    for (std::int64_t r = 0; r < node.shape[1]; ++r)
      for (std::int64_t c = 0; c < node.shape[2]; ++c) out.push_back(element(node, checkpoint, in, o, r, c));
  return out;
}

Values linear(const Node& node, const Checkpoint& checkpoint, const Values& in) {
  Values out;
  for (std::int64_t o = 0; o < node.out_channels; ++o) {
    double sum = node.bias ? weight(checkpoint, node.parameters + ".bias", o) : 0;
    for (std::size_t i = 0; i < in.size(); ++i)
      sum += in[i] * weight(checkpoint, node.parameters + ".weight", o * static_cast<std::int64_t>(in.size()) + i);
    out.push_back(sum);
  }
  return out;
}

Values means(const Plane& in) {
  const std::int64_t positions = in.shape[1] * in.shape[2];
  Values out(in.shape[0], 0.0);
  for (std::size_t i = 0; i < in.values.size(); ++i)
    out[i / positions] += in.values[i] / static_cast<double>(positions);
  return out;
}

}  // namespace

std::vector<Values> run_naively(const AssembledNetwork& assembled, const Values& image) {
  std::vector<Values> values;
  for (const Node& node : assembled.network.nodes) {
    if (node.operation == Operation::input) {
      values.push_back(image);
      continue;
    }
    Values in = values[node.inputs[0]];
    const Plane plane{in, assembled.network.nodes[node.inputs[0]].shape};
    switch (node.operation) {
      case Operation::relu:
        for (double& v : in) v = std::max(v, 0.0);
        values.push_back(in);
        break;
      case Operation::add:
        for (std::size_t i = 0; i < in.size(); ++i) in[i] += values[node.inputs[1]][i];
        values.push_back(in);
        break;
      case Operation::flatten:
        values.push_back(in);
        break;
      case Operation::global_average_pool:
        values.push_back(means(plane));
        break;
      case Operation::linear:
        values.push_back(linear(node, assembled.checkpoint, in));
        break;
      default:
        values.push_back(spatial(node, assembled.checkpoint, plane));
    }
  }
  return values;
}

void fill_weights(AssembledNetwork& assembled, std::uint64_t seed) {
  RandomStream stream(seed, "weights", "tests");
  for (const ParameterSlot& slot : parameter_slots(assembled.network)) {
    if (!slot.required) continue;
    WeightTensor tensor;
    tensor.shape = slot.shape;
    tensor.stored_as = "float32";
    std::int64_t fan_in = 1;
    for (std::size_t i = 1; i < slot.shape.size(); ++i) fan_in *= slot.shape[i];
    const bool positive = slot.shape.size() == 1 && !slot.name.ends_with(".bias") && !slot.name.ends_with("_mean");
    const double scale = slot.shape.size() == 1 ? 0.3 : std::sqrt(2.0 / static_cast<double>(fan_in));
    for (std::int64_t i = 0; i < slot.shape[0] * fan_in; ++i)
      tensor.values.push_back(static_cast<float>(positive ? 0.5 + stream.uniform() : scale * stream.normal()));
    assembled.checkpoint.tensors.emplace_back(slot.name, std::move(tensor));
  }
}

AssembledNetwork assemble(std::vector<Node> nodes, const NodeShape& input, std::uint64_t seed) {
  AssembledNetwork assembled;
  assembled.network.architecture = "by_hand";
  assembled.network.nodes = std::move(nodes);
  infer_shapes(assembled.network, input);
  assembled.classes = static_cast<int>(assembled.network.nodes.back().shape.at(0));
  fill_weights(assembled, seed);
  return assembled;
}

}  // namespace cuebench::test
