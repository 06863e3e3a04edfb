// ResNet (He et al., "Deep Residual Learning", 2015) with projection shortcuts, its wide and its grouped form (ResNeXt,
// Xie et al. 2016; Wide ResNet-50-2, Zagoruyko and Komodakis 2016). Bottlenecks stride in their 3x3 convolution, as
// torchvision and timm do. Two layouts:
//   torchvision  7x7 convolution of stride 2 and a max pool, layer1.0.downsample.0, fc; also timm's and `robustness`'s
//   cifar        3x3 convolution of stride 1, no pool, layer1.0.shortcut.0, linear; kuangliu's, RobustBench's and
//                `robustness`'s for CIFAR

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr int kStages = 4;
constexpr std::int64_t kFirstWidth = 64, kMostWidth = 4096;

struct Plan {
  std::string_view depth;
  bool bottleneck;
  int blocks[kStages];
};
constexpr Plan kPlans[] = {{"18", false, {2, 2, 2, 2}},
                           {"34", false, {3, 4, 6, 3}},
                           {"50", true, {3, 4, 6, 3}},
                           {"101", true, {3, 4, 23, 3}},
                           {"152", true, {3, 8, 36, 3}}};

struct Layout {
  std::string_view shortcut, head;
  std::int64_t stem_kernel;
};
constexpr Layout kTorchvision{"downsample", "fc", 7}, kCifar{"shortcut", "linear", 3};

const Plan& plan_of(std::string_view depth) {
  for (const Plan& plan : kPlans)
    if (plan.depth == depth) return plan;
  return kPlans[0];
}

const Layout& layout_of(const Parameters& parameters) {
  return parameters.text("layout") == "cifar" ? kCifar : kTorchvision;
}

struct Block {
  std::string name;
  std::int64_t width, out, stride, groups;
  bool bottleneck;
};

int append_norm(NetworkBuilder& builder, int x, const Block& block, const std::string& number) {
  return builder.batch_norm(x, block.name + ".bn" + number);
}

int append_residual(NetworkBuilder& builder, int x, const Block& block) {
  const auto convolve = [&](const char* number, std::int64_t out, NetworkBuilder::Window window,
                            std::int64_t groups = 1) {
    x = builder.convolution(x, block.name + ".conv" + number, out, window, false, groups);
    x = append_norm(builder, x, block, number);
  };
  if (!block.bottleneck) {
    convolve("1", block.out, {3, block.stride, 1});
    x = builder.plain(Operation::relu, x, block.name + ".relu");
    convolve("2", block.out, {3, 1, 1});
    return x;
  }
  convolve("1", block.width, {1});
  x = builder.plain(Operation::relu, x, block.name + ".relu");
  convolve("2", block.width, {3, block.stride, 1}, block.groups);
  x = builder.plain(Operation::relu, x, block.name + ".relu_1");
  convolve("3", block.out, {1});
  return x;
}

int append_block(NetworkBuilder& builder, int input, const Block& block, const Layout& layout, std::int64_t in) {
  const int residual = append_residual(builder, input, block);
  int shortcut = input;
  if (block.stride != 1 || in != block.out) {
    const std::string name = block.name + "." + std::string(layout.shortcut);
    shortcut = builder.convolution(input, name + ".0", block.out, {1, block.stride, 0}, false);
    shortcut = builder.batch_norm(shortcut, name + ".1");
    builder.alias(name, shortcut);
  } else if (layout.stem_kernel == kCifar.stem_kernel) {
    builder.alias(block.name + "." + std::string(layout.shortcut), input);  // an empty nn.Sequential
  }
  const int out = builder.plain(Operation::relu, builder.add(residual, shortcut), block.name);
  builder.alias(block.name + (block.bottleneck ? ".relu_2" : ".relu_1"), out);
  return out;
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const Plan& plan = plan_of(parameters.text("depth"));
  const Layout& layout = layout_of(parameters);
  const bool cifar = layout.stem_kernel == 3;
  const std::int64_t groups = parameters.integer("groups"), width = parameters.integer("width");
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, "conv1", kFirstWidth,
                              {layout.stem_kernel, cifar ? 1 : 2, layout.stem_kernel / 2}, false);
  x = builder.batch_norm(x, "bn1");
  x = builder.plain(Operation::relu, x, "relu");
  if (!cifar) x = builder.pool(Operation::max_pool, x, "maxpool", {3, 2, 1});
  std::int64_t in = kFirstWidth;
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string name = "layer" + std::to_string(stage + 1);
    const std::int64_t out = (kFirstWidth << stage) * (plan.bottleneck ? 4 : 1);
    for (int i = 0; i < plan.blocks[stage]; ++i) {
      const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      const Block block{name + "." + std::to_string(i), width << stage, out, stride, groups, plan.bottleneck};
      x = append_block(builder, x, block, layout, in);
      in = out;
    }
    builder.alias(name, x);
  }
  x = builder.plain(Operation::global_average_pool, x, "avgpool");
  builder.linear(x, std::string(layout.head), classes);
  return std::move(builder).finish("resnet:" + parameters.canonical(), input);
}

bool has_blocks(const Checkpoint& checkpoint, const Plan& plan) {
  if (has_tensor(checkpoint, "layer1.0.conv3.weight") != plan.bottleneck) return false;
  for (int stage = 0; stage < kStages; ++stage) {
    const auto name = [&](int i) {
      return "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".conv2.weight";
    };
    if (count_tensors(checkpoint, name) != plan.blocks[stage]) return false;
  }
  return true;
}

std::optional<std::string> recognise_plan(const Checkpoint& checkpoint, const Layout& layout) {
  const std::string shortcut = "layer2.0." + std::string(layout.shortcut);
  // Blocks of four stages with norms after the convolutions: a pre-activation network has no norm in its shortcut.
  if (!has_shape(checkpoint, "conv1.weight", {kFirstWidth, 3, layout.stem_kernel, layout.stem_kernel}) ||
      !has_tensor(checkpoint, "bn1.running_mean") || !has_tensor(checkpoint, shortcut + ".1.running_mean") ||
      !has_tensor(checkpoint, std::string(layout.head) + ".weight"))
    return std::nullopt;
  for (const Plan& plan : kPlans) {
    if (!has_blocks(checkpoint, plan)) continue;
    const std::int64_t width = extent(checkpoint, "layer1.0.conv2.weight", 0);
    const std::int64_t in = extent(checkpoint, "layer1.0.conv2.weight", 1);
    if (in < 1 || width < in || width > kMostWidth || width % in != 0) return std::nullopt;
    return "depth=" + std::string(plan.depth) + ",groups=" + std::to_string(width / in) +
           ",width=" + std::to_string(width);
  }
  return std::nullopt;
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  if (const auto text = recognise_plan(checkpoint, kTorchvision)) return *text + ",layout=torchvision";
  if (const auto text = recognise_plan(checkpoint, kCifar)) return *text + ",layout=cifar";
  return std::nullopt;
}

int count_classes(const Parameters& parameters, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, layout_of(parameters).head);
}

}  // namespace

extern const ArchitectureInfo resnet_architecture{
    "resnet",
    "residual network with projection shortcuts, for ImageNet or with the stem for CIFAR; wide and grouped too",
    "He et al. 2015 (arXiv:1512.03385), Xie et al. 2016 (arXiv:1611.05431); parameter names of torchvision and timm, "
    "or "
    "of kuangliu/pytorch-cifar, RobustBench and robustness",
    {
        {.name = "depth",
         .kind = ParameterKind::choice,
         .default_value = "18",
         .choices = {"18", "34", "50", "101", "152"},
         .doc = "layers with weights"},
        {.name = "groups",
         .kind = ParameterKind::integer,
         .default_value = "1",
         .minimum = 1,
         .maximum = kMostWidth,
         .doc = "groups of the 3x3 convolutions of bottlenecks; 32 in ResNeXt-50-32x4d"},
        {.name = "layout",
         .kind = ParameterKind::choice,
         .default_value = "torchvision",
         .choices = {"torchvision", "cifar"},
         .doc = "torchvision: 7x7 stem, downsample, fc; cifar: 3x3 stem, shortcut, linear"},
        {.name = "width",
         .kind = ParameterKind::integer,
         .default_value = "64",
         .minimum = 1,
         .maximum = kMostWidth,
         .unit = "channels",
         .doc = "of the 3x3 convolutions in the first bottlenecks: 128 in Wide-ResNet-50-2 and ResNeXt-50-32x4d"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
