// ResNet for CIFAR (He et al., "Deep Residual Learning", 2015, section 4.2): a 3x3 convolution, three stages of basic
// blocks with 16, 32 and 64 channels (`width` is the first), global mean, linear. Shortcuts have no weights (option A):
// every second pixel, and zero channels for those that are new. Two parameter layouts of published weights:
//   vanilla    conv_1_3x3, bn_1, stage_1.0.{conv_a, bn_a, conv_b, bn_b}, classifier; its zeros stand after the channels
//   akamaster  conv1, bn1, layer1.0.{conv1, bn1, conv2, bn2}, linear; half its zeros before the channels, half after
// Shapes do not tell the two shortcuts apart: the wrong one loads, and only the accuracy shows it.

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"

namespace cuebench {
namespace {

constexpr int kStages = 3;
constexpr std::int64_t kMostChannels = 4096;
constexpr int kMostBlocks = 200;

/// How one layout calls its modules.
struct Layout {
  std::string_view first_convolution, first_batch_norm, stage, block_convolutions[2], block_batch_norms[2], shortcut,
      pool, head, heads;
};
constexpr Layout kVanilla{"conv_1_3x3", "bn_1",    "stage_",     {"conv_a", "conv_b"}, {"bn_a", "bn_b"},
                          "downsample", "avgpool", "classifier", "classifiers"};
constexpr Layout kAkamaster{"conv1", "bn1", "layer", {"conv1", "conv2"}, {"bn1", "bn2"}, "shortcut", "", "linear", ""};

struct Plan {
  Layout layout;
  bool split = false;  ///< zeros on both sides
};

std::string joined(std::string_view a, std::string_view b) {
  return std::string(a) + "." + std::string(b);
}

int append_block(NetworkBuilder& builder, const Plan& plan, int input, const std::string& name, std::int64_t width,
                 bool first_of_wider_stage) {
  const Layout& layout = plan.layout;
  const std::int64_t stride = first_of_wider_stage ? 2 : 1;
  int x = builder.convolution(input, joined(name, layout.block_convolutions[0]), width, {3, stride, 1}, false);
  x = builder.batch_norm(x, joined(name, layout.block_batch_norms[0]));
  x = builder.plain(Operation::relu, x);
  x = builder.convolution(x, joined(name, layout.block_convolutions[1]), width, {3, 1, 1}, false);
  x = builder.batch_norm(x, joined(name, layout.block_batch_norms[1]));
  int shortcut = input;
  if (first_of_wider_stage) {
    Node node;
    node.operation = Operation::channel_pad_shortcut;
    node.name = joined(name, layout.shortcut);
    node.inputs = {input};
    node.stride = 2;
    node.pad_before = plan.split ? width / 4 : 0;
    node.pad_after = width / 2 - node.pad_before;
    shortcut = builder.append(std::move(node));
  }
  return builder.plain(Operation::relu, builder.add(x, shortcut), name);
}

int append_head(NetworkBuilder& builder, const Layout& layout, const Parameters& parameters, int means, int classes) {
  const std::int64_t head = parameters.integer("head"), heads = parameters.integer("heads");
  if (heads == 0) return builder.linear(means, std::string(layout.head), classes);
  if (layout.heads.empty())
    throw UsageError("cifar_resnet: several heads exist in layout=vanilla only; leave heads out");
  if (head >= heads)
    throw UsageError("cifar_resnet: head=" + std::to_string(head) + " does not exist; the heads are 0 to " +
                     std::to_string(heads - 1));
  for (std::int64_t i = 0; i < heads; ++i)
    if (i != head) builder.unused(joined(layout.heads, std::to_string(i)) + ".weight");
  return builder.linear(means, joined(layout.heads, std::to_string(head)), classes, false);
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const std::int64_t depth = parameters.integer("depth");
  if ((depth - 2) % (2 * kStages) != 0)
    throw UsageError("cifar_resnet: depth=" + std::to_string(depth) + " is not 6n+2; use 20, 32, 44, 56 or 110");
  const bool vanilla = parameters.text("layout") == "vanilla";
  const std::string& shortcut = parameters.text("shortcut");
  const Plan plan{vanilla ? kVanilla : kAkamaster, shortcut == "split"};
  const std::int64_t blocks = (depth - 2) / (2 * kStages);

  const std::int64_t first_width = parameters.integer("width");
  if (first_width % 2 != 0)
    throw UsageError("cifar_resnet: width=" + std::to_string(first_width) + " is odd; use an even one");

  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, std::string(plan.layout.first_convolution), first_width,
                              {3, parameters.integer("stem_stride"), 1}, false);
  x = builder.batch_norm(x, std::string(plan.layout.first_batch_norm));
  x = builder.plain(Operation::relu, x);
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string name = std::string(plan.layout.stage) + std::to_string(stage + 1);
    for (std::int64_t block = 0; block < blocks; ++block)
      x = append_block(builder, plan, x, joined(name, std::to_string(block)), first_width << stage,
                       stage > 0 && block == 0);
    builder.alias(name, x);
  }
  x = builder.plain(Operation::global_average_pool, x, std::string(plan.layout.pool));
  append_head(builder, plan.layout, parameters, x, classes);
  return std::move(builder).finish("cifar_resnet:" + parameters.canonical(), input);
}

bool has_shape(const Checkpoint& checkpoint, const std::string& name, const std::vector<std::int64_t>& shape) {
  const WeightTensor* tensor = checkpoint.find(name);
  return tensor && tensor->shape == shape;
}

/// Blocks in each stage, or 0 when the three stages differ or there are none.
int count_blocks(const Checkpoint& checkpoint, const Layout& layout, std::int64_t first_width) {
  int counts[kStages] = {};
  for (int stage = 0; stage < kStages; ++stage) {
    const auto weight = [&](int block) {
      return std::string(layout.stage) + std::to_string(stage + 1) + "." + std::to_string(block) + "." +
             std::string(layout.block_convolutions[1]) + ".weight";
    };
    const std::int64_t width = first_width << stage;
    while (counts[stage] < kMostBlocks && has_shape(checkpoint, weight(counts[stage]), {width, width, 3, 3}))
      ++counts[stage];
  }
  return counts[0] == counts[1] && counts[1] == counts[2] ? counts[0] : 0;
}

std::optional<std::string> recognise_layout(const Checkpoint& checkpoint, const Layout& layout) {
  const std::string first = std::string(layout.first_convolution) + ".weight";
  const WeightTensor* stem = checkpoint.find(first);
  if (!stem || stem->shape.size() != 4 || stem->shape[0] > kMostChannels || stem->shape[2] != 3 ||
      stem->shape[3] != 3 || !checkpoint.find(joined(layout.first_batch_norm, "running_mean")))
    return std::nullopt;
  const std::int64_t first_width = stem->shape[0];
  const int blocks = count_blocks(checkpoint, layout, first_width);
  if (blocks == 0) return std::nullopt;
  // A projection shortcut (option B) has weights of its own: another network.
  if (checkpoint.find(std::string(layout.stage) + "2.0." + std::string(layout.shortcut) + ".0.weight"))
    return std::nullopt;
  const std::string text =
      "depth=" + std::to_string(2 * kStages * blocks + 2) + ",width=" + std::to_string(first_width);
  if (checkpoint.find(joined(layout.head, "weight"))) return text;
  int heads = 0;
  while (!layout.heads.empty() && checkpoint.find(joined(layout.heads, std::to_string(heads)) + ".weight")) ++heads;
  if (heads == 0) return std::nullopt;
  return text + ",head=0,heads=" + std::to_string(heads);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  if (const auto text = recognise_layout(checkpoint, kVanilla)) return *text + ",layout=vanilla,shortcut=append";
  if (const auto text = recognise_layout(checkpoint, kAkamaster)) return *text + ",layout=akamaster,shortcut=split";
  return std::nullopt;
}

int count_classes(const Parameters& parameters, const Checkpoint& checkpoint) {
  const Layout& layout = parameters.text("layout") == "vanilla" ? kVanilla : kAkamaster;
  const std::string head = parameters.integer("heads") == 0
                               ? std::string(layout.head)
                               : joined(layout.heads, std::to_string(parameters.integer("head")));
  const WeightTensor* weight = checkpoint.find(head + ".weight");
  return weight && weight->shape.size() == 2 ? static_cast<int>(weight->shape[0]) : 0;
}

}  // namespace

extern const ArchitectureInfo cifar_resnet_architecture{
    "cifar_resnet",
    "residual network for 32x32 images with weightless shortcuts, 6n+2 layers",
    "He et al. 2015 (arXiv:1512.03385), section 4.2; parameter names of vanilla-adversarial-training or of "
    "akamaster/pytorch_resnet_cifar10",
    {
        {.name = "depth",
         .kind = ParameterKind::integer,
         .default_value = "20",
         .minimum = 8,
         .maximum = 6 * kMostBlocks + 2,
         .unit = "layers",
         .doc = "6n+2: 20, 32, 44, 56, 110"},
        {.name = "head",
         .kind = ParameterKind::integer,
         .default_value = "0",
         .minimum = 0,
         .doc = "which of several parallel heads gives the logits; only with heads"},
        {.name = "heads",
         .kind = ParameterKind::integer,
         .default_value = "0",
         .minimum = 0,
         .maximum = 1000,
         .doc = "parallel bias-free heads classifiers.0, classifiers.1, ...; 0: one head with a bias"},
        {.name = "layout",
         .kind = ParameterKind::choice,
         .default_value = "vanilla",
         .choices = {"vanilla", "akamaster"},
         .doc = "whose parameter names"},
        {.name = "shortcut",
         .kind = ParameterKind::choice,
         .default_value = "append",
         .choices = {"append", "split"},
         .doc = "where the zero channels of a shortcut stand: append = after, split = half before and half after"},
        {.name = "stem_stride",
         .kind = ParameterKind::integer,
         .default_value = "1",
         .minimum = 1,
         .maximum = 4,
         .unit = "pixels",
         .doc = "stride of the first convolution; 2 for images of 64 pixels; weights do not show it"},
        {.name = "width",
         .kind = ParameterKind::integer,
         .default_value = "16",
         .minimum = 2,
         .maximum = kMostChannels,
         .unit = "channels",
         .doc = "channels of the first stage; even"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 32, 32}};

}  // namespace cuebench
