// How fast the data set `synthetic` makes images on one core. Usage: synthetic_rate [SRC] [IMAGES]
// Prints "images_per_second X"; SRC is synthetic[:key=value,...], the default images are 64x64.

#include <chrono>
#include <cstdint>
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
    for (std::int64_t i = 0; i < images; ++i)
      sum += dataset.load_image(std::size_t(i) % dataset.items.size()).pixels[std::size_t(i % 64)];
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("images_per_second {:.0f}\nchecksum {}\n", double(images) / seconds, sum);
  } catch (const std::exception& error) {
    fmt::print(stderr, "synthetic_rate: {}\n", error.what());
    return 2;
  }
  return 0;
}
