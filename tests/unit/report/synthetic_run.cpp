#include "synthetic_run.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>

namespace cuebench::test {
namespace {

void add_channels(BlockRecord& record, const SyntheticRun& run, std::int64_t first, std::int64_t last,
                  const std::function<bool(std::int64_t)>& present) {
  const auto& description = run.description;
  for (std::size_t layer = 0; layer < description.layers.size(); ++layer)
    for (std::size_t variant = 0; variant < description.variants.size(); ++variant) {
      ClassMoments moments;
      for (std::int64_t item = first; item < last; ++item) {
        const int label = description.items[item].label;
        if (label < 0 || !present(item)) continue;
        const int l = static_cast<int>(layer), v = static_cast<int>(variant);
        const std::vector<double> clean = run.activation(item, l, 0), now = run.activation(item, l, v);
        const std::vector<double> relevance = run.relevance(label, l);
        moments.try_emplace(label, clean.size()).first->second.add(now, clean, relevance);
        record.channel_images.push_back(
            {item, l, v, describe_channel_image(now, clean, relevance, partition_channels(relevance, 0))});
      }
      record.channels.push_back({static_cast<int>(layer), static_cast<int>(variant), std::move(moments)});
    }
}

std::uint32_t crc32(const std::vector<unsigned char>& bytes) {
  std::uint32_t crc = ~0u;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  }
  return ~crc;
}

void append(std::vector<unsigned char>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<unsigned char>(value >> shift));
}

void append_chunk(std::vector<unsigned char>& png, std::string_view type, const std::vector<unsigned char>& data) {
  append(png, static_cast<std::uint32_t>(data.size()));
  std::vector<unsigned char> body(type.begin(), type.end());
  body.insert(body.end(), data.begin(), data.end());
  png.insert(png.end(), body.begin(), body.end());
  append(png, crc32(body));
}

}  // namespace

SyntheticRun SyntheticRun::pair(std::vector<StoredVariant> variants, std::vector<std::string> classes,
                                std::int64_t items) {
  SyntheticRun run;
  const int count = static_cast<int>(classes.size());
  run.description.configuration = R"({"seed": 0})";
  run.description.classes = std::move(classes);
  run.description.models = {
      {"standard", "standard", "resnet18", "standard.pt", std::string(64, 'a'), "mkldnn", count, 11},
      {"robust", "robust", "resnet18", "robust.pt", std::string(64, 'b'), "mkldnn", count, 11}};
  run.description.variants = {{"clean", "both"}};
  run.description.variants.insert(run.description.variants.end(), variants.begin(), variants.end());
  for (std::int64_t item = 0; item < items; ++item)
    run.description.items.push_back({fmt::format("image{:05}.png", item), static_cast<int>(item % count), -1, -1});
  run.description.block_size = 50;
  return run;
}

RunStore SyntheticRun::store(const std::filesystem::path& folder) const {
  RunStore store = RunStore::create_or_resume(folder, description);
  const std::int64_t blocks = finished_blocks < 0 ? store.block_count() : finished_blocks;
  const auto items = static_cast<std::int64_t>(description.items.size());
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = block * description.block_size;
    const std::int64_t last = std::min<std::int64_t>(first + description.block_size, items);
    BlockRecord record;
    record.block = block;
    const auto inside = [&](std::int64_t item) { return item >= first && item < last; };
    for (std::int64_t item = first; item < last; ++item)
      for (std::size_t model = 0; model < description.models.size(); ++model)
        for (std::size_t variant = 0; variant < description.variants.size(); ++variant)
          if (const auto now = outcome(item, static_cast<int>(model), static_cast<int>(variant)))
            record.outcomes.push_back({item, static_cast<int>(model), static_cast<int>(variant), *now});
    for (const auto& note : notes)
      if (inside(note.item)) record.notes.push_back(note);
    for (const auto& picture : pictures)
      if (inside(picture.item)) record.pictures.push_back(picture);
    if (block == 0) record.interventions = interventions;
    if (block == 0) record.aggregations = aggregations;
    for (const auto& bad : bad_images)
      if (inside(bad.first)) record.bad_images.push_back(bad);
    if (!description.layers.empty())
      add_channels(record, *this, first, last, [&](std::int64_t item) { return outcome(item, 0, 0).has_value(); });
    store.commit(record);
  }
  return store;
}

Outcome answer(bool right, int label, int classes, float confidence) {
  Outcome outcome;
  outcome.predicted = right ? label : (label + 1) % classes;
  outcome.confidence = confidence;
  outcome.rank_of_label = right ? 1 : 2;
  outcome.negative_log_likelihood = right ? -std::log(confidence) : -std::log((1 - confidence) / 2);
  outcome.margin = right ? 1.0f : -1.0f;
  return outcome;
}

Outcome decision(int predicted, int label) {
  Outcome outcome;
  outcome.predicted = predicted;
  outcome.confidence = 0.5f;
  outcome.rank_of_label = predicted == label ? 1 : 3;
  outcome.negative_log_likelihood = 1;
  return outcome;
}

std::vector<std::byte> tiny_png(std::uint64_t seed) {
  constexpr int kSide = 32;
  RandomStream random(seed, "picture", "test");
  const std::array<double, 6> wave{random.uniform(), random.uniform(), random.uniform(),
                                   random.uniform(), random.uniform(), random.uniform()};
  std::vector<unsigned char> raw;
  for (int y = 0; y < kSide; ++y) {
    raw.push_back(0);  // no filter
    for (int x = 0; x < kSide; ++x)
      for (int channel = 0; channel < 3; ++channel)
        raw.push_back(static_cast<unsigned char>(
            127 + 120 * std::sin(0.5 * wave[channel] * x + 0.5 * wave[channel + 3] * y + channel)));
  }
  std::uint32_t a = 1, b = 0;  // Adler-32
  for (const unsigned char byte : raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<unsigned>(raw.size());
  std::vector<unsigned char> zlib{0x78,
                                  0x01,
                                  0x01,
                                  static_cast<unsigned char>(size),
                                  static_cast<unsigned char>(size >> 8),
                                  static_cast<unsigned char>(~size),
                                  static_cast<unsigned char>(~size >> 8)};
  zlib.insert(zlib.end(), raw.begin(), raw.end());
  append(zlib, b << 16 | a);
  std::vector<unsigned char> png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, header;
  append(header, kSide);
  append(header, kSide);
  header.insert(header.end(), {8, 2, 0, 0, 0});
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", zlib);
  append_chunk(png, "IEND", {});
  std::vector<std::byte> bytes;
  for (const unsigned char byte : png) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

}  // namespace cuebench::test
