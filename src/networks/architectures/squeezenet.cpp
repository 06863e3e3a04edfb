// SqueezeNet (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016): fire modules
// squeeze to a few channels and expand by 1x1 and 3x3 side by side; the last convolution gives one map a class.
// Version 1.1 has a smaller first convolution and pools earlier.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

/// Channels of the squeezing and of each expanding convolution of the eight fire modules, and where the pools stand.
constexpr std::int64_t kSqueeze[] = {16, 16, 32, 32, 48, 48, 64, 64};
constexpr std::int64_t kExpand[] = {64, 64, 128, 128, 192, 192, 256, 256};

struct Version {
  std::string_view name;
  std::int64_t stem_width, stem_kernel;
  int pools_before[2];  ///< numbers of the fire modules that a further pool precedes
};
constexpr Version kVersions[] = {{"1.0", 96, 7, {3, 7}}, {"1.1", 64, 3, {2, 4}}};

const Version& version_of(std::string_view name) {
  return kVersions[name == "1.1"];
}

int append_fire(NetworkBuilder& builder, int input, const std::string& name, std::int64_t squeeze,
                std::int64_t expand) {
  int x = builder.convolution(input, name + ".squeeze", squeeze, {1}, true);
  x = builder.plain(Operation::relu, x, name + ".squeeze_activation");
  int narrow = builder.convolution(x, name + ".expand1x1", expand, {1}, true);
  narrow = builder.plain(Operation::relu, narrow, name + ".expand1x1_activation");
  int wide = builder.convolution(x, name + ".expand3x3", expand, {3, 1, 1}, true);
  wide = builder.plain(Operation::relu, wide, name + ".expand3x3_activation");
  return builder.concatenate({narrow, wide}, name);
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const Version& version = version_of(parameters.text("version"));
  NetworkBuilder builder;
  int x = NetworkBuilder::kInput;
  int index = 0;
  const auto name = [&] { return "features." + std::to_string(index++); };
  const auto pool = [&] { x = builder.pool(Operation::max_pool, x, name(), {3, 2, 0}, true); };
  x = builder.convolution(x, name(), version.stem_width, {version.stem_kernel, 2, 0}, true);
  x = builder.plain(Operation::relu, x, name());
  pool();
  for (int fire = 0; fire < 8; ++fire) {
    if (fire == version.pools_before[0] || fire == version.pools_before[1]) pool();
    x = append_fire(builder, x, name(), kSqueeze[fire], kExpand[fire]);
  }
  builder.alias("features", x);
  builder.alias("classifier.0", x);
  x = builder.convolution(x, "classifier.1", classes, {1}, true);
  x = builder.plain(Operation::relu, x, "classifier.2");
  x = builder.plain(Operation::global_average_pool, x, "classifier.3");
  builder.alias("classifier", x);
  return std::move(builder).finish("squeezenet:" + parameters.canonical(), input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  if (!has_shape(checkpoint, "features.12.squeeze.weight", {64, 512, 1, 1})) return std::nullopt;
  for (const Version& version : kVersions)
    if (has_shape(checkpoint, "features.0.weight", {version.stem_width, 3, version.stem_kernel, version.stem_kernel}))
      return "version=" + std::string(version.name);
  return std::nullopt;
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "classifier.1");
}

}  // namespace

extern const ArchitectureInfo squeezenet_architecture{
    "squeezenet",
    "fire modules that squeeze and expand channels, without linear layers",
    "Iandola et al. 2016 (arXiv:1602.07360); parameter names of torchvision",
    {{.name = "version",
      .kind = ParameterKind::choice,
      .default_value = "1.0",
      .choices = {"1.0", "1.1"},
      .doc = "1.0: first convolution 7x7, 96 channels; 1.1: 3x3, 64 channels, earlier pools"}},
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
