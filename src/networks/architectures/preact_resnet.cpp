// Pre-activation ResNet for CIFAR (He et al., "Identity Mappings in Deep Residual Networks", 2016), 18 or 34 layers:
// norm and ReLU stand before each convolution. `final_norm` adds one before the global mean. Published programs differ
// in what the projection shortcut reads, and weights do not show it:
//   raw        the block's input (RobustBench's PreActBlock, most adversarial training on CIFAR)
//   activated  the input behind the first norm and ReLU (kuangliu, RobustBench's PreActBlockV2)

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr int kStages = 4;
constexpr std::int64_t kFirstWidth = 64;

struct Plan {
  std::string_view depth;
  int blocks[kStages];
};
constexpr Plan kPlans[] = {{"18", {2, 2, 2, 2}}, {"34", {3, 4, 6, 3}}};

const Plan& plan_of(std::string_view depth) {
  return kPlans[depth == "34"];
}

struct Block {
  std::string name;
  std::int64_t in, out, stride;
  bool activated;
};

int append_block(NetworkBuilder& builder, int input, const Block& block) {
  int x = builder.batch_norm(input, block.name + ".bn1");
  x = builder.plain(Operation::relu, x);
  int shortcut = input;
  if (block.stride != 1 || block.in != block.out) {
    const std::string name = block.name + ".shortcut";
    shortcut = builder.convolution(block.activated ? x : input, name + ".0", block.out, {1, block.stride, 0}, false);
    builder.alias(name, shortcut);
  }
  x = builder.convolution(x, block.name + ".conv1", block.out, {3, block.stride, 1}, false);
  x = builder.batch_norm(x, block.name + ".bn2");
  x = builder.plain(Operation::relu, x);
  x = builder.convolution(x, block.name + ".conv2", block.out, {3, 1, 1}, false);
  return builder.add(x, shortcut, block.name);
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const Plan& plan = plan_of(parameters.text("depth"));
  const bool activated = parameters.text("shortcut") == "activated";
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, "conv1", kFirstWidth, {3, 1, 1}, false);
  std::int64_t in = kFirstWidth;
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string name = "layer" + std::to_string(stage + 1);
    const std::int64_t out = kFirstWidth << stage;
    for (int i = 0; i < plan.blocks[stage]; ++i) {
      x = append_block(builder, x, {name + "." + std::to_string(i), in, out, stage > 0 && i == 0 ? 2 : 1, activated});
      in = out;
    }
    builder.alias(name, x);
  }
  if (parameters.text("final_norm") == "true") {
    x = builder.batch_norm(x, "bn");
    x = builder.plain(Operation::relu, x);
  }
  x = builder.plain(Operation::global_average_pool, x);
  builder.linear(x, "linear", classes);
  return std::move(builder).finish("preact_resnet:" + parameters.canonical(), input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  if (!has_shape(checkpoint, "conv1.weight", {kFirstWidth, 3, 3, 3}) || has_tensor(checkpoint, "bn1.weight") ||
      !has_shape(checkpoint, "layer2.0.bn1.running_mean", {kFirstWidth}) ||
      !has_shape(checkpoint, "layer2.0.bn2.running_mean", {2 * kFirstWidth}) ||
      !has_tensor(checkpoint, "layer2.0.shortcut.0.weight") || has_tensor(checkpoint, "layer1.0.conv3.weight") ||
      !has_tensor(checkpoint, "linear.weight"))
    return std::nullopt;
  const auto fits = [&](const Plan& plan) {
    for (int stage = 0; stage < kStages; ++stage) {
      const auto name = [&](int i) {
        return "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".conv2.weight";
      };
      if (count_tensors(checkpoint, name) != plan.blocks[stage]) return false;
    }
    return true;
  };
  for (const Plan& plan : kPlans)
    if (fits(plan))
      return "depth=" + std::string(plan.depth) +
             ",final_norm=" + (has_tensor(checkpoint, "bn.running_mean") ? "true" : "false");
  return std::nullopt;
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "linear");
}

}  // namespace

extern const ArchitectureInfo preact_resnet_architecture{
    "preact_resnet",
    "residual network for 32x32 images with norms before the convolutions",
    "He et al. 2016 (arXiv:1603.05027); parameter names of kuangliu/pytorch-cifar and RobustBench",
    {
        {.name = "depth",
         .kind = ParameterKind::choice,
         .default_value = "18",
         .choices = {"18", "34"},
         .doc = "layers with weights"},
        {.name = "final_norm",
         .kind = ParameterKind::choice,
         .default_value = "false",
         .choices = {"false", "true"},
         .doc = "a norm 'bn' and a ReLU before the global mean"},
        {.name = "shortcut",
         .kind = ParameterKind::choice,
         .default_value = "raw",
         .choices = {"raw", "activated"},
         .doc = "what a projection reads: the block's input, or that behind norm and ReLU; weights do not show it"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 32, 32},
    "shortcut"};

}  // namespace cuebench
