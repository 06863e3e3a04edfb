// Forward passes and input gradients on noise that lies in memory: images per second of each way of running each model,
// in turns, so that what else the machine does meets all of them alike.
// Usage: models_forward BATCH SIDE NAME=FILE[,...]... [--taps A,B]
// A state_dict or TorchScript file runs in every way that the program has; TorchScript also frozen and optimised by
// LibTorch alone ("libtorch-frozen"), and an .onnx file through OpenCV ("opencv-dnn"), as peers.
// Prints per way: images per CPU-second and per wall second of one worker, per wall second of two, and input gradients
// (the sum of the logits by the images) per CPU-second; "unfolded" is autograd with every output a tap, as the module
// itself would do it.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <opencv2/dnn.hpp>
#include <torch/script.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

namespace {

using namespace cuebench;
using Clock = std::chrono::steady_clock;
constexpr auto kSlice = std::chrono::milliseconds(1000);
constexpr int kSlices = 7;

/// Something to measure. One call is one batch; `make` gives each worker its own.
struct Contender {
  std::string name;
  std::function<std::function<void()>()> make_forward;
  std::function<void()> gradient;
  std::vector<double> cpu, wall, two, gradients;
};

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Rate {
  double per_cpu_second = 0, per_second = 0;
};

Rate one_worker(const std::function<void()>& work, std::int64_t images) {
  const double cpu = thread_cpu_seconds();
  const auto start = Clock::now();
  std::int64_t done = 0;
  do {
    work();
    done += images;
  } while (Clock::now() - start < kSlice);
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  return {static_cast<double>(done) / (thread_cpu_seconds() - cpu), static_cast<double>(done) / wall};
}

double two_workers(const Contender& contender, std::int64_t images) {
  const std::vector<std::function<void()>> forwards{contender.make_forward(), contender.make_forward()};
  std::atomic<std::int64_t> done{0};
  const auto start = Clock::now();
  std::vector<std::jthread> workers;
  for (const auto& forward : forwards)
    workers.emplace_back([&] {
      prepare_libtorch_worker();
      while (Clock::now() - start < kSlice) {
        forward();
        done += images;
      }
    });
  workers.clear();
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

void take_input_gradient(const Model& model, const at::Tensor& images) {
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = images.detach().requires_grad_(true);
  model.differentiable_logits(leaf).sum().backward();
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

class Contenders {
 public:
  Contenders(std::int64_t batch, std::int64_t side, std::vector<std::string> taps)
      : side_(side), taps_(std::move(taps)), images_(at::rand({batch, 3, side, side})) {}

  void add(const std::string& argument) {
    if (argument.ends_with(".onnx")) return add_opencv(argument.substr(argument.find('=') + 1));
    const ModelSpec spec = parse_model_spec(argument);
    for (const ExecutionWay way : ways_for(checkpoint_format(spec.file))) add_model(spec, taps_, way, "");
    if (checkpoint_format(spec.file) == CheckpointFormat::torchscript) return add_frozen(spec);
    std::vector<std::string> all;
    for (const TapInfo& tap : Model::load(spec, {}, {3, side_, side_}).available_taps()) all.push_back(tap.name);
    add_model(spec, all, ExecutionWay::plain, "unfolded");
  }

  std::vector<Contender>& all() { return contenders_; }
  std::int64_t batch() const { return images_.size(0); }

 private:
  void add_model(const ModelSpec& spec, const std::vector<std::string>& taps, ExecutionWay way, std::string name) {
    std::shared_ptr<const Model> model;
    try {
      model = std::make_shared<const Model>(Model::load(spec, taps, {3, side_, side_}, way));
    } catch (const UsageError& error) {
      return fmt::print(stderr, "{}\n", error.what());
    }
    if (name.empty()) name = model->info().way;
    contenders_.push_back({spec.name + " " + name,
                           [model, images = images_] { return [model, images] { model->infer(images); }; },
                           [model, images = images_] { take_input_gradient(*model, images); },
                           {},
                           {},
                           {},
                           {}});
  }

  void add_frozen(const ModelSpec& spec) {
    torch::jit::Module loaded = torch::jit::load(spec.file.string());
    loaded.eval();
    torch::jit::Module frozen = torch::jit::freeze(loaded);
    const auto module = std::make_shared<torch::jit::Module>(torch::jit::optimize_for_inference(frozen));
    const auto forward = [module, images = images_] {
      const c10::InferenceMode inference;
      module->forward({images});
    };
    for (int pass = 0; pass < 3; ++pass) forward();
    contenders_.push_back({spec.name + " libtorch-frozen", [forward] { return forward; }, {}, {}, {}, {}, {}});
  }

  void add_opencv(const std::string& file) {
    cv::setNumThreads(1);
    const std::vector<int> shape{static_cast<int>(batch()), 3, static_cast<int>(side_), static_cast<int>(side_)};
    const auto make = [file, shape, images = images_]() -> std::function<void()> {
      const auto net = std::make_shared<cv::dnn::Net>(cv::dnn::readNetFromONNX(file));
      return [net, images, shape] {
        net->setInput(cv::Mat(shape, CV_32F, images.data_ptr<float>()));
        net->forward();
      };
    };
    contenders_.push_back({file + " opencv-dnn", make, {}, {}, {}, {}, {}});
  }

  std::int64_t side_;
  std::vector<std::string> taps_;
  at::Tensor images_;
  std::vector<Contender> contenders_;
};

void measure(Contenders& contenders) {
  const std::int64_t batch = contenders.batch();
  std::vector<std::function<void()>> forwards;
  for (const Contender& contender : contenders.all()) {
    forwards.push_back(contender.make_forward());
    forwards.back()();  // the first pass makes the kernels
    if (contender.gradient) contender.gradient();
  }
  for (int slice = 0; slice < kSlices; ++slice) {
    for (std::size_t i = 0; i < forwards.size(); ++i) {
      const Rate rate = one_worker(forwards[i], batch);
      contenders.all()[i].cpu.push_back(rate.per_cpu_second);
      contenders.all()[i].wall.push_back(rate.per_second);
    }
    for (Contender& contender : contenders.all()) contender.two.push_back(two_workers(contender, batch));
    for (Contender& contender : contenders.all())
      if (contender.gradient) contender.gradients.push_back(one_worker(contender.gradient, batch).per_cpu_second);
  }
  for (const Contender& contender : contenders.all())
    fmt::print("{:<40} batch={} images_per_cpu_second={:.1f} one_worker={:.1f} two_workers={:.1f} gradients={:.1f}\n",
               contender.name, batch, median(contender.cpu), median(contender.wall), median(contender.two),
               median(contender.gradients));
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> models, taps;
  for (int i = 3; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--taps" && i + 1 < argc) {
      taps = split(argv[++i]);
    } else {
      models.emplace_back(argv[i]);
    }
  }
  if (models.empty()) {
    fmt::print(stderr, "usage: models_forward BATCH SIDE NAME=FILE[,...]... [--taps A,B]\n");
    return 2;
  }
  prepare_libtorch();
  try {
    Contenders contenders(std::atoll(argv[1]), std::atoll(argv[2]), taps);
    for (const std::string& model : models) contenders.add(model);
    measure(contenders);
  } catch (const UsageError& error) {
    fmt::print(stderr, "models_forward: {}\n", error.what());
    return 2;
  }
  return 0;
}
