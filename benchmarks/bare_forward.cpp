// The floor under `cuebench evaluate`: the same forward passes on batches that lie in memory, and nothing else.
// Usage: bare_forward DATA VARIANTS THREADS BATCH NAME=FILE[,...] [NAME=FILE...]
// Prints "images_per_second X" for images * 1 (each image passes every model VARIANTS times).

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cuebench/core/parameters.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/models/model.hpp>

namespace {

using namespace cuebench;

std::vector<at::Tensor> load_batches(const Dataset& dataset, std::int64_t batch, const Preset& preset) {
  std::vector<at::Tensor> batches;
  for (std::size_t first = 0; first < dataset.items.size(); first += static_cast<std::size_t>(batch)) {
    const auto count = std::min<std::int64_t>(batch, static_cast<std::int64_t>(dataset.items.size() - first));
    at::Tensor tensor;
    for (std::int64_t i = 0; i < count; ++i) {
      const Image image = apply_preset(preset, dataset.load_image(first + static_cast<std::size_t>(i)));
      const std::int64_t plane = std::int64_t{image.height} * image.width;
      if (i == 0) tensor = at::empty({count, 3, image.height, image.width}, at::kFloat);
      float* out = tensor.data_ptr<float>() + i * 3 * plane;
      for (std::int64_t p = 0; p < plane; ++p)
        for (std::int64_t c = 0; c < 3; ++c)
          out[c * plane + p] = static_cast<float>(image.pixels[static_cast<std::size_t>(3 * p + c)]) / 255.0F;
    }
    batches.push_back(tensor);
  }
  return batches;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    fmt::print(stderr, "usage: bare_forward DATA VARIANTS THREADS BATCH NAME=FILE...\n");
    return 2;
  }
  const Dataset dataset = open_dataset(argv[1]);
  const int variants = std::atoi(argv[2]), threads = std::atoi(argv[3]), batch = std::atoi(argv[4]);
  const Image example = dataset.load_image(0);
  const Preset preset = parse_preset(std::max(example.height, example.width) > 96 ? "imagenet" : "none");
  const Image fitted = apply_preset(preset, example);
  prepare_libtorch();
  std::vector<Model> models;
  for (int i = 5; i < argc; ++i)
    models.push_back(Model::load(parse_model_spec(argv[i]), {}, {3, fitted.height, fitted.width}));
  const auto batches = load_batches(dataset, batch, preset);
  for (const auto& model : models) model.infer(batches.front());  // the first pass makes the kernels

  std::atomic<std::size_t> next = 0;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::jthread> workers;
  for (int t = 0; t < threads; ++t)
    workers.emplace_back([&] {
      prepare_libtorch_worker();
      for (std::size_t index = next++; index < batches.size(); index = next++)
        for (int v = 0; v < variants; ++v)
          for (const auto& model : models) model.infer(batches[index]);
    });
  workers.clear();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("images_per_second {:.2f}\n", static_cast<double>(dataset.items.size()) / seconds);
  return 0;
}
