// Vision Transformer (Dosovitskiy et al., "An Image is Worth 16x16 Words", 2020): patches become tokens by one strided
// convolution, a learned token stands before them, and blocks of attention and a two-layer network follow, each behind
// a layer norm (epsilon 1e-6). The head reads the first token. Heads of attention are 64 channels wide, as in all
// published sizes; weights do not show it. torchvision's published files call mlp.0 and mlp.3 mlp.linear_1 and
// mlp.linear_2.

#include <cmath>

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr double kEpsilon = 1e-6;
constexpr std::int64_t kHeadWidth = 64, kMostWidth = 1 << 14;

struct Names {
  std::string_view choice, patches, token, positions, block, first_norm, attention, projected, joined, second_norm;
  std::string_view hidden, hidden_parameters, output, output_parameters, norm, head;
  char projected_joint;
};
constexpr Names kNames[] = {
    {"torchvision", "conv_proj", "class_token", "encoder.pos_embedding", "encoder.layers.encoder_layer_", "ln_1",
     "self_attention", "self_attention.in_proj", "self_attention.out_proj", "ln_2", "mlp.0", "mlp.0", "mlp.3", "mlp.3",
     "encoder.ln", "heads.head", '_'},
    {"published", "conv_proj", "class_token", "encoder.pos_embedding", "encoder.layers.encoder_layer_", "ln_1",
     "self_attention", "self_attention.in_proj", "self_attention.out_proj", "ln_2", "mlp.0", "mlp.linear_1", "mlp.3",
     "mlp.linear_2", "encoder.ln", "heads.head", '_'},
    {"timm", "patch_embed.proj", "cls_token", "pos_embed", "blocks.", "norm1", "attn", "attn.qkv", "attn.proj", "norm2",
     "mlp.fc1", "mlp.fc1", "mlp.fc2", "mlp.fc2", "norm", "head", '.'}};

const Names& names_of(const Parameters& parameters) {
  for (const Names& names : kNames)
    if (names.choice == parameters.text("names")) return names;
  return kNames[0];
}

int append_norm(NetworkBuilder& builder, int x, const std::string& name) {
  Node node;
  node.operation = Operation::layer_norm;
  node.name = node.parameters = name;
  node.inputs = {x};
  node.epsilon = kEpsilon;
  return builder.append(std::move(node));
}

int append_embedding(NetworkBuilder& builder, Operation operation, int x, std::string_view parameters) {
  Node node;
  node.operation = operation;
  node.parameters = parameters;
  node.inputs = {x};
  return builder.append(std::move(node));
}

int append_attention(NetworkBuilder& builder, int x, const std::string& block, const Names& names, std::int64_t width) {
  Node projection;
  projection.operation = Operation::linear;
  projection.parameters = block + std::string(names.projected);
  projection.parameter_joint = names.projected_joint;
  // nn.MultiheadAttention's own projection is no module.
  if (names.projected_joint == '.') projection.name = projection.parameters;
  projection.inputs = {x};
  projection.out_channels = 3 * width;
  Node attention;
  attention.operation = Operation::attention;
  attention.inputs = {builder.append(std::move(projection))};
  attention.groups = width / kHeadWidth;
  x = builder.linear(builder.append(std::move(attention)), block + std::string(names.joined), width);
  builder.alias(block + std::string(names.attention), x);
  if (names.choice != "timm") builder.alias(block + "dropout", x);
  return x;
}

int append_block(NetworkBuilder& builder, int input, const std::string& name, const Names& names, std::int64_t width,
                 std::int64_t hidden) {
  const std::string prefix = name + ".";
  const auto full = [&](std::string_view part) { return prefix + std::string(part); };
  int x = append_norm(builder, input, full(names.first_norm));
  x = append_attention(builder, x, prefix, names, width);
  const int middle = builder.add(x, input);
  x = append_norm(builder, middle, full(names.second_norm));
  x = builder.linear(x, full(names.hidden), hidden);
  builder.rename_parameters(x, full(names.hidden_parameters));
  x = builder.plain(Operation::gelu, x, full(names.choice == "timm" ? "mlp.act" : "mlp.1"));
  if (names.choice != "timm") builder.alias(full("mlp.2"), x);
  x = builder.linear(x, full(names.output), width);
  builder.rename_parameters(x, full(names.output_parameters));
  builder.alias(full("mlp"), x);
  if (names.choice != "timm") builder.alias(full("mlp.4"), x);
  return builder.add(middle, x, name);
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const Names& names = names_of(parameters);
  const std::int64_t width = parameters.integer("width"), patch = parameters.integer("patch");
  if (width % kHeadWidth != 0)
    throw UsageError("vit: width=" + std::to_string(width) + " is no multiple of 64, the width of a head");
  NetworkBuilder builder;
  int x = builder.convolution(NetworkBuilder::kInput, std::string(names.patches), width, {patch, patch, 0}, true);
  x = append_embedding(builder, Operation::class_token, x, names.token);
  x = append_embedding(builder, Operation::position_embedding, x, names.positions);
  if (names.choice != "timm") builder.alias("encoder.dropout", x);
  for (std::int64_t i = 0; i < parameters.integer("depth"); ++i)
    x = append_block(builder, x, std::string(names.block) + std::to_string(i), names, width,
                     parameters.integer("hidden"));
  if (names.choice != "timm") builder.alias("encoder.layers", x);
  x = append_norm(builder, x, std::string(names.norm));
  if (names.choice != "timm") builder.alias("encoder", x);
  x = builder.plain(Operation::first_token, x);
  x = builder.linear(x, std::string(names.head), classes);
  if (names.choice != "timm") builder.alias("heads", x);
  return std::move(builder).finish("vit:" + parameters.canonical(), input);
}

std::optional<std::string> recognise_names(const Checkpoint& checkpoint, const Names& names) {
  const auto text = [](std::string_view a, std::string_view b) { return std::string(a) + std::string(b); };
  const std::int64_t width = extent(checkpoint, text(names.patches, ".weight"), 0);
  const std::int64_t patch = extent(checkpoint, text(names.patches, ".weight"), 2);
  const std::string hidden_name = text(names.block, "0.") + text(names.hidden_parameters, ".weight");
  const std::int64_t hidden = extent(checkpoint, hidden_name, 0);
  if (width < kHeadWidth || width > kMostWidth || width % kHeadWidth != 0 || patch < 1 || hidden < 1 ||
      !has_shape(checkpoint, names.token, {1, 1, width}) || !has_shape(checkpoint, hidden_name, {hidden, width}) ||
      !has_tensor(checkpoint, text(names.norm, ".bias")) || !has_tensor(checkpoint, text(names.head, ".weight")))
    return std::nullopt;
  const int depth = count_tensors(checkpoint, [&](int i) {
    return text(names.block, std::to_string(i) + ".") + text(names.second_norm, ".weight");
  });
  return "depth=" + std::to_string(depth) + ",hidden=" + std::to_string(hidden) +
         ",names=" + std::string(names.choice) + ",patch=" + std::to_string(patch) + ",width=" + std::to_string(width);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  for (const Names& names : kNames)
    if (const auto text = recognise_names(checkpoint, names)) return text;
  return std::nullopt;
}

int count_classes(const Parameters& parameters, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, names_of(parameters).head);
}

}  // namespace

extern const ArchitectureInfo vit_architecture{
    "vit",
    "vision transformer with a class token; ViT-B/16 by default",
    "Dosovitskiy et al. 2020 (arXiv:2010.11929); parameter names of torchvision or timm",
    {
        {.name = "depth",
         .kind = ParameterKind::integer,
         .default_value = "12",
         .minimum = 1,
         .maximum = 1000,
         .unit = "blocks",
         .doc = "blocks of attention and two linear layers"},
        {.name = "hidden",
         .kind = ParameterKind::integer,
         .default_value = "3072",
         .minimum = 1,
         .maximum = 1 << 16,
         .unit = "channels",
         .doc = "between the two linear layers of a block"},
        {.name = "names",
         .kind = ParameterKind::choice,
         .default_value = "torchvision",
         .choices = {"torchvision", "published", "timm"},
         .doc = "whose parameter names; published: torchvision's files, with mlp.linear_1"},
        {.name = "patch",
         .kind = ParameterKind::integer,
         .default_value = "16",
         .minimum = 1,
         .maximum = 256,
         .unit = "pixels",
         .doc = "side of a patch"},
        {.name = "width",
         .kind = ParameterKind::integer,
         .default_value = "768",
         .minimum = kHeadWidth,
         .maximum = kMostWidth,
         .unit = "channels",
         .doc = "of a token; a multiple of 64"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
