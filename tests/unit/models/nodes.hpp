#pragma once
// Short ways to write a Network's nodes in tests.

#include <string>

#include <cuebench/networks/network.hpp>

namespace cuebench::test {

inline Node plain_node(Operation operation, std::vector<int> inputs, std::string name = "") {
  Node node;
  node.operation = operation;
  node.inputs = std::move(inputs);
  node.name = std::move(name);
  return node;
}

inline Node convolution_node(int input, std::string name, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                             std::int64_t padding, std::int64_t groups = 1, bool bias = true) {
  Node node = plain_node(Operation::convolution, {input}, name);
  node.parameters = std::move(name);
  node.out_channels = out;
  node.kernel = kernel;
  node.stride = stride;
  node.padding = padding;
  node.groups = groups;
  node.bias = bias;
  return node;
}

inline Node pool_node(Operation operation, int input, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                      bool ceil_mode, std::string name = "") {
  Node node = plain_node(operation, {input}, std::move(name));
  node.kernel = kernel;
  node.stride = stride;
  node.padding = padding;
  node.ceil_mode = ceil_mode;
  return node;
}

inline Node batch_norm_node(int input, std::string name) {
  Node node = plain_node(Operation::batch_norm, {input}, name);
  node.parameters = std::move(name);
  return node;
}

inline Node linear_node(int input, std::string name, std::int64_t out) {
  Node node = plain_node(Operation::linear, {input}, name);
  node.parameters = std::move(name);
  node.out_channels = out;
  return node;
}

inline Node shortcut_node(int input, std::int64_t stride, std::int64_t before, std::int64_t after,
                          std::string name = "") {
  Node node = plain_node(Operation::channel_pad_shortcut, {input}, std::move(name));
  node.stride = stride;
  node.pad_before = before;
  node.pad_after = after;
  return node;
}

}  // namespace cuebench::test
