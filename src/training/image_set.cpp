#include "image_set.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/interrupt.hpp>
#include <cuebench/core/random.hpp>

namespace cuebench {
namespace {

constexpr std::size_t kChunk = 64;

/// Fills an ImageSet from several threads, each taking the next chunk of items.
class Loader {
 public:
  Loader(const Dataset& dataset, std::span<const std::size_t> items, const LoadOptions& options)
      : dataset_(dataset), items_(items), options_(options), reasons_(items.size()) {
    set_.height = options.height;
    set_.width = options.width;
    set_.pixels.resize(items.size() * set_.image_bytes());
  }

  void load() {
    Progress progress("reading images", "images", static_cast<std::int64_t>(items_.size()), options_.reporting);
    {
      std::vector<std::jthread> workers;
      for (int i = 1; i < options_.threads; ++i) workers.emplace_back([this] { work(nullptr); });
      work(&progress);
    }
    if (!failure_.empty()) throw UsageError(failure_);
    if (interrupt_requested()) throw Interrupted("stopped while reading images; nothing was written");
    progress.advance(static_cast<std::int64_t>(done_.load() - shown_));
    progress.finish();
  }

  /// Closes the gaps that bad images left.
  ImageSet take(std::span<const int> labels) {
    std::size_t bad = 0;
    std::string first;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Item& item = dataset_.items[items_[i]];
      if (!reasons_[i].empty()) {
        if (bad++ == 0) first = fmt::format("{}: {}", item.id, reasons_[i]);
        continue;
      }
      const std::size_t to = set_.labels.size();
      if (to != i) std::memmove(set_.pixels.data() + to * set_.image_bytes(), set_.image(i), set_.image_bytes());
      set_.labels.push_back(labels[static_cast<std::size_t>(item.label)]);
      set_.ids.push_back(item.id);
    }
    set_.pixels.resize(set_.labels.size() * set_.image_bytes());
    if (bad > 0) set_.notes.push_back(fmt::format("{} image(s) cannot be read and are left out, first {}", bad, first));
    return std::move(set_);
  }

 private:
  void work(Progress* progress) {
    for (std::size_t begin = next_.fetch_add(kChunk); begin < items_.size(); begin = next_.fetch_add(kChunk)) {
      if (stop_ || interrupt_requested()) return;
      const std::size_t end = std::min(begin + kChunk, items_.size());
      for (std::size_t i = begin; i < end; ++i) load_one(i);
      done_ += end - begin;
      if (!progress) continue;
      progress->advance(static_cast<std::int64_t>(done_.load() - shown_));
      shown_ = done_.load();
    }
  }

  void load_one(std::size_t index) {
    try {
      const Image image = apply_preset(options_.preset, dataset_.load_image(items_[index]));
      if (image.height == options_.height && image.width == options_.width) {
        std::memcpy(set_.pixels.data() + index * set_.image_bytes(), image.pixels.data(), set_.image_bytes());
      } else {
        fail(
            fmt::format("image '{}' is {}x{} and others are {}x{}: bring them to one size with --preset, such as "
                        "custom:exact={}",
                        dataset_.items[items_[index]].id, image.height, image.width, options_.height, options_.width,
                        options_.height));
      }
    } catch (const ImageError& error) {
      reasons_[index] = error.what();
    } catch (const std::exception& error) {
      fail(fmt::format("image '{}' cannot be read: {}", dataset_.items[items_[index]].id, error.what()));
    }
  }

  void fail(const std::string& sentence) {
    const std::lock_guard lock(failure_mutex_);
    if (failure_.empty()) failure_ = sentence;
    stop_ = true;
  }

  const Dataset& dataset_;
  std::span<const std::size_t> items_;
  const LoadOptions& options_;
  ImageSet set_;
  std::vector<std::string> reasons_;  ///< why an image could not be read
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::size_t shown_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex failure_mutex_;
  std::string failure_;
};

}  // namespace

Image example_image(const Dataset& dataset, std::span<const std::size_t> items, const Preset& preset) {
  std::string reason;
  for (const std::size_t index : items) {
    try {
      return apply_preset(preset, dataset.load_image(index));
    } catch (const ImageError& error) {
      if (reason.empty()) reason = fmt::format("{}: {}", dataset.items[index].id, error.what());
    }
  }
  throw UsageError(fmt::format("no image of '{}' can be read; the first one is {}", dataset.source, reason));
}

ImageSet load_images(const Dataset& dataset, std::span<const std::size_t> items, std::span<const int> labels,
                     const LoadOptions& options) {
  Loader loader(dataset, items, options);
  loader.load();
  return loader.take(labels);
}

ChannelStatistics channel_statistics(const ImageSet& images) {
  std::array<std::uint64_t, 3> sum{}, squares{};
  for (std::size_t i = 0; i + 2 < images.pixels.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t value = images.pixels[i + c];
      sum[c] += value;
      squares[c] += value * value;
    }
  const auto count = static_cast<double>(images.pixels.size() / 3);
  ChannelStatistics result;
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = static_cast<double>(sum[c]) / count;
    const double variance = static_cast<double>(squares[c]) / count - mean * mean;
    result.mean[c] = mean / 255;
    result.deviation[c] = std::sqrt(std::max(0.0, variance)) / 255;
  }
  return result;
}

Split hold_out(const Dataset& dataset, std::span<const std::size_t> items, double share, std::uint64_t seed) {
  std::vector<std::vector<std::size_t>> by_label(dataset.classes.size());
  for (const std::size_t index : items) by_label[static_cast<std::size_t>(dataset.items[index].label)].push_back(index);
  std::vector<bool> held(dataset.items.size(), false);
  for (std::size_t label = 0; label < by_label.size(); ++label) {
    RandomStream stream(seed, dataset.classes[label], "held-out images");
    stream.shuffle(std::span(by_label[label]));
    const auto count = static_cast<std::size_t>(std::lround(share * static_cast<double>(by_label[label].size())));
    for (std::size_t i = 0; i < count; ++i) held[by_label[label][i]] = true;
  }
  Split split;
  for (const std::size_t index : items) (held[index] ? split.validation : split.training).push_back(index);
  return split;
}

}  // namespace cuebench
