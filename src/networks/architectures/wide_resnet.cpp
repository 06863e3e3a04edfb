// Wide ResNet for CIFAR (Zagoruyko, Komodakis, "Wide Residual Networks", 2016): WRN-depth-width with 6n+4 layers and
// stages of 16, 32 and 64 channels times the width. Norm and ReLU before each convolution; where a block changes the
// number of channels, its projection reads what they give, else the sum takes the block's input.

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr int kStages = 3;
constexpr std::int64_t kFirstWidth = 16, kMostWidth = 256, kMostDepth = 1204;

struct Block {
  std::string name;
  std::int64_t in, out, stride;
};

int append_block(NetworkBuilder& builder, int input, const Block& block) {
  int x = builder.batch_norm(input, block.name + ".bn1");
  x = builder.plain(Operation::relu, x, block.name + ".relu1");
  const int shortcut = block.in == block.out ? input
                                             : builder.convolution(x, block.name + ".convShortcut", block.out,
                                                                   {1, block.stride, 0}, false);
  x = builder.convolution(x, block.name + ".conv1", block.out, {3, block.stride, 1}, false);
  x = builder.batch_norm(x, block.name + ".bn2");
  x = builder.plain(Operation::relu, x, block.name + ".relu2");
  x = builder.convolution(x, block.name + ".conv2", block.out, {3, 1, 1}, false);
  return builder.add(shortcut, x, block.name);
}

/// TRADES defines a block that it never calls; its weights are saved all the same.
void leave_out_block(NetworkBuilder& builder, std::int64_t blocks, std::int64_t width) {
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::string name = "sub_block1.layer." + std::to_string(i);
    for (const char* norm : {".bn1.", ".bn2."})
      for (const char* part : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
        builder.unused(name + norm + part);
    builder.unused(name + ".conv1.weight");
    builder.unused(name + ".conv2.weight");
    if (i == 0 && width > 1) builder.unused(name + ".convShortcut.weight");
  }
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const std::int64_t depth = parameters.integer("depth"), width = parameters.integer("width");
  if ((depth - 4) % (2 * kStages) != 0)
    throw UsageError("wide_resnet: depth=" + std::to_string(depth) + " is not 6n+4; use 16, 28, 34, 40 or 70");
  const std::int64_t blocks = (depth - 4) / (2 * kStages);
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, "conv1", kFirstWidth, {3, 1, 1}, false);
  std::int64_t in = kFirstWidth;
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string name = "block" + std::to_string(stage + 1);
    const std::int64_t out = (kFirstWidth * width) << stage;
    for (std::int64_t i = 0; i < blocks; ++i) {
      x = append_block(builder, x, {name + ".layer." + std::to_string(i), in, out, stage > 0 && i == 0 ? 2 : 1});
      in = out;
    }
    builder.alias(name + ".layer", x);
    builder.alias(name, x);
  }
  x = builder.batch_norm(x, "bn1");
  x = builder.plain(Operation::relu, x, "relu");
  x = builder.plain(Operation::global_average_pool, x);
  builder.linear(x, "fc", classes, parameters.text("head_bias") == "true");
  leave_out_block(builder, blocks, width);
  return std::move(builder).finish("wide_resnet:" + parameters.canonical(), input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  const std::int64_t first = extent(checkpoint, "block1.layer.0.conv1.weight", 0);
  const std::int64_t width = first / kFirstWidth;
  if (width < 1 || width > kMostWidth || first % kFirstWidth != 0 ||
      !has_shape(checkpoint, "conv1.weight", {kFirstWidth, 3, 3, 3}) ||
      !has_shape(checkpoint, "bn1.running_mean", {4 * first}) || !has_tensor(checkpoint, "fc.weight"))
    return std::nullopt;
  int blocks[kStages];
  for (int stage = 0; stage < kStages; ++stage)
    blocks[stage] = count_tensors(checkpoint, [&](int i) {
      return "block" + std::to_string(stage + 1) + ".layer." + std::to_string(i) + ".conv2.weight";
    });
  const std::int64_t depth = 2 * kStages * blocks[0] + 4;
  if (blocks[0] < 1 || blocks[1] != blocks[0] || blocks[2] != blocks[0] || depth > kMostDepth) return std::nullopt;
  return "depth=" + std::to_string(depth) + ",head_bias=" + (has_tensor(checkpoint, "fc.bias") ? "true" : "false") +
         ",width=" + std::to_string(width);
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "fc");
}

}  // namespace

extern const ArchitectureInfo wide_resnet_architecture{
    "wide_resnet",
    "wide residual network for 32x32 images, WRN-depth-width",
    "Zagoruyko and Komodakis 2016 (arXiv:1605.07146); parameter names of xternalz/WideResNet-pytorch, TRADES and "
    "RobustBench",
    {
        {.name = "depth",
         .kind = ParameterKind::integer,
         .default_value = "28",
         .minimum = 10,
         .maximum = kMostDepth,
         .unit = "layers",
         .doc = "6n+4: 16, 28, 34, 40, 70"},
        {.name = "head_bias",
         .kind = ParameterKind::choice,
         .default_value = "true",
         .choices = {"true", "false"},
         .doc = "whether the last layer has one"},
        {.name = "width",
         .kind = ParameterKind::integer,
         .default_value = "10",
         .minimum = 1,
         .maximum = kMostWidth,
         .doc = "times 16 channels in the first stage"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 32, 32}};

}  // namespace cuebench
