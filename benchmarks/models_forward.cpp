// Forward passes on noise that lies in memory: images per second of each way of running a model.
// Usage: models_forward BATCH SIDE NAME=FILE[,...] [TAP...]
// Prints per way: images per CPU-second and per wall second of one worker, per wall second of two.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ops/rand.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

namespace {

using namespace cuebench;
using Clock = std::chrono::steady_clock;
constexpr auto kSlice = std::chrono::milliseconds(1500);
constexpr int kSlices = 5;

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Rate {
  double per_cpu_second = 0, per_second = 0;
};

Rate one_worker(const Model& model, const at::Tensor& images) {
  const double cpu = thread_cpu_seconds();
  const auto start = Clock::now();
  std::int64_t done = 0;
  do {
    model.infer(images);
    done += images.size(0);
  } while (Clock::now() - start < kSlice);
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  return {static_cast<double>(done) / (thread_cpu_seconds() - cpu), static_cast<double>(done) / wall};
}

double two_workers(const Model& model, const at::Tensor& images) {
  std::atomic<std::int64_t> done{0};
  const auto start = Clock::now();
  const auto work = [&] {
    prepare_libtorch_worker();
    while (Clock::now() - start < kSlice) {
      model.infer(images);
      done += images.size(0);
    }
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

void measure(const ModelSpec& spec, const std::vector<std::string>& taps, std::int64_t batch, std::int64_t side,
             ExecutionWay way) {
  const Model model = Model::load(spec, taps, {3, side, side}, way);
  const at::Tensor images = at::rand({batch, 3, side, side});
  model.infer(images);  // the first pass makes the kernels
  std::vector<double> cpu, wall, two;
  for (int slice = 0; slice < kSlices; ++slice) {
    const Rate rate = one_worker(model, images);
    cpu.push_back(rate.per_cpu_second);
    wall.push_back(rate.per_second);
    two.push_back(two_workers(model, images));
  }
  fmt::print("{} way={} batch={} images_per_cpu_second={:.1f} one_worker={:.1f} two_workers={:.1f}\n", spec.name,
             model.info().way, batch, median(cpu), median(wall), median(two));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: models_forward BATCH SIDE NAME=FILE[,...] [TAP...]\n");
    return 2;
  }
  const std::int64_t batch = std::atoll(argv[1]), side = std::atoll(argv[2]);
  const std::vector<std::string> taps(argv + 4, argv + argc);
  try {
    const ModelSpec spec = parse_model_spec(argv[3]);
    for (const ExecutionWay way : {ExecutionWay::plain, ExecutionWay::blocked, ExecutionWay::onednn}) measure(spec, taps, batch, side, way);
  } catch (const UsageError& error) {
    fmt::print(stderr, "models_forward: {}\n", error.what());
    return 2;
  }
  return 0;
}
