// How fast the data set `synthetic` makes images on one core. Usage: synthetic_rate [SRC] [IMAGES]
// Prints "images_per_second X" by the clock and by processor time, which other programs do not slow down; SRC is
// synthetic[:key=value,...], the default images are 64x64.

#include <chrono>
#include <cstdint>
#include <ctime>
#include <exception>
#include <string>

#include <fmt/format.h>

#include <cuebench/core/parameters.hpp>
#include <cuebench/datasets/dataset.hpp>

int main(int argc, char** argv) {
  using namespace cuebench;
  try {
    const Dataset dataset = open_dataset(argc > 1 ? argv[1] : "synthetic");
    const std::int64_t images = argc > 2 ? parse_integer("IMAGES", argv[2]) : 5000;
    std::uint64_t sum = 0;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    for (std::int64_t i = 0; i < images; ++i)
      sum += dataset.load_image(std::size_t(i) % dataset.items.size()).pixels[std::size_t(i % 64)];
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double processor_seconds = double(std::clock() - processor) / CLOCKS_PER_SEC;
    fmt::print("images_per_second {:.0f}\nimages_per_processor_second {:.0f}\nchecksum {}\n", double(images) / seconds,
               double(images) / processor_seconds, sum);
  } catch (const std::exception& error) {
    fmt::print(stderr, "synthetic_rate: {}\n", error.what());
    return 2;
  }
  return 0;
}
