// How fast variants are made on one core. Usage: transforms_rate SRC IMAGES VARIANT...
// SRC is a data set as for `cuebench evaluate --data`; its first IMAGES images are decoded before the clock starts.
// Prints "VARIANT X" with X images per second of processor time, which other programs slow down less than the clock:
// the median over passes through the images that take three seconds in all, after one pass that fills caches.
// benchmarks/transforms_python.py measures the usual Python code on the same images.

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>
#include <opencv2/core/utility.hpp>

#include <cuebench/core/parameters.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/transforms/transform.hpp>

namespace {

using namespace cuebench;

struct NamedImage {
  std::string id;
  Image image;
};

std::vector<NamedImage> load(std::string_view source, std::int64_t count) {
  const Dataset dataset = open_dataset(source);
  std::vector<NamedImage> images;
  for (std::size_t i = 0; i < std::min<std::size_t>(count, dataset.items.size()); ++i)
    images.push_back({dataset.items[i].id, dataset.load_image(i)});
  return images;
}

double processor_seconds() {
  return double(std::clock()) / CLOCKS_PER_SEC;
}

/// Processor time of one pass through the images.
double pass_seconds(const Variant& variant, const std::vector<NamedImage>& images) {
  const double start = processor_seconds();
  for (const auto& [id, image] : images) variant.apply(image, {.seed = 1, .item_id = id});
  return processor_seconds() - start;
}

double images_per_second(const Variant& variant, const std::vector<NamedImage>& images) {
  constexpr double kSeconds = 3;
  pass_seconds(variant, images);
  std::vector<double> passes;
  for (double spent = 0; spent < kSeconds; spent += passes.back()) passes.push_back(pass_seconds(variant, images));
  const auto middle = passes.begin() + std::ptrdiff_t(passes.size() / 2);
  std::nth_element(passes.begin(), middle, passes.end());
  return double(images.size()) / *middle;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 4) {
      fmt::print(stderr, "usage: transforms_rate SRC IMAGES VARIANT...\n");
      return 2;
    }
    cv::setNumThreads(1);
    // As `cuebench evaluate` does: freed memory stays, so that no image pays for new pages.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    const auto images = load(argv[1], parse_integer("IMAGES", argv[2]));
    for (int i = 3; i < argc; ++i) fmt::print("{} {:.5g}\n", argv[i], images_per_second(make_variant(argv[i]), images));
  } catch (const std::exception& error) {
    fmt::print(stderr, "transforms_rate: {}\n", error.what());
    return 2;
  }
  return 0;
}
