// Cue-conflict stimuli of Geirhos et al. (ICLR 2019): SHAPE<n>-TEXTURE<m>.png, e.g. cat7-elephant1.png.
// The name is read as ^([a-z]+)\d+-([a-z]+)\d+ on the file name, as the published analysis does.

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "image_listing.hpp"
#include "left_out.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kPeekedFiles = 1024;

struct Cues {
  std::string shape, texture;
};

/// Takes letters and at least one digit from the front.
std::optional<std::string> take_name_and_number(std::string_view& text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto letters_end = std::find_if_not(text.begin(), text.end(), is_letter);
  const auto digits_end = std::find_if_not(letters_end, text.end(), is_digit);
  if (letters_end == text.begin() || digits_end == letters_end) return std::nullopt;
  std::string name(text.begin(), letters_end);
  text.remove_prefix(std::size_t(digits_end - text.begin()));
  return name;
}

std::optional<Cues> parse_cues(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  const auto shape = take_name_and_number(name);
  if (!shape || !name.starts_with('-')) return std::nullopt;
  name.remove_prefix(1);
  const auto texture = take_name_and_number(name);
  if (!texture) return std::nullopt;
  return Cues{*shape, *texture};
}

int recognise(const std::filesystem::path& path) {
  bool found = false;
  for (const auto& file : peek_file_paths(path, kPeekedFiles)) {
    if (file.ends_with(".cls")) return 0;  // a sample of tar shards: both cues are in its json
    if (!has_image_extension(file)) continue;
    if (!parse_cues(file)) return 0;
    found = true;
  }
  return found ? 2 : 0;
}

int class_index(const std::vector<std::string>& classes, std::string_view name) {
  const auto found = std::lower_bound(classes.begin(), classes.end(), name);
  return found != classes.end() && *found == name ? int(found - classes.begin()) : -1;
}

/// A stimulus in the folder of another class has been moved or renamed: its labels cannot be trusted.
void require_own_folder(const std::string& id, const Cues& cues, const std::vector<std::string>& classes) {
  const auto last = id.rfind('/');
  if (last == id.npos) return;
  const auto before = id.rfind('/', last - 1);
  const std::string folder = id.substr(before == id.npos ? 0 : before + 1, last - (before == id.npos ? 0 : before + 1));
  if (folder != cues.shape && class_index(classes, folder) >= 0) {
    throw UsageError(
        fmt::format("stimulus '{}' lies in the folder of class '{}' and is named for shape '{}': move it to its folder "
                    "or rename it",
                    id, folder, cues.shape));
  }
}

Dataset open(const std::filesystem::path& path, const OpenOptions& options) {
  ImageListing listing = list_images(path);
  Dataset dataset;
  dataset.has_cues = true;
  std::vector<Cues> cues;
  std::vector<SourceFile> files;
  LeftOut others;
  for (const auto& file : listing.images) {
    auto parsed = parse_cues(file.path);
    if (parsed) {
      for (const auto& name : {parsed->shape, parsed->texture}) dataset.classes.push_back(name);
      cues.push_back(std::move(*parsed));
      files.push_back(file);
    } else {
      others.add(listing.id(file));
    }
  }
  if (files.empty()) {
    throw UsageError(
        fmt::format("no image in '{}' is named SHAPE<n>-TEXTURE<n>, as cat7-elephant1.png (the first is '{}'): open it "
                    "as folder:{}",
                    path.string(), others.first, path.string()));
  }
  std::sort(dataset.classes.begin(), dataset.classes.end());
  dataset.classes.erase(std::unique(dataset.classes.begin(), dataset.classes.end()), dataset.classes.end());
  for (std::size_t i = 0; i < files.size(); ++i) {
    Item item{.id = std::string(listing.id(files[i])), .bytes = files[i].size};
    require_own_folder(item.id, cues[i], dataset.classes);
    item.shape_label = item.label = class_index(dataset.classes, cues[i].shape);
    item.texture_label = class_index(dataset.classes, cues[i].texture);
    dataset.items.push_back(std::move(item));
  }
  if (others.count > 0) {
    dataset.notes.push_back(
        others.note("image that is not named SHAPE<n>-TEXTURE<n>", "images that are not named SHAPE<n>-TEXTURE<n>"));
  }
  attach_files(dataset, std::move(listing), std::move(files), path, options);
  return dataset;
}

}  // namespace

extern const ReaderInfo geirhos_reader;
const ReaderInfo geirhos_reader = {
    .name = "geirhos",
    .summary =
        "cue-conflict stimuli SHAPE/SHAPE<n>-TEXTURE<n>.png, folder or tar; label = shape, both cues from the name",
    .recognise = recognise,
    .open = open,
};

}  // namespace cuebench
