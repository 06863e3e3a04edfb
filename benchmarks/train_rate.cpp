// `cuebench train` against a bare LibTorch loop: ResNet-20 on 32x32 images, batch 128, SGD with momentum. The bare loop
// is what one writes with torch::nn and torch::optim over batches that lie in memory, channels_last; the trainer makes
// its batches from bytes (flip and crop), watches its loss, counts right answers and writes its files. Both run in
// turn. Usage: train_rate [BATCHES [THREADS [ROUNDS]]]; prints images per second of both and their ratio, a line a
// round.

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <torch/torch.h>

#include <cuebench/core/random.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/networks/initial_weights.hpp>

#include "../src/training/trainer.hpp"

namespace {

using namespace cuebench;
using Clock = std::chrono::steady_clock;

constexpr int kBatch = 128, kSide = 32;

struct BlockImpl : torch::nn::Module {
  BlockImpl(int in, int out)
      : stride(in == out ? 1 : 2),
        conv1(register_module("conv1", convolution(in, out, stride))),
        conv2(register_module("conv2", convolution(out, out, 1))),
        bn1(register_module("bn1", torch::nn::BatchNorm2d(out))),
        bn2(register_module("bn2", torch::nn::BatchNorm2d(out))),
        added(out - in) {}

  static torch::nn::Conv2d convolution(int in, int out, int step) {
    return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(step).padding(1).bias(false));
  }
  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor y = bn1(conv1(x)).relu_();
    y = bn2(conv2(y));
    torch::Tensor shortcut = x;
    if (stride == 2)
      shortcut = torch::constant_pad_nd(x.slice(2, 0, c10::nullopt, 2).slice(3, 0, c10::nullopt, 2),
                                        {0, 0, 0, 0, 0, added}, 0);
    return y.add_(shortcut).relu_();
  }

  int stride;
  torch::nn::Conv2d conv1, conv2;
  torch::nn::BatchNorm2d bn1, bn2;
  int added;
};
TORCH_MODULE(Block);

struct Resnet20Impl : torch::nn::Module {
  Resnet20Impl()
      : stem(register_module("stem", BlockImpl::convolution(3, 16, 1))),
        norm(register_module("norm", torch::nn::BatchNorm2d(16))),
        head(register_module("head", torch::nn::Linear(64, 10))) {
    for (int stage = 0, in = 16; stage < 3; ++stage)
      for (int block = 0; block < 3; ++block) {
        const int out = 16 << stage;
        blocks.push_back(register_module(fmt::format("block{}_{}", stage, block), Block(in, out)));
        in = out;
      }
  }
  torch::Tensor forward(torch::Tensor x) {
    x = norm(stem(x)).relu_();
    for (Block& block : blocks) x = block(x);
    return head(x.mean({2, 3}));
  }

  torch::nn::Conv2d stem;
  torch::nn::BatchNorm2d norm;
  torch::nn::Linear head;
  std::vector<Block> blocks;
};
TORCH_MODULE(Resnet20);

ImageSet noise_images(int count) {
  ImageSet set;
  set.height = set.width = kSide;
  RandomStream stream(1, "images", "benchmark");
  set.pixels.resize(count * set.image_bytes());
  for (auto& pixel : set.pixels) pixel = static_cast<std::uint8_t>(stream());
  for (int i = 0; i < count; ++i) {
    set.labels.push_back(i % 10);
    set.ids.push_back(std::to_string(i));
  }
  return set;
}

/// Images per second of torch::nn over batches in memory.
double bare_rate(Resnet20& network, torch::optim::SGD& optimiser, const std::vector<Batch>& batches) {
  const auto start = Clock::now();
  for (const Batch& batch : batches) {
    optimiser.zero_grad();
    const torch::Tensor loss = torch::nn::functional::cross_entropy(network(batch.images), batch.labels);
    loss.backward();
    optimiser.step();
  }
  return static_cast<double>(batches.size() * kBatch) / std::chrono::duration<double>(Clock::now() - start).count();
}

TrainingPlan make_plan(const ImageSet& images, int threads, const char* method) {
  TrainingPlan plan;
  plan.training = images;
  plan.start.network = build_network("cifar_resnet:depth=20", {3, kSide, kSide}, 10);
  plan.start.checkpoint = initial_weights(plan.start.network, 1);
  plan.start.classes = 10;
  plan.sidecar.mean = {0.5, 0.5, 0.5};
  plan.sidecar.std = {0.25, 0.25, 0.25};
  const NamedParameters named = parse_named_parameters("method", method);
  const TrainingMethodInfo& info = find_training_method(named.name);
  plan.method = info.make(resolve_parameters("method", info.parameters, named.values));
  plan.method.may_overfit_catastrophically = false;
  plan.schedule = {ScheduleKind::constant, 0.01, 1, 0, {}, 0.1};
  plan.augmentation = {true, 4};
  plan.recipe = "{}";
  plan.batch = kBatch;
  plan.batches_per_epoch = static_cast<std::int64_t>(images.size()) / kBatch;
  plan.threads = threads;
  return plan;
}

double trainer_rate(const TrainingPlan& plan, const std::filesystem::path& folder) {
  const OutputFolder output(folder);
  Trainer trainer(plan, {.epochs = 1}, output, {.quiet = true});
  trainer.run();
  return static_cast<double>(trainer.images_this_session()) / trainer.seconds_this_session();
}

}  // namespace

int main(int argc, char** argv) {
  const int batches = argc > 1 ? std::atoi(argv[1]) : 10;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 2;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  prepare_libtorch();
  at::globalContext().setFlushDenormal(true);
  at::set_num_threads(threads);
  start_logging({.quiet = true});

  const ImageSet images = noise_images(batches * kBatch);
  const BatchPlan in_memory(images, kBatch, {}, 1);
  std::vector<Batch> ready;
  for (int i = 0; i < batches; ++i) ready.push_back(in_memory.make(0, in_memory.order(0), i));
  Resnet20 network;
  for (torch::Tensor& parameter : network->parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.detach().contiguous(torch::MemoryFormat::ChannelsLast));
  torch::optim::SGD optimiser(network->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9).weight_decay(5e-4));

  const auto folder = std::filesystem::temp_directory_path() / "cuebench-train-rate";
  std::filesystem::create_directories(folder);
  const TrainingPlan plan = make_plan(images, threads, "standard");
  bare_rate(network, optimiser, {ready.front()});  // makes the kernels
  double bare_total = 0, trainer_total = 0;
  for (int round = 0; round < rounds; ++round) {
    const double bare = bare_rate(network, optimiser, ready), trainer = trainer_rate(plan, folder);
    bare_total += 1 / bare;
    trainer_total += 1 / trainer;
    fmt::print("bare {:.1f}  trainer {:.1f}  ratio {:.3f}\n", bare, trainer, trainer / bare);
  }
  fmt::print("ratio of all rounds {:.3f}\n", bare_total / trainer_total);
  for (const char* const method : {"fast", "pgd"})
    fmt::print("{} {:.1f} images/s\n", method, trainer_rate(make_plan(images, threads, method), folder));
  std::filesystem::remove_all(folder);
  return 0;
}
