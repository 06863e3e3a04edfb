#include "accuracy_resamples.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>
#include <cuebench/core/threads.hpp>
#include <cuebench/core/vectorised.hpp>

#include "measure.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kBits = 64;

/// Unbiased number below `bound` from 32 random bits; more are taken from the stream where the first are rejected.
std::uint32_t below(std::uint32_t bits, std::uint32_t bound, RandomStream& more) {
  std::uint64_t product = std::uint64_t{bits} * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t rejected = -bound % bound;
    while (static_cast<std::uint32_t>(product) < rejected)
      product = std::uint64_t{static_cast<std::uint32_t>(more())} * bound;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

/// Bit `plane` of every byte of `times`, one bit an image.
void fill_plane(std::span<const std::uint8_t> times, int plane, std::span<std::uint64_t> bits) {
  for (std::size_t word = 0; word < bits.size(); ++word) {
    std::uint64_t joined = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, times.data() + word * kBits + byte * 8, sizeof eight);
      // The product brings the lowest bits of the eight bytes together in the highest byte.
      joined |= (((eight >> plane & 0x0101010101010101U) * 0x0102040810204080U) >> 56) << (8 * byte);
    }
    bits[word] = joined;
  }
}

std::int32_t count_common(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  std::int64_t count = 0;
  vectorised(
      [](const std::uint64_t* first, const std::uint64_t* second, std::size_t words, std::int64_t* result)
          CUEBENCH_INLINE_BODY {
            std::int64_t ones = 0;
            for (std::size_t i = 0; i < words; ++i) ones += __builtin_popcountll(first[i] & second[i]);
            *result = ones;
          },
      a.data(), b.data(), a.size(), &count);
  return static_cast<std::int32_t>(count);
}

}  // namespace

AccuracyResamples::AccuracyResamples(const Sample& sample, const BootstrapOptions& options)
    : sample_(sample), options_(options), stratum_sizes_(static_cast<std::size_t>(sample.strata.count), 0) {
  for (std::size_t item = 0; item < sample.strata.of_item.size(); ++item)
    if (sample.strata.of_item[item] >= 0) position_.push_back(item);
  std::stable_sort(position_.begin(), position_.end(),
                   [&](std::size_t a, std::size_t b) { return sample.strata.of_item[a] < sample.strata.of_item[b]; });
  for (const std::size_t item : position_) ++stratum_sizes_[static_cast<std::size_t>(sample.strata.of_item[item])];
}

void AccuracyResamples::add(const VariantOutcomes& outcomes) {
  models_ = outcomes.correct.size();
  for (const std::vector<char>& correct : outcomes.correct) {
    Words& bits = right_.emplace_back((position_.size() + kBits - 1) / kBits, 0);
    std::int32_t count = 0;
    for (std::size_t at = 0; at < position_.size(); ++at) {
      if (!correct[position_[at]]) continue;
      bits[at / kBits] |= std::uint64_t{1} << at % kBits;
      ++count;
    }
    observed_.push_back(count);
  }
}

void AccuracyResamples::draw_replicate(int replicate, std::vector<std::uint8_t>& times, Words& random,
                                       std::vector<Words>& planes) {
  RandomStream stream(options_.seed, fmt::format("replicate {}", replicate), "bootstrap of images");
  stream.fill(random);
  // How often each image is drawn; that one is drawn 256 times has a chance below 1e-500.
  std::fill(times.begin(), times.end(), std::uint8_t{0});
  std::size_t draw = 0;
  std::uint8_t* first = times.data();
  for (const std::uint32_t size : stratum_sizes_) {
    for (std::uint32_t i = 0; i < size; ++i, ++draw)
      ++first[below(static_cast<std::uint32_t>(random[draw / 2] >> (draw % 2 ? 32 : 0)), size, stream)];
    first += size;
  }
  const auto depth =
      static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(*std::max_element(times.begin(), times.end()))));
  while (planes.size() < depth) planes.emplace_back(times.size() / kBits);
  for (std::size_t plane = 0; plane < depth; ++plane) fill_plane(times, static_cast<int>(plane), planes[plane]);
  std::int32_t* counts = drawn_.data() + static_cast<std::size_t>(replicate) * right_.size();
  for (std::size_t i = 0; i < right_.size(); ++i) {
    counts[i] = 0;
    for (std::size_t plane = 0; plane < depth; ++plane) counts[i] += count_common(planes[plane], right_[i]) << plane;
  }
}

void AccuracyResamples::draw() {
  if (position_.empty() || right_.empty()) return;
  drawn_.assign(static_cast<std::size_t>(options_.replicates) * right_.size(), 0);
  std::atomic<int> next = 0;
  const auto work = [&] {
    std::vector<std::uint8_t> times(right_.front().size() * kBits, 0);
    Words random((position_.size() + 1) / 2);
    std::vector<Words> planes;
    for (int replicate; (replicate = next++) < options_.replicates;) draw_replicate(replicate, times, random, planes);
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < std::min(available_cores(), options_.replicates); ++i) threads.emplace_back(work);
  work();
}

Measure AccuracyResamples::measure(const std::function<double(const RightCounts&)>& statistic,
                                   std::string method) const {
  std::vector<double> replicates;
  replicates.reserve(static_cast<std::size_t>(options_.replicates));
  for (std::size_t begin = 0; begin < drawn_.size(); begin += right_.size())
    replicates.push_back(statistic({std::span(drawn_).subspan(begin, right_.size()), models_}));
  return measure_of(percentile_estimate(statistic(observed()), std::move(replicates),
                                        static_cast<std::int64_t>(position_.size()), options_.confidence),
                    method.empty() ? sample_.strata.method(options_) : std::move(method));
}

void add_retained(VariantScores& scores, const AccuracyResamples& resamples) {
  const auto images = static_cast<std::int64_t>(resamples.images());
  if (scores.variant == 0) {
    scores.retained = undefined_measure(images, "clean is what the others are compared with");
  } else if (images == 0) {
    scores.retained = undefined_measure(0, "no scored image has a label");
  } else if (resamples.observed()(scores.model, 0) == 0) {
    scores.retained = undefined_measure(images, "no clean image is right");
  } else {
    scores.retained = resamples.measure([&](const RightCounts& right) {
      const double clean = right(scores.model, 0);
      return clean > 0 ? right(scores.model, scores.variant) / clean : std::numeric_limits<double>::quiet_NaN();
    });
  }
}

}  // namespace cuebench
