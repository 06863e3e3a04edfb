// GoogLeNet with batch normalisation (Szegedy et al., "Going Deeper with Convolutions", 2014) as torchvision has it:
// the branch with two convolutions uses 3x3 where the paper says 5x5, and the norms add 0.001. The two auxiliary heads
// are for training only: their weights may be there and are not used. torchvision's published weights expect images
// normalised by mean 0.5 and std 0.5 (its transform_input), which weights cannot say.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr double kEpsilon = 1e-3;

/// Output channels: 1x1; reduction and 3x3; reduction and second 3x3; after the pool.
struct Inception {
  const char* name;
  std::int64_t one, three_in, three, five_in, five, pooled;
};
constexpr Inception kThird[] = {{"inception3a", 64, 96, 128, 16, 32, 32}, {"inception3b", 128, 128, 192, 32, 96, 64}};
constexpr Inception kFourth[] = {{"inception4a", 192, 96, 208, 16, 48, 64},
                                 {"inception4b", 160, 112, 224, 24, 64, 64},
                                 {"inception4c", 128, 128, 256, 24, 64, 64},
                                 {"inception4d", 112, 144, 288, 32, 64, 64},
                                 {"inception4e", 256, 160, 320, 32, 128, 128}};
constexpr Inception kFifth[] = {{"inception5a", 256, 160, 320, 32, 128, 128},
                                {"inception5b", 384, 192, 384, 48, 128, 128}};

int append_filter(NetworkBuilder& builder, int x, const std::string& name, std::int64_t out,
                  NetworkBuilder::Window window) {
  x = builder.convolution(x, name + ".conv", out, window, false);
  x = builder.batch_norm(x, name + ".bn", kEpsilon);
  return builder.plain(Operation::relu, x, name);
}

int append_pool(NetworkBuilder& builder, int x, const std::string& name, NetworkBuilder::Window window) {
  return builder.pool(Operation::max_pool, x, name, window, true);
}

int append_inception(NetworkBuilder& builder, int input, const Inception& inception) {
  const std::string name = inception.name;
  const int one = append_filter(builder, input, name + ".branch1", inception.one, {1});
  int three = append_filter(builder, input, name + ".branch2.0", inception.three_in, {1});
  three = append_filter(builder, three, name + ".branch2.1", inception.three, {3, 1, 1});
  builder.alias(name + ".branch2", three);
  int five = append_filter(builder, input, name + ".branch3.0", inception.five_in, {1});
  five = append_filter(builder, five, name + ".branch3.1", inception.five, {3, 1, 1});
  builder.alias(name + ".branch3", five);
  int pooled = append_pool(builder, input, name + ".branch4.0", {3, 1, 1});
  pooled = append_filter(builder, pooled, name + ".branch4.1", inception.pooled, {1});
  builder.alias(name + ".branch4", pooled);
  return builder.concatenate({one, three, five, pooled}, name);
}

void leave_out_auxiliary_head(NetworkBuilder& builder, const std::string& name) {
  builder.unused(name + ".conv.conv.weight");
  for (const char* part : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
    builder.unused(name + ".conv.bn." + part);
  for (const char* layer : {".fc1", ".fc2"})
    for (const char* part : {".weight", ".bias"}) builder.unused(name + layer + part);
}

Network build(const Parameters&, const NodeShape& input, int classes) {
  NetworkBuilder builder;
  int x = append_filter(builder, NetworkBuilder::kInput, "conv1", 64, {7, 2, 3});
  x = append_pool(builder, x, "maxpool1", {3, 2, 0});
  x = append_filter(builder, x, "conv2", 64, {1});
  x = append_filter(builder, x, "conv3", 192, {3, 1, 1});
  x = append_pool(builder, x, "maxpool2", {3, 2, 0});
  for (const Inception& inception : kThird) x = append_inception(builder, x, inception);
  x = append_pool(builder, x, "maxpool3", {3, 2, 0});
  for (const Inception& inception : kFourth) x = append_inception(builder, x, inception);
  x = append_pool(builder, x, "maxpool4", {2, 2, 0});
  for (const Inception& inception : kFifth) x = append_inception(builder, x, inception);
  x = builder.plain(Operation::global_average_pool, x, "avgpool");
  builder.alias("dropout", x);
  builder.linear(x, "fc", classes);
  leave_out_auxiliary_head(builder, "aux1");
  leave_out_auxiliary_head(builder, "aux2");
  return std::move(builder).finish("googlenet", input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  if (!has_shape(checkpoint, "conv1.conv.weight", {64, 3, 7, 7}) ||
      !has_shape(checkpoint, "inception4e.branch3.1.conv.weight", {128, 32, 3, 3}) ||
      !has_shape(checkpoint, "inception5b.branch2.1.conv.weight", {384, 192, 3, 3}))
    return std::nullopt;
  return "";
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "fc");
}

}  // namespace

extern const ArchitectureInfo googlenet_architecture{
    "googlenet",
    "nine inception modules of four parallel branches",
    "Szegedy et al. 2014 (arXiv:1409.4842), with batch normalisation; parameter names of torchvision",
    {},
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
