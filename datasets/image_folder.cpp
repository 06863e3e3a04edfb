// One folder a class, as torchvision's ImageFolder reads it: class index = place of the folder's name in text order.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <cuebench/datasets/dataset.hpp>

#include "image_listing.hpp"
#include "left_out.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kPeekedFiles = 1024;

int recognise(const std::filesystem::path& path) {
  const auto files = peek_file_paths(path, kPeekedFiles);
  return std::any_of(files.begin(), files.end(), [](const auto& file) { return has_image_extension(file); });
}

std::vector<std::string> class_folders(const ImageListing& listing) {
  std::vector<std::string> classes;
  for (const auto& folder : listing.source.folders) {
    if (!folder.starts_with(listing.root) || folder.size() <= listing.root.size()) continue;
    if (folder.find('/', listing.root.size()) == folder.npos) classes.push_back(folder.substr(listing.root.size()));
  }
  std::sort(classes.begin(), classes.end());
  return classes;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Numbered folders (0, 1, 10, 2) whose text order is not their numerical order.
bool are_numbers_out_of_order(const std::vector<std::string>& classes) {
  if (!std::all_of(classes.begin(), classes.end(), is_number)) return false;
  const auto value = [](const std::string& text) {
    const auto digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
    return std::pair(digits.size(), digits);  // compares as the number does, however long
  };
  return !std::is_sorted(classes.begin(), classes.end(),
                         [&](const auto& a, const auto& b) { return value(a) < value(b); });
}

std::string listed(const std::vector<std::string>& names, std::size_t most = 5) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) text += (i ? ", " : "") + names[i];
  return names.size() > most ? text + ", ..." : text;
}

void note_class_names(Dataset& dataset) {
  const auto& classes = dataset.classes;
  if (are_numbers_out_of_order(classes)) {
    dataset.notes.push_back(
        fmt::format("The class folders are numbers in text order ({}), so class 2 is not folder 2: pad the names with "
                    "zeros, or give a list: CSV with indices.",
                    listed(classes)));
  }
  const auto is_split = [](const std::string& name) {
    return name == "train" || name == "val" || name == "valid" || name == "validation" || name == "test";
  };
  if (!classes.empty() && std::all_of(classes.begin(), classes.end(), is_split)) {
    dataset.notes.push_back(fmt::format(
        "The classes are named {}, which looks like the parts of a data set: open one of these folders instead.",
        listed(classes)));
  }
  std::vector<std::size_t> counts(classes.size());
  for (const auto& item : dataset.items) {
    if (item.label >= 0) ++counts[std::size_t(item.label)];
  }
  std::vector<std::string> empty;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) empty.push_back(classes[i]);
  }
  if (!empty.empty()) {
    dataset.notes.push_back(
        fmt::format("Class folders without an image keep their class index: {} ({}).", empty.size(), listed(empty)));
  }
}

Dataset open(const std::filesystem::path& path, const OpenOptions& options) {
  ImageListing listing = list_images(path);
  Dataset dataset;
  const bool is_flat = std::all_of(listing.images.begin(), listing.images.end(), [&](const SourceFile& file) {
    return listing.id(file).find('/') == std::string_view::npos;
  });
  if (!is_flat) dataset.classes = class_folders(listing);

  std::vector<SourceFile> files;
  LeftOut without_class;
  for (const auto& file : listing.images) {
    const std::string_view id = listing.id(file);
    Item item{.id = std::string(id), .bytes = file.size};
    if (!is_flat) {
      const auto slash = id.find('/');
      if (slash == id.npos) {
        without_class.add(id);
        continue;
      }
      const auto found = std::lower_bound(dataset.classes.begin(), dataset.classes.end(), id.substr(0, slash));
      item.label = int(found - dataset.classes.begin());
    }
    dataset.items.push_back(std::move(item));
    files.push_back(file);
  }
  if (is_flat) {
    dataset.notes.push_back(
        "The images lie in one folder without class folders, so they have no labels: for accuracy, "
        "put each class in a folder of its own or give a list: CSV.");
  }
  if (without_class.count > 0) {
    dataset.notes.push_back(without_class.note("image beside the class folders", "images beside the class folders"));
  }
  note_class_names(dataset);
  attach_files(dataset, std::move(listing), std::move(files), path, options);
  return dataset;
}

}  // namespace

extern const ReaderInfo image_folder_reader;
const ReaderInfo image_folder_reader = {
    .name = "folder",
    .summary =
        "folder or tar of CLASS/NAME.jpg (png, bmp, tif, webp, ...); classes in text order, as torchvision's "
        "ImageFolder",
    .recognise = recognise,
    .open = open,
};

}  // namespace cuebench
