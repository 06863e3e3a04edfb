// Networks as data: shapes, parameters, taps and the closed-form head.

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/network.hpp>

#include "../../../src/networks/network_builder.hpp"

namespace cuebench {
namespace {

Node window(Operation operation, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
            bool ceil_mode = false) {
  Node node;
  node.operation = operation;
  node.inputs = {NetworkBuilder::kInput};
  node.out_channels = 2;
  node.kernel = kernel;
  node.stride = stride;
  node.padding = padding;
  node.ceil_mode = ceil_mode;
  node.name = "window";
  return node;
}

NodeShape shape_of(Node node, const NodeShape& input) {
  NetworkBuilder builder;
  builder.append(std::move(node));
  return std::move(builder).finish("test", input).nodes.back().shape;
}

std::string error_of(Node node, const NodeShape& input) {
  try {
    shape_of(std::move(node), input);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

/// Window positions counted one by one: from -padding on, whole windows inside the padded input; in ceil mode also a
/// last one that hangs over the end, if it starts inside the input or its left padding (PyTorch's rule).
std::int64_t counted_positions(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                               bool ceil_mode) {
  std::int64_t count = 0;
  bool covered = false;
  for (std::int64_t start = -padding; start + kernel <= size + padding; start += stride) {
    ++count;
    covered = start + kernel == size + padding;
  }
  const std::int64_t next = -padding + count * stride;
  if (ceil_mode && !covered && next < size) ++count;
  return count;
}

RC_GTEST_PROP(NetworkShapes, WindowsAreCountedAsPyTorchCountsThem, ()) {
  const auto kernel = *rc::gen::inRange<std::int64_t>(1, 8), stride = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto padding = *rc::gen::inRange<std::int64_t>(0, kernel / 2 + 1);
  const auto height = *rc::gen::inRange<std::int64_t>(kernel, 40), width = *rc::gen::inRange<std::int64_t>(kernel, 40);
  const bool ceil_mode = *rc::gen::arbitrary<bool>();
  const NodeShape input{3, height, width};
  const auto rows = counted_positions(height, kernel, stride, padding, false);
  const auto columns = counted_positions(width, kernel, stride, padding, false);
  RC_ASSERT(shape_of(window(Operation::convolution, kernel, stride, padding), input) == (NodeShape{2, rows, columns}));
  const NodeShape pooled{3, counted_positions(height, kernel, stride, padding, ceil_mode),
                         counted_positions(width, kernel, stride, padding, ceil_mode)};
  RC_ASSERT(shape_of(window(Operation::max_pool, kernel, stride, padding, ceil_mode), input) == pooled);
  RC_ASSERT(shape_of(window(Operation::average_pool, kernel, stride, padding, ceil_mode), input) == pooled);
}

TEST(InferShapes, TokensOfATransformer) {
  NetworkBuilder builder;
  const auto append = [&](Operation operation, int input, std::int64_t heads = 1) {
    Node node;
    node.operation = operation;
    node.inputs = {input};
    node.groups = heads;
    return builder.append(std::move(node));
  };
  int x = builder.convolution(NetworkBuilder::kInput, "patches", 8, {4, 4, 0}, true);
  const int tokens = x = append(Operation::class_token, x);
  x = append(Operation::position_embedding, x);
  x = append(Operation::layer_norm, x);
  const int wide = x = builder.linear(x, "qkv", 24);
  const int attended = x = append(Operation::attention, x, 2);
  const int first = append(Operation::first_token, x);
  const Network network = std::move(builder).finish("test", {3, 8, 12});
  EXPECT_EQ(network.nodes[tokens].shape, (NodeShape{7, 8}));
  EXPECT_EQ(network.nodes[wide].shape, (NodeShape{7, 24}));
  EXPECT_EQ(network.nodes[attended].shape, (NodeShape{7, 8}));
  EXPECT_EQ(network.nodes[first].shape, NodeShape{8});
  Network uneven = network;
  uneven.nodes[attended].groups = 3;
  EXPECT_THROW(infer_shapes(uneven, {3, 8, 12}), UsageError);
}

TEST(InferShapes, JoinedMapsHaveOneSizeAndAddTheirChannels) {
  NetworkBuilder builder;
  const int a = builder.convolution(NetworkBuilder::kInput, "a", 5, {1}, true);
  const int b = builder.convolution(NetworkBuilder::kInput, "b", 2, {1, 2, 0}, true);
  const int c = builder.concatenate({a, NetworkBuilder::kInput, a});
  Network network = std::move(builder).finish("test", {3, 6, 6});
  EXPECT_EQ(network.nodes[c].shape, (NodeShape{13, 6, 6}));
  network.nodes[c].inputs = {a, b};
  EXPECT_THROW(infer_shapes(network, {3, 6, 6}), UsageError);
  network.nodes[c].inputs = {a};
  EXPECT_THROW(infer_shapes(network, {3, 6, 6}), UsageError);
}

TEST(NetworkShapes, CeilModeGivesTheSizesOfSqueezeNet) {
  // torchvision's squeezenet1_0 at 224: 224 -> 109 (7x7, stride 2) -> 54 -> 27 -> 13.
  EXPECT_EQ(shape_of(window(Operation::convolution, 7, 2, 0), {3, 224, 224}), (NodeShape{2, 109, 109}));
  EXPECT_EQ(shape_of(window(Operation::max_pool, 3, 2, 0, true), {3, 109, 109}), (NodeShape{3, 54, 54}));
  EXPECT_EQ(shape_of(window(Operation::max_pool, 3, 2, 0, true), {3, 54, 54}), (NodeShape{3, 27, 27}));
  EXPECT_EQ(shape_of(window(Operation::max_pool, 3, 2, 0, true), {3, 27, 27}), (NodeShape{3, 13, 13}));
}

TEST(NetworkShapes, ShortcutKeepsEveryStridedPixelAndCountsZeroChannels) {
  Node node = window(Operation::channel_pad_shortcut, 1, 2, 0);
  node.pad_before = 4;
  node.pad_after = 12;
  EXPECT_EQ(shape_of(node, {16, 32, 31}), (NodeShape{32, 16, 16}));  // x[:, :, ::2, ::2] of 31 has 16
}

TEST(NetworkShapes, MisfitsNameTheLayerAndTheCause) {
  EXPECT_NE(error_of(window(Operation::convolution, 5, 1, 0), {3, 4, 4}).find("'window'"), std::string::npos);
  EXPECT_NE(error_of(window(Operation::convolution, 5, 1, 0), {3, 4, 4}).find("larger images"), std::string::npos);
  EXPECT_NE(error_of(window(Operation::max_pool, 3, 1, 2), {3, 8, 8}).find("half its kernel"), std::string::npos);
  EXPECT_NE(error_of(window(Operation::linear, 1, 1, 0), {3, 8, 8}).find("flatten"), std::string::npos);
  Node grouped = window(Operation::convolution, 3, 1, 1);
  grouped.groups = 2;
  EXPECT_NE(error_of(grouped, {3, 8, 8}).find("groups"), std::string::npos);
  EXPECT_NE(error_of(window(Operation::relu, 1, 1, 0), {3, 8}).find("channels, height, width"), std::string::npos);
  Node later = window(Operation::relu, 1, 1, 0);
  later.inputs = {5};
  EXPECT_NE(error_of(later, {3, 8, 8}).find("earlier"), std::string::npos);
  Node sum = window(Operation::add, 1, 1, 0);
  EXPECT_NE(error_of(sum, {3, 8, 8}).find("1 inputs"), std::string::npos);
}

TEST(NetworkParameters, SlotsHaveTheNamesAndShapesOfPyTorch) {
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, "a", 8, {3, 2, 1}, true);
  x = builder.batch_norm(x, "b");
  x = builder.plain(Operation::flatten, x);
  builder.linear(x, "c", 5, false);
  const Network network = std::move(builder).finish("test", {3, 4, 4});
  const auto slots = parameter_slots(network);
  std::vector<std::pair<std::string, NodeShape>> got;
  for (const ParameterSlot& slot : slots) got.emplace_back(slot.name, slot.shape);
  const std::vector<std::pair<std::string, NodeShape>> wanted{{"a.weight", {8, 3, 3, 3}},
                                                              {"a.bias", {8}},
                                                              {"b.weight", {8}},
                                                              {"b.bias", {8}},
                                                              {"b.running_mean", {8}},
                                                              {"b.running_var", {8}},
                                                              {"b.num_batches_tracked", {}},
                                                              {"c.weight", {5, 32}}};
  EXPECT_EQ(got, wanted);
  EXPECT_FALSE(slots[6].required);
  EXPECT_FALSE(slots[4].trained);
  EXPECT_EQ(network.parameter_count(), 8 * 27 + 8 + 8 + 8 + 5 * 32);
}

TEST(ClosedFormHead, IsFoundBehindBothKindsOfMeanAndNowhereElse) {
  NetworkBuilder builder;
  const int convolution = builder.convolution(NetworkBuilder::kInput, "c", 4, {3, 1, 1}, true);
  const int relu = builder.plain(Operation::relu, convolution, "r");
  const int mean = builder.plain(Operation::global_average_pool, relu);
  const int head = builder.linear(mean, "fc", 10);
  const Network network = std::move(builder).finish("test", {3, 8, 8});
  EXPECT_EQ(closed_form_head(network, relu), head);
  EXPECT_FALSE(closed_form_head(network, convolution));
  EXPECT_EQ(closed_form_head(network, mean), head) << "a vector is its own mean";
  EXPECT_FALSE(closed_form_head(network, head)) << "logits feed nothing";
  EXPECT_FALSE(closed_form_head(network, -1));
  EXPECT_FALSE(closed_form_head(network, 99));
}

Network with_average_pool(std::int64_t kernel, bool hidden_layer) {
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, "c", 4, {3, 1, 1}, true);
  Node pool = window(Operation::average_pool, kernel, kernel, 0);
  pool.inputs = {x};
  x = builder.append(pool);
  x = builder.plain(Operation::flatten, x);
  if (hidden_layer) x = builder.linear(x, "hidden", 7);
  builder.linear(x, "fc", 10);
  return std::move(builder).finish("test", {3, 8, 8});
}

TEST(ClosedFormHead, NeedsAPoolOverTheWholeMapAndNoHiddenLayer) {
  EXPECT_EQ(closed_form_head(with_average_pool(8, false), 1), 4);
  EXPECT_FALSE(closed_form_head(with_average_pool(4, false), 1));
  EXPECT_FALSE(closed_form_head(with_average_pool(8, true), 1));
}

TEST(ClosedFormHead, IsDeniedWhereTheTapFeedsSomethingElseToo) {
  NetworkBuilder builder;
  const int tap = builder.convolution(NetworkBuilder::kInput, "c", 4, {3, 1, 1}, true);
  const int relu = builder.plain(Operation::relu, tap);
  const int sum = builder.add(tap, relu);
  const int mean = builder.plain(Operation::global_average_pool, sum);
  const int head = builder.linear(mean, "fc", 10);
  const Network network = std::move(builder).finish("test", {3, 8, 8});
  EXPECT_FALSE(closed_form_head(network, tap));
  EXPECT_FALSE(closed_form_head(network, relu));
  EXPECT_EQ(closed_form_head(network, sum), head);
}

}  // namespace
}  // namespace cuebench
