#include "cifar_binary.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/file_source.hpp>

#include "byte_store.hpp"
#include "byte_stream.hpp"
#include "masks.hpp"
#include "tar_index.hpp"

namespace cuebench {
namespace {

constexpr int kSide = 32;
constexpr std::int64_t kPlane = std::int64_t{kSide} * kSide;
constexpr std::int64_t kMemoryLimit = std::int64_t{512} << 20;
constexpr std::size_t kPeekedFiles = 256;

std::int64_t record_bytes(const CifarLayout& layout) {
  return layout.label_bytes + 3 * kPlane;
}

/// True when the label bytes that a record begins with are possible.
bool are_labels(const CifarLayout& layout, const std::byte* record) {
  const int label = std::to_integer<int>(record[layout.label_bytes - 1]);
  const int superclass = layout.label_bytes > 1 ? std::to_integer<int>(record[0]) : 0;
  return label < int(layout.classes.size()) && superclass < std::max(1, layout.superclasses);
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view without_compression_extension(std::string_view name) {
  for (const std::string_view extension : {".xz", ".gz", ".bz2", ".zst"}) {
    if (name.ends_with(extension)) return name.substr(0, name.size() - extension.size());
  }
  return name;
}

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// The test file in a folder: itself, compressed, or in the folder that the published archive unpacks to.
std::optional<std::filesystem::path> find_test_file(const CifarLayout& layout, const std::filesystem::path& folder) {
  for (const auto& place : {folder, folder / layout.folder}) {
    for (const std::string_view extension : {"", ".xz", ".gz"}) {
      const auto file = place / (std::string(layout.test_file) + std::string(extension));
      if (is_file(file)) return file;
    }
  }
  return std::nullopt;
}

bool belongs_to_set(const CifarLayout& layout, std::string_view path) {
  const auto name = without_compression_extension(file_name(path));
  return name == layout.test_file ||
         std::find(layout.other_files.begin(), layout.other_files.end(), name) != layout.other_files.end();
}

/// "with a.bin, b.bin" or what else helps to find the right path.
[[noreturn]] void throw_no_test_file(const CifarLayout& layout, const std::filesystem::path& path,
                                     const std::vector<std::string>& files) {
  std::string found;
  bool has_pickles = false;
  for (const auto& file : files) {
    const auto name = file_name(file);
    if (without_compression_extension(name).ends_with(".bin")) found += (found.empty() ? "" : ", ") + std::string(name);
    has_pickles = has_pickles || name == "test_batch" || name == "data_batch_1" || name == "test" || name == "train";
  }
  std::string message =
      "no " + std::string(layout.test_file) + " of " + std::string(layout.title) + " in '" + path.string() + "'";
  if (!found.empty()) {
    message += ": give the path of one of its files (" + found + ")";
  } else if (has_pickles) {
    message += ", which holds the Python version: fetch the binary version";
  } else {
    message += ": give the folder of the binary version, or the path of a .bin file";
  }
  throw UsageError(message);
}

/// The records of one file, and the file's name.
struct Records {
  std::string name;
  std::shared_ptr<ByteStore> store;
};

/// Reads a whole stream into a store.
std::shared_ptr<ByteStore> store_stream(ByteStream& stream) {
  auto store = std::make_shared<ByteStore>(kMemoryLimit);
  std::vector<std::byte> buffer(std::size_t{1} << 18);
  while (const std::size_t count = stream.read(buffer)) store->append(std::span(buffer).first(count));
  return store;
}

Records open_member(const CifarLayout& layout, const std::filesystem::path& archive) {
  const FileSource source = open_file_source(archive);
  std::vector<std::string> names;
  for (const auto& file : source.files) {
    if (file_name(file.path) == layout.test_file) {
      auto store = std::make_shared<ByteStore>(kMemoryLimit);
      store->append(source.read(file));
      return {std::string(layout.test_file), std::move(store)};
    }
    names.push_back(file.path);
  }
  throw_no_test_file(layout, archive, names);
}

Records open_records(const CifarLayout& layout, std::filesystem::path path) {
  if (is_folder(path)) {
    const auto file = find_test_file(layout, path);
    if (!file) throw_no_test_file(layout, path, peek_file_paths(path, kPeekedFiles));
    path = *file;
  }
  if (starts_as_tar(path)) return open_member(layout, path);
  const std::string name(without_compression_extension(path.filename().string()));
  ByteStream stream(path);
  if (stream.compressed()) return {name, store_stream(stream)};
  return {name, std::make_shared<ByteStore>(ByteStore::of_file(path))};
}

/// Reads every record once: the digest of the bytes, and an item for each label.
void read_labels(Dataset& dataset, const CifarLayout& layout, const Records& records, const std::string& path) {
  const std::int64_t record = record_bytes(layout);
  const std::int64_t size = records.store->size();
  if (size == 0) throw UsageError(fmt::format("'{}' is empty: no record of {} in it", path, layout.title));
  if (size % record != 0) {
    throw UsageError(fmt::format(
        "'{}' has {} bytes, no multiple of the {} bytes of a {} record: it is incomplete or not the binary version",
        path, size, record, layout.title));
  }
  Sha256 digest;
  constexpr std::int64_t kRecordsAtOnce = 256;
  const std::int64_t count = size / record;
  dataset.items.reserve(std::size_t(count));
  for (std::int64_t first = 0; first < count; first += kRecordsAtOnce) {
    const std::int64_t part = std::min(kRecordsAtOnce, count - first);
    const auto bytes = records.store->read(first * record, part * record);
    digest.update(bytes);
    for (std::int64_t i = 0; i < part; ++i) {
      const std::byte* start = bytes.data() + i * record;
      const int label = std::to_integer<int>(start[layout.label_bytes - 1]);
      if (!are_labels(layout, start)) {
        throw UsageError(fmt::format(
            "record {} of '{}' has label {}, and {} has {} classes: it is damaged or not the binary version", first + i,
            path, label, layout.title, layout.classes.size()));
      }
      Item item{.id = records.name + '#' + std::to_string(first + i), .label = label, .bytes = record};
      dataset.items.push_back(std::move(item));
    }
  }
  dataset.digest = digest.finish();
}

Image to_image(std::span<const std::byte> planes) {
  Image image(kSide, kSide);
  for (std::int64_t i = 0; i < kPlane; ++i) {
    for (std::int64_t channel = 0; channel < Image::kChannels; ++channel) {
      image.pixels[std::size_t(Image::kChannels * i + channel)] =
          std::to_integer<std::uint8_t>(planes[std::size_t(channel * kPlane + i)]);
    }
  }
  return image;
}

/// Looks at the first records: 2 when there are several and all labels are possible, 1 for a single one.
int recognise_records(const CifarLayout& layout, const std::filesystem::path& path) {
  constexpr std::int64_t kLookedAt = 8;
  const std::int64_t record = record_bytes(layout);
  ByteStream stream(path);
  std::vector<std::byte> head(std::size_t(kLookedAt * record));
  const std::int64_t bytes = std::int64_t(stream.read(head));
  if (bytes < record || (bytes < std::int64_t(head.size()) && bytes % record != 0)) return 0;
  for (std::int64_t at = 0; at + record <= bytes; at += record) {
    if (!are_labels(layout, head.data() + at)) return 0;
  }
  return bytes >= 2 * record ? 2 : 1;
}

}  // namespace

int recognise_cifar(const CifarLayout& layout, const std::filesystem::path& path) {
  try {
    if (is_folder(path)) return find_test_file(layout, path) ? 2 : 0;
    if (!is_file(path)) return 0;
    if (starts_as_tar(path)) {
      const auto files = peek_file_paths(path, kPeekedFiles);
      return std::any_of(files.begin(), files.end(), [&](const auto& file) { return belongs_to_set(layout, file); })
                 ? 2
                 : 0;
    }
    return recognise_records(layout, path);
  } catch (const UsageError&) {
    return 0;  // not readable: opening it will say why
  }
}

Dataset open_cifar(const CifarLayout& layout, const std::filesystem::path& path, const OpenOptions& options) {
  const Records records = open_records(layout, path);
  Dataset dataset;
  dataset.classes.assign(layout.classes.begin(), layout.classes.end());
  read_labels(dataset, layout, records, path.string());
  dataset.load_mask = no_masks();
  if (!options.masks.empty()) attach_masks(dataset, options.masks, options.decode);
  const std::int64_t record = record_bytes(layout);
  dataset.load_image = [store = records.store, record, labels = layout.label_bytes,
                        count = dataset.items.size()](std::size_t index) {
    if (index >= count) throw std::out_of_range("item index");
    const auto bytes = store->read(std::int64_t(index) * record, record);
    return to_image(std::span(bytes).subspan(std::size_t(labels)));
  };
  return dataset;
}

}  // namespace cuebench
