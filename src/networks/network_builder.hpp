#pragma once
// Appends nodes to a network, so that an architecture reads as its paper does. Every function returns the new node.

#include <string>

#include <cuebench/networks/network.hpp>

namespace cuebench {

class NetworkBuilder {
 public:
  NetworkBuilder() { network_.nodes.emplace_back(); }

  static constexpr int kInput = 0;

  struct Window {
    std::int64_t kernel = 1, stride = 1, padding = 0;
  };

  int convolution(int input, std::string name, std::int64_t out, Window window, bool bias, std::int64_t groups = 1) {
    Node node = with_parameters(Operation::convolution, input, std::move(name));
    node.out_channels = out;
    node.kernel = window.kernel;
    node.stride = window.stride;
    node.padding = window.padding;
    node.groups = groups;
    node.bias = bias;
    return append(std::move(node));
  }
  int batch_norm(int input, std::string name, double epsilon = 1e-5) {
    Node node = with_parameters(Operation::batch_norm, input, std::move(name));
    node.epsilon = epsilon;
    return append(std::move(node));
  }
  int pool(Operation operation, int input, std::string name, Window window, bool ceil_mode = false) {
    Node node;
    node.operation = operation;
    node.name = std::move(name);
    node.inputs = {input};
    node.kernel = window.kernel;
    node.stride = window.stride;
    node.padding = window.padding;
    node.ceil_mode = ceil_mode;
    return append(std::move(node));
  }
  int concatenate(std::vector<int> inputs, std::string name = "") {
    Node node;
    node.operation = Operation::concatenate;
    node.name = std::move(name);
    node.inputs = std::move(inputs);
    return append(std::move(node));
  }
  int linear(int input, std::string name, std::int64_t out, bool bias = true) {
    Node node = with_parameters(Operation::linear, input, std::move(name));
    node.out_channels = out;
    node.bias = bias;
    return append(std::move(node));
  }
  /// relu, global_average_pool, flatten.
  int plain(Operation operation, int input, std::string name = "") {
    Node node;
    node.operation = operation;
    node.name = std::move(name);
    node.inputs = {input};
    return append(std::move(node));
  }
  int add(int left, int right, std::string name = "") {
    Node node;
    node.operation = Operation::add;
    node.name = std::move(name);
    node.inputs = {left, right};
    return append(std::move(node));
  }
  int append(Node node) {
    network_.nodes.push_back(std::move(node));
    return static_cast<int>(network_.nodes.size()) - 1;
  }
  /// Where the state_dict calls a module otherwise than its tap.
  void rename_parameters(int node, std::string prefix) { network_.nodes[node].parameters = std::move(prefix); }
  void alias(std::string name, int node) { network_.aliases.emplace_back(std::move(name), node); }
  void unused(std::string tensor) { network_.unused_parameters.push_back(std::move(tensor)); }

  /// Shapes inferred, architecture named.
  Network finish(std::string architecture, const NodeShape& input) && {
    network_.architecture = std::move(architecture);
    infer_shapes(network_, input);
    return std::move(network_);
  }

 private:
  static Node with_parameters(Operation operation, int input, std::string name) {
    Node node;
    node.operation = operation;
    node.parameters = name;
    node.name = std::move(name);
    node.inputs = {input};
    return node;
  }
  Network network_;
};

}  // namespace cuebench
