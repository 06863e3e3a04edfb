// MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018), width 1: blocks widen
// by 1x1, filter each channel by 3x3, and narrow by 1x1 without a nonlinearity; a sum where the shape stays.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

struct Stage {
  std::int64_t expansion, width;
  int blocks;
  std::int64_t stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr std::int64_t kFirst = 32, kLast = 1280;

/// Convolution, norm and ReLU6 as NAME.0, NAME.1 and NAME.2.
int append_filter(NetworkBuilder& builder, int x, const std::string& name, std::int64_t out,
                  NetworkBuilder::Window window, std::int64_t groups = 1) {
  x = builder.convolution(x, name + ".0", out, window, false, groups);
  x = builder.batch_norm(x, name + ".1");
  x = builder.plain(Operation::relu6, x, name + ".2");
  builder.alias(name, x);
  return x;
}

int append_block(NetworkBuilder& builder, int input, const std::string& name, std::int64_t in, const Stage& stage,
                 std::int64_t stride) {
  int x = input, part = 0;
  const auto next = [&] { return name + ".conv." + std::to_string(part++); };
  const std::int64_t hidden = in * stage.expansion;
  if (stage.expansion > 1) x = append_filter(builder, x, next(), hidden, {1});
  x = append_filter(builder, x, next(), hidden, {3, stride, 1}, hidden);
  x = builder.convolution(x, next(), stage.width, {1}, false);
  x = builder.batch_norm(x, next());
  builder.alias(name + ".conv", x);
  if (stride == 1 && in == stage.width) return builder.add(input, x, name);
  builder.alias(name, x);
  return x;
}

Network build(const Parameters&, const NodeShape& input, int classes) {
  NetworkBuilder builder;
  int index = 0;
  const auto name = [&] { return "features." + std::to_string(index++); };
  int x = append_filter(builder, NetworkBuilder::kInput, name(), kFirst, {3, 2, 1});
  std::int64_t in = kFirst;
  for (const Stage& stage : kStages)
    for (int block = 0; block < stage.blocks; ++block) {
      x = append_block(builder, x, name(), in, stage, block == 0 ? stage.stride : 1);
      in = stage.width;
    }
  x = append_filter(builder, x, name(), kLast, {1});
  builder.alias("features", x);
  x = builder.plain(Operation::global_average_pool, x);
  builder.alias("classifier.0", x);
  x = builder.linear(x, "classifier.1", classes);
  builder.alias("classifier", x);
  return std::move(builder).finish("mobilenet_v2", input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  if (!has_shape(checkpoint, "features.0.0.weight", {kFirst, 3, 3, 3}) ||
      !has_shape(checkpoint, "features.2.conv.1.0.weight", {96, 1, 3, 3}) ||
      !has_shape(checkpoint, "features.18.0.weight", {kLast, 320, 1, 1}))
    return std::nullopt;
  return "";
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "classifier.1");
}

}  // namespace

extern const ArchitectureInfo mobilenet_v2_architecture{
    "mobilenet_v2",
    "inverted residual blocks with channel-wise convolutions, width 1",
    "Sandler et al. 2018 (arXiv:1801.04381); parameter names of torchvision",
    {},
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
