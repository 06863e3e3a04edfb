#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "toy.hpp"

#include <algorithm>

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/imaging/encode.hpp>
#include <cuebench/networks/initial_weights.hpp>

#include "../../../src/networks/channel_selection.hpp"

namespace cuebench::test {
namespace {

Node node_of(Operation operation, std::vector<int> inputs, std::string name = "") {
  Node node;
  node.operation = operation;
  node.inputs = std::move(inputs);
  node.name = name;
  node.parameters = std::move(name);
  return node;
}

Node convolution(int input, std::string name, std::int64_t stride) {
  Node node = node_of(Operation::convolution, {input}, std::move(name));
  node.out_channels = 6;
  node.kernel = 3;
  node.stride = stride;
  node.padding = 1;
  node.bias = false;
  return node;
}

}  // namespace

AssembledNetwork toy_network(std::uint64_t seed, std::string_view modules) {
  Node head = node_of(Operation::linear, {8}, "fc");
  head.out_channels = 4;
  AssembledNetwork assembled;
  assembled.network.architecture = "toy";
  assembled.network.nodes = {node_of(Operation::input, {}),
                             convolution(0, "conv1", 2),
                             node_of(Operation::batch_norm, {1}, "bn1"),
                             node_of(Operation::relu, {2}, "block1"),
                             convolution(3, "conv2", 1),
                             node_of(Operation::batch_norm, {4}, "bn2"),
                             node_of(Operation::add, {5, 3}),
                             node_of(Operation::relu, {6}, "block2"),
                             node_of(Operation::global_average_pool, {7}),
                             head};
  infer_shapes(assembled.network, {3, 8, 8});
  if (!modules.empty()) add_channel_selection(assembled.network, modules, 4);
  assembled.checkpoint = initial_weights(assembled.network, seed);
  assembled.classes = 4;
  return assembled;
}

at::Tensor toy_images(std::uint64_t seed, std::int64_t count) {
  at::Tensor tensor = at::empty({count, 3, 8, 8}, at::TensorOptions(at::kFloat), at::MemoryFormat::ChannelsLast);
  RandomStream stream(seed, "images", "tests");
  std::generate_n(tensor.data_ptr<float>(), tensor.numel(), [&] { return static_cast<float>(stream.uniform()); });
  return tensor;
}

at::Tensor toy_labels(std::uint64_t seed, std::int64_t count) {
  at::Tensor tensor = at::empty({count}, at::kLong);
  RandomStream stream(seed, "labels", "tests");
  std::generate_n(tensor.data_ptr<std::int64_t>(), count, [&] { return static_cast<std::int64_t>(stream.below(4)); });
  return tensor;
}

void write_separable_folder(const std::filesystem::path& folder, int images_per_class) {
  constexpr std::uint8_t kColours[4][3] = {{220, 30, 30}, {30, 220, 30}, {30, 30, 220}, {200, 200, 200}};
  for (int label = 0; label < 4; ++label) {
    const auto place = folder / fmt::format("class{}", label);
    std::filesystem::create_directories(place);
    for (int i = 0; i < images_per_class; ++i) {
      RandomStream stream(5, fmt::format("{}/{}", label, i), "tests");
      Image image(8, 8);
      for (std::size_t p = 0; p < image.pixels.size(); ++p)
        image.pixels[p] = static_cast<std::uint8_t>(kColours[label][p % 3] + stream.below(30));
      const auto bytes = encode_png(image);
      write_file_atomically(place / fmt::format("{:03}.png", i),
                            {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  }
}

TrainingRequest toy_request(const std::filesystem::path& data, const std::filesystem::path& out) {
  TrainingRequest request;
  request.data = "folder:" + data.string();
  request.out = out;
  request.architecture =
      "sequential:layers=conv8k3s2p1b0-batch_norm-relu-conv8k3s2p1b0-batch_norm-relu-global_average_pool-linear";
  request.epochs = 6;
  request.batch = 16;
  request.learning_rate = 0.1;
  request.holdout = 0.25;
  request.robust_images = 16;
  request.threads = 1;
  request.seed = 3;
  return request;
}

std::string refusal(const TrainingRequest& request) {
  try {
    train(request, {.quiet = true});
  } catch (const UsageError& error) {
    return error.what();
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

}  // namespace cuebench::test
