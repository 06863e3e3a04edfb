// A CSV file that names the images: path,label[,shape,texture][,mask], paths relative to the CSV's folder.

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "byte_store.hpp"
#include "listing_digest.hpp"
#include "masks.hpp"

namespace cuebench {
namespace {

constexpr int kMaxClassIndex = 999'999;

struct Columns {
  int path = -1, label = -1, shape = -1, texture = -1, mask = -1;
};

Columns find_columns(const CsvTable& table, const std::string& source) {
  const Columns columns{table.column("path"), table.column("label"), table.column("shape"), table.column("texture"),
                        table.column("mask")};
  if (columns.path < 0 || columns.label < 0) {
    throw UsageError(
        fmt::format("the first line of '{}' does not name the columns 'path' and 'label': begin it with "
                    "path,label[,shape,texture][,mask]",
                    source));
  }
  if ((columns.shape < 0) != (columns.texture < 0)) {
    throw UsageError(fmt::format("'{}' has a column '{}' without '{}': cue labels need both", source,
                                 columns.shape < 0 ? "texture" : "shape", columns.shape < 0 ? "shape" : "texture"));
  }
  return columns;
}

std::string at_line(const std::string& source, const CsvTable::Row& row) {
  return source + ", line " + std::to_string(row.line);
}

bool is_integer(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Turns the texts of all label columns into class indices: as they are when every one is an integer, else places in
/// the sorted names.
class LabelReader {
 public:
  LabelReader(const CsvTable& table, const Columns& columns, std::string source) : source_(std::move(source)) {
    for (const int column : {columns.label, columns.shape, columns.texture}) {
      if (column < 0) continue;
      for (const auto& row : table.rows) {
        if (const auto& text = row.fields[std::size_t(column)]; !text.empty()) classes_.push_back(text);
      }
    }
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    are_indices_ = std::all_of(classes_.begin(), classes_.end(), is_integer);
  }

  /// -1 for an empty field.
  int operator()(const CsvTable::Row& row, int column) {
    const auto& text = row.fields[std::size_t(column)];
    if (text.empty()) return -1;
    if (!are_indices_) return int(std::lower_bound(classes_.begin(), classes_.end(), text) - classes_.begin());
    int index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc() || index > kMaxClassIndex) {
      throw UsageError(fmt::format("{}: label {} is no class index from 0 to {}; write names instead",
                                   at_line(source_, row), text, kMaxClassIndex));
    }
    largest_ = std::max(largest_, index);
    return index;
  }

  std::vector<std::string> classes() && {
    if (!are_indices_) return std::move(classes_);
    std::vector<std::string> numbers;
    for (int i = 0; i <= largest_; ++i) numbers.push_back(std::to_string(i));
    return numbers;
  }

 private:
  std::string source_;
  std::vector<std::string> classes_;
  bool are_indices_ = false;
  int largest_ = -1;
};

std::string id_of(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().generic_string();
}

std::int64_t size_or_zero(const std::filesystem::path& path, bool& is_missing) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  is_missing = bool(failed);
  return failed ? 0 : std::int64_t(size);
}

void read_items(Dataset& dataset, const CsvTable& table, const Columns& columns, const std::filesystem::path& path) {
  const std::string source = path.string();
  LabelReader label(table, columns, source);
  std::unordered_map<std::string, std::size_t> lines;
  std::size_t missing = 0;
  std::string first_missing;
  for (const auto& row : table.rows) {
    const auto& name = row.fields[std::size_t(columns.path)];
    if (name.empty() || name.find('\0') != name.npos) {
      throw UsageError(
          fmt::format("{}: the path is empty or holds a zero byte; every row names an image", at_line(source, row)));
    }
    Item item{.id = id_of(name), .label = label(row, columns.label)};
    if (dataset.has_cues) {
      item.shape_label = label(row, columns.shape);
      item.texture_label = label(row, columns.texture);
    }
    if (const auto [earlier, is_new] = lines.emplace(item.id, row.line); !is_new) {
      throw UsageError(fmt::format("{}: '{}' is listed already on line {}; keep one of the two rows",
                                   at_line(source, row), item.id, earlier->second));
    }
    bool is_missing = false;
    item.bytes = size_or_zero(path.parent_path() / item.id, is_missing);
    if (is_missing && missing++ == 0) first_missing = item.id;
    dataset.items.push_back(std::move(item));
  }
  dataset.classes = std::move(label).classes();
  if (missing > 0) {
    dataset.notes.push_back(fmt::format("Listed files that are not there: {} of {} (first: {}).", missing,
                                        table.rows.size(), first_missing));
  }
}

/// Masks of the column `mask`; an empty field means none.
void use_mask_column(Dataset& dataset, const CsvTable& table, int column, const std::filesystem::path& folder,
                     const DecodeOptions& decode) {
  std::vector<std::string> paths;
  for (const auto& row : table.rows) paths.push_back(row.fields[std::size_t(column)]);
  const auto masks = std::make_shared<const std::vector<std::string>>(std::move(paths));
  dataset.load_mask = [masks, folder, decode](std::size_t index) -> std::optional<Plane> {
    const auto& mask = masks->at(index);
    if (mask.empty()) return std::nullopt;
    try {
      return decode_plane(read_image_file(folder / mask), decode);
    } catch (const ImageError& error) {
      throw ImageError(fmt::format("mask: {}", error.what()));
    }
  };
}

Dataset open(const std::filesystem::path& path, const OpenOptions& options) {
  const CsvTable table = parse_csv(read_text_file(path), path.string());
  const Columns columns = find_columns(table, path.string());
  if (table.rows.empty()) throw UsageError(fmt::format("'{}' lists no image: add a row for each one", path.string()));
  Dataset dataset;
  dataset.has_cues = columns.shape >= 0;
  read_items(dataset, table, columns, path);
  dataset.digest = listing_digest(dataset);
  dataset.load_mask = no_masks();
  if (columns.mask >= 0) {
    use_mask_column(dataset, table, columns.mask, path.parent_path(), options.decode);
  } else if (!options.masks.empty()) {
    attach_masks(dataset, options.masks, options.decode);
  }
  std::vector<std::string> ids;
  for (const auto& item : dataset.items) ids.push_back(item.id);
  const auto shared = std::make_shared<const std::vector<std::string>>(std::move(ids));
  dataset.load_image = [shared, folder = path.parent_path(), decode = options.decode](std::size_t index) {
    return decode_image(read_image_file(folder / shared->at(index)), decode);
  };
  return dataset;
}

/// Certain when the first line names the columns; possible for another .csv file, so that opening it says what is
/// wrong.
int recognise(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return 0;
  std::ifstream file(path, std::ios::binary);
  std::string line(4096, '\0');
  file.read(line.data(), std::streamsize(line.size()));
  line.resize(std::size_t(file.gcount()));
  if (const auto end = line.find_first_of("\r\n"); end != line.npos) line.resize(end);
  try {
    const CsvTable table = parse_csv(line, path.string());
    if (table.column("path") >= 0 && table.column("label") >= 0) return 2;
  } catch (const UsageError&) {
    return 0;
  }
  return path.extension() == ".csv" ? 1 : 0;
}

}  // namespace

extern const ReaderInfo image_list_reader;
const ReaderInfo image_list_reader = {
    .name = "list",
    .summary =
        "CSV path,label[,shape,texture][,mask], paths relative to it; labels are names, or class indices if all are "
        "integers",
    .recognise = recognise,
    .open = open,
};

}  // namespace cuebench
