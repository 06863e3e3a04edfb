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

  int convolution(int input, std::string name, std::int64_t out, Window window, bool bias) {
    Node node = with_parameters(Operation::convolution, input, std::move(name));
    node.out_channels = out;
    node.kernel = window.kernel;
    node.stride = window.stride;
    node.padding = window.padding;
    node.bias = bias;
    return append(std::move(node));
  }
  int batch_norm(int input, std::string name) {
    return append(with_parameters(Operation::batch_norm, input, std::move(name)));
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
  int add(int left, int right) {
    Node node;
    node.operation = Operation::add;
    node.inputs = {left, right};
    return append(std::move(node));
  }
  int append(Node node) {
    network_.nodes.push_back(std::move(node));
    return static_cast<int>(network_.nodes.size()) - 1;
  }
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
