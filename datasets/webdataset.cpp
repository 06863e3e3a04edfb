// Tar shards of samples, as the Python library webdataset writes and reads them: members KEY.EXTENSION, where KEY ends
// at the first dot of the last part of the name (https://github.com/webdataset/webdataset, base_plus_ext).

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/datasets/file_source.hpp>

#include "byte_store.hpp"
#include "listing_digest.hpp"
#include "masks.hpp"
#include "webdataset_labels.hpp"
#include "webdataset_shard.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kMemoryLimit = std::int64_t{512} << 20;
constexpr std::int64_t kLongestText = std::int64_t{16} << 20;  // of cls and json
constexpr std::size_t kPeekedFiles = 64;
constexpr const char* kClassNames = "classes.txt";

bool is_tar_name(std::string_view name) {
  static constexpr std::string_view kEndings[] = {".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst"};
  return std::any_of(std::begin(kEndings), std::end(kEndings), [&](auto ending) { return name.ends_with(ending); });
}

/// The tar files directly in the folder, in text order; what else lies there.
struct ShardListing {
  std::vector<std::filesystem::path> shards;
  LeftOut others;
  std::string folder_with_shards;  ///< one below that holds tar files
};

bool holds_tars(const std::filesystem::path& folder) {
  std::error_code failed;
  const std::filesystem::directory_iterator entries(folder, failed);
  return !failed && std::any_of(begin(entries), end(entries),
                                [](const auto& entry) { return is_tar_name(entry.path().string()); });
}

ShardListing list_shards(const std::filesystem::path& folder) {
  std::error_code failed;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) paths.push_back(entry.path());
  if (failed) throw UsageError(fmt::format("cannot read folder '{}': {}", folder.string(), failed.message()));
  std::sort(paths.begin(), paths.end());
  ShardListing listing;
  for (const auto& path : paths) {
    const std::string name = path.filename().string();
    if (name.starts_with(".") || name == kClassNames) continue;
    const bool is_folder = std::filesystem::is_directory(path, failed);
    if (is_folder && listing.folder_with_shards.empty() && holds_tars(path)) listing.folder_with_shards = path.string();
    if (!is_folder && is_tar_name(name))
      listing.shards.push_back(path);
    else
      listing.others.add(name);
  }
  return listing;
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// The tar file by which a path is recognised; nothing for a folder without any.
std::filesystem::path first_shard(const std::filesystem::path& path) {
  if (!is_folder(path)) return path;
  try {
    const auto listing = list_shards(path);
    return listing.shards.empty() ? std::filesystem::path() : listing.shards.front();
  } catch (const UsageError&) {
    return {};  // opening it will say why
  }
}

/// Certain where a sample has a cls; possible for a folder of tar files with images.
int recognise(const std::filesystem::path& path) {
  const auto shard = first_shard(path);
  if (shard.empty()) return 0;
  const auto members = peek_file_paths(shard, kPeekedFiles);
  const auto any = [&](auto is) { return std::any_of(members.begin(), members.end(), is); };
  if (!any(has_image_extension)) return 0;
  if (any([](const std::string& name) { return name.ends_with(".cls"); })) return 2;
  return shard != path ? 1 : 0;
}

/// classes.txt beside the tar files: a class name a line. Empty where there is none.
std::vector<std::string> listed_classes(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(folder / kClassNames, ignored)) return {};
  const std::string text = read_text_file(folder / kClassNames);
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    if (names.back().ends_with('\r')) names.back().pop_back();
    begin = end + 1;
  }
  return names;
}

/// An image of the set: where it lies, and why it is bad before it is decoded.
struct Place {
  std::size_t shard = 0;
  ShardMember image;
  std::optional<ShardMember> mask;
};

/// What loading needs; shared by the copies of the data set.
struct Contents {
  std::vector<std::filesystem::path> paths;
  std::vector<bool> compressed;
  ByteStore decompressed{kMemoryLimit};
  std::vector<Place> places;
  std::map<std::size_t, std::string> bad;  ///< reason by item
  DecodeOptions decode;

  /// A tar file is opened for each image: a set may have more files than a process may hold open.
  std::vector<std::byte> read(std::size_t shard, const ShardMember& member) const {
    if (compressed[shard]) return decompressed.read(member.offset, member.size);
    return read_file_part(paths[shard], member.offset, member.size);
  }
};

/// Reads cls and json of a sample while its tar file is open.
class LabelReader {
 public:
  LabelReader(const Shard& shard, const ByteStore& decompressed) : decompressed_(decompressed) {
    if (!shard.compressed) file_ = std::make_unique<ByteStore>(ByteStore::of_file(shard.path));
  }

  /// @throws ImageError.
  SampleLabels read(const ShardSample& sample, NameTable& names) const {
    SampleLabels labels;
    if (sample.cls) read_cls(text(*sample.cls, "cls"), labels);
    if (sample.json) read_json(text(*sample.json, "json"), labels, names);
    return labels;
  }

 private:
  std::string text(const ShardMember& member, const char* what) const {
    if (member.size > kLongestText) throw ImageError(fmt::format("{}: too large: {} bytes", what, member.size));
    const auto bytes = (file_ ? *file_ : decompressed_).read(member.offset, member.size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  const ByteStore& decompressed_;
  std::unique_ptr<ByteStore> file_;
};

/// The set while its tar files are read one after the other.
struct Gathering {
  Dataset dataset;
  std::shared_ptr<Contents> contents = std::make_shared<Contents>();
  std::vector<SampleLabels> labels;
  NameTable names;
  LeftOut others, without_image;

  void add(const std::filesystem::path& path) {
    const Shard shard = read_shard(path, contents->decompressed);
    const LabelReader reader(shard, contents->decompressed);
    const std::size_t number = contents->paths.size();
    contents->paths.push_back(path);
    contents->compressed.push_back(shard.compressed);
    for (const auto& sample : shard.samples) {
      if (sample.image_extension.empty()) {
        without_image.add(sample.key);
        continue;
      }
      labels.push_back(read_labels(reader, sample));
      contents->places.push_back({number, sample.image, sample.mask});
      dataset.items.push_back({.id = sample.key, .bytes = sample.image.size});
    }
    others.count += shard.others.count;
    if (others.first.empty()) others.first = shard.others.first;
    dataset.notes.insert(dataset.notes.end(), shard.notes.begin(), shard.notes.end());
  }

  SampleLabels read_labels(const LabelReader& reader, const ShardSample& sample) {
    try {
      return reader.read(sample, names);
    } catch (const ImageError& error) {
      contents->bad.emplace(dataset.items.size(), error.what());
      return {};
    }
  }
};

/// The shard's name before every key, where a key comes in several shards.
void make_ids_distinct(Gathering& set) {
  std::unordered_set<std::string_view> ids;
  const auto& items = set.dataset.items;
  if (std::all_of(items.begin(), items.end(), [&](const Item& item) { return ids.insert(item.id).second; })) return;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string file = set.contents->paths[set.contents->places[i].shard].filename().string();
    set.dataset.items[i].id = file + '/' + items[i].id;
  }
  set.dataset.notes.push_back("The tar files share keys, so ids begin with the file's name: TAR/KEY.");
}

void set_labels(Gathering& set, std::vector<std::string> listed) {
  const SampleClasses classes(set.labels, set.names, std::move(listed));
  Dataset& dataset = set.dataset;
  dataset.classes = classes.classes();
  bool differs = false;
  LeftOut unlabelled;
  for (std::size_t i = 0; i < dataset.items.size(); ++i) {
    Item& item = dataset.items[i];
    try {
      item.label = classes.label(set.labels[i]);
    } catch (const ImageError& error) {
      set.contents->bad.emplace(i, error.what());
    }
    if (set.labels[i].shape >= 0 && set.labels[i].texture >= 0) {
      item.shape_label = classes.of_name(set.labels[i].shape);
      item.texture_label = classes.of_name(set.labels[i].texture);
      differs = differs || item.shape_label != item.texture_label;
    }
    if (item.label < 0 && !set.contents->bad.contains(i)) unlabelled.add(item.id);
  }
  dataset.has_cues = differs;
  if (!classes.names_agree())
    dataset.notes.push_back("Names in json and indices in cls contradict each other: the numbers are the class names.");
  if (unlabelled.count > 0)
    dataset.notes.push_back(fmt::format("Samples without a label: {} of {} (first: {}).", unlabelled.count,
                                        dataset.items.size(), unlabelled.first));
}

std::function<std::optional<Plane>(std::size_t)> mask_members(const std::shared_ptr<const Contents>& contents) {
  return [contents](std::size_t index) -> std::optional<Plane> {
    const Place& place = contents->places.at(index);
    if (!place.mask) return std::nullopt;
    try {
      return decode_plane(contents->read(place.shard, *place.mask), contents->decode);
    } catch (const ImageError& error) {
      throw ImageError(fmt::format("mask: {}", error.what()));
    }
  };
}

std::function<Image(std::size_t)> image_members(const std::shared_ptr<const Contents>& contents) {
  return [contents](std::size_t index) {
    const Place& place = contents->places.at(index);
    if (const auto bad = contents->bad.find(index); bad != contents->bad.end()) throw ImageError(bad->second);
    return decode_image(contents->read(place.shard, place.image), contents->decode);
  };
}

std::vector<std::filesystem::path> shards_of(const std::filesystem::path& path, std::vector<std::string>& notes) {
  if (!is_folder(path)) return {path};
  ShardListing listing = list_shards(path);
  if (listing.shards.empty() && !listing.folder_with_shards.empty())
    throw UsageError(fmt::format("'{}' has its tar files in folders: give one of them, as webdataset:{}", path.string(),
                                 listing.folder_with_shards));
  if (listing.shards.empty())
    throw UsageError(fmt::format("no tar file in '{}': give a folder of tar files, or one tar file", path.string()));
  if (listing.others.count > 0)
    notes.push_back(listing.others.note("entry that is no tar file", "entries that are no tar files"));
  return listing.shards;
}

Dataset open(const std::filesystem::path& path, const OpenOptions& options) {
  Gathering set;
  for (const auto& shard : shards_of(path, set.dataset.notes)) set.add(shard);
  if (set.dataset.items.empty())
    throw UsageError(fmt::format("no sample with an image in '{}': members are named KEY.jpg, KEY.png or KEY.webp{}",
                                 path.string(),
                                 set.others.count > 0 ? fmt::format(", not as '{}'", set.others.first) : ""));
  if (set.others.count > 0)
    set.dataset.notes.push_back(
        set.others.note("member that is not read", "members that are not read (other extensions)"));
  if (set.without_image.count > 0)
    set.dataset.notes.push_back(set.without_image.note("sample without an image", "samples without an image"));
  make_ids_distinct(set);
  set_labels(set, listed_classes(is_folder(path) ? path : path.parent_path()));

  Dataset& dataset = set.dataset;
  dataset.digest = listing_digest(dataset);
  set.contents->decode = options.decode;
  dataset.load_image = image_members(set.contents);
  dataset.load_mask = mask_members(set.contents);
  if (!options.masks.empty()) attach_masks(dataset, options.masks, options.decode);
  return std::move(set.dataset);
}

}  // namespace

extern const ReaderInfo webdataset_reader;
const ReaderInfo webdataset_reader = {
    .name = "webdataset",
    .summary =
        "tar file, or folder of tar files, of samples KEY.jpg (png, webp, ...), KEY.cls, KEY.json, KEY.mask.png; label "
        "= cls, names from classes.txt or json",
    .recognise = recognise,
    .open = open,
};

}  // namespace cuebench
