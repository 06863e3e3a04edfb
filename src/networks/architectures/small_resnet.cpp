// The small residual networks without batch normalisation of the VNN competitions (resnet_2b, resnet_4b), as
// alpha-beta-CROWN publishes them: a strided 3x3 convolution, two or four basic blocks, two linear layers. Every
// convolution has a bias; the first block of a stage halves the size, with a 1x1 convolution as its shortcut.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kHidden = 100;
constexpr int kBlocksPerStage = 2;

struct Plan {
  std::int64_t first_width, width;
  int stages;
};
constexpr Plan kTwoBlocks{8, 16, 1}, kFourBlocks{16, 32, 2};

int append_block(NetworkBuilder& builder, int input, const std::string& name, std::int64_t width, bool halves) {
  int x = builder.convolution(input, name + ".conv1", width, {3, halves ? 2 : 1, 1}, true);
  x = builder.plain(Operation::relu, x);
  x = builder.convolution(x, name + ".conv2", width, {3, 1, 1}, true);
  int shortcut = input;
  if (halves) {
    shortcut = builder.convolution(input, name + ".shortcut.0", width, {1, 2, 0}, true);
    builder.alias(name + ".shortcut", shortcut);
  }
  return builder.plain(Operation::relu, builder.add(x, shortcut), name);
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const Plan plan = parameters.text("variant") == "2b" ? kTwoBlocks : kFourBlocks;
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, "conv1", plan.first_width, {3, 2, 1}, true);
  x = builder.plain(Operation::relu, x);
  for (int stage = 1; stage <= plan.stages; ++stage) {
    const std::string name = "layer" + std::to_string(stage);
    for (int block = 0; block < kBlocksPerStage; ++block)
      x = append_block(builder, x, name + "." + std::to_string(block), plan.width, block == 0);
    builder.alias(name, x);
  }
  x = builder.plain(Operation::flatten, x);
  x = builder.linear(x, "linear1", kHidden);
  x = builder.plain(Operation::relu, x);
  builder.linear(x, "linear2", classes);
  return std::move(builder).finish("small_resnet:" + parameters.canonical(), input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  const WeightTensor* stem = checkpoint.find("conv1.weight");
  const WeightTensor* shortcut = checkpoint.find("layer1.0.shortcut.0.weight");
  if (!stem || !shortcut || !checkpoint.find("linear1.weight") || !checkpoint.find("linear2.weight"))
    return std::nullopt;
  const auto fits = [&](const Plan& plan) {
    return stem->shape.size() == 4 && stem->shape[0] == plan.first_width &&
           shortcut->shape == std::vector<std::int64_t>{plan.width, plan.first_width, 1, 1} &&
           (checkpoint.find("layer2.0.conv1.weight") != nullptr) == (plan.stages == 2) &&
           !checkpoint.find("layer" + std::to_string(plan.stages + 1) + ".0.conv1.weight");
  };
  if (fits(kTwoBlocks)) return "variant=2b";
  if (fits(kFourBlocks)) return "variant=4b";
  return std::nullopt;
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  const WeightTensor* head = checkpoint.find("linear2.weight");
  return head && head->shape.size() == 2 ? static_cast<int>(head->shape[0]) : 0;
}

}  // namespace

extern const ArchitectureInfo small_resnet_architecture{
    "small_resnet",
    "residual network of two or four blocks without batch normalisation",
    "VNN-COMP 2021; parameter names of alpha-beta-CROWN (resnet2b, resnet4b)",
    {{.name = "variant",
      .kind = ParameterKind::choice,
      .default_value = "2b",
      .choices = {"2b", "4b"},
      .doc = "two blocks of 16 channels, or four of 32"}},
    &build,
    &recognise,
    &count_classes,
    {3, 32, 32}};

}  // namespace cuebench
