// AlexNet in the one-column form (Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014):
// five convolutions, three max pools, means of a 6x6 grid, three linear layers. `hidden` is the width of the first two.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kGrid = 6;

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const std::int64_t hidden = parameters.integer("hidden");
  NetworkBuilder builder;
  int x = NetworkBuilder::kInput;
  int index = 0;
  const auto name = [&] { return "features." + std::to_string(index++); };
  const auto convolution = [&](std::int64_t out, NetworkBuilder::Window window) {
    x = builder.convolution(x, name(), out, window, true);
    x = builder.plain(Operation::relu, x, name());
  };
  const auto pool = [&] { x = builder.pool(Operation::max_pool, x, name(), {3, 2, 0}); };
  convolution(64, {11, 4, 2});
  pool();
  convolution(192, {5, 1, 2});
  pool();
  convolution(384, {3, 1, 1});
  convolution(256, {3, 1, 1});
  convolution(256, {3, 1, 1});
  pool();
  builder.alias("features", x);
  x = builder.pool(Operation::adaptive_average_pool, x, "avgpool", {kGrid});
  x = builder.plain(Operation::flatten, x);
  builder.alias("classifier.0", x);
  x = builder.linear(x, "classifier.1", hidden);
  x = builder.plain(Operation::relu, x, "classifier.2");
  builder.alias("classifier.3", x);
  x = builder.linear(x, "classifier.4", hidden);
  x = builder.plain(Operation::relu, x, "classifier.5");
  x = builder.linear(x, "classifier.6", classes);
  builder.alias("classifier", x);
  return std::move(builder).finish("alexnet:" + parameters.canonical(), input);
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  const std::int64_t hidden = extent(checkpoint, "classifier.1.weight", 0);
  if (!has_shape(checkpoint, "features.0.weight", {64, 3, 11, 11}) ||
      !has_shape(checkpoint, "features.10.weight", {256, 256, 3, 3}) ||
      !has_shape(checkpoint, "classifier.4.weight", {hidden, hidden}))
    return std::nullopt;
  return "hidden=" + std::to_string(hidden);
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "classifier.6");
}

}  // namespace

extern const ArchitectureInfo alexnet_architecture{"alexnet",
                                                   "five convolutions and three linear layers",
                                                   "Krizhevsky 2014 (arXiv:1404.5997); parameter names of torchvision",
                                                   {{.name = "hidden",
                                                     .kind = ParameterKind::integer,
                                                     .default_value = "4096",
                                                     .minimum = 1,
                                                     .maximum = 1 << 20,
                                                     .unit = "features",
                                                     .doc = "width of the first two linear layers"}},
                                                   &build,
                                                   &recognise,
                                                   &count_classes,
                                                   {3, 224, 224}};

}  // namespace cuebench
