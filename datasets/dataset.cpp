#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/datasets/file_source.hpp>

#include "byte_stream.hpp"
#include "tar_index.hpp"

namespace cuebench {
namespace {

const ReaderInfo* find_reader(std::string_view kind) {
  for (const auto* reader : registered_readers()) {
    if (reader->name == kind) return reader;
  }
  return nullptr;
}

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const auto* reader : registered_readers()) names.emplace_back(reader->name);
  std::sort(names.begin(), names.end());
  return names;
}

/// The kinds that read a path.
std::string joined_kinds() {
  std::string text;
  for (const auto& name : kinds()) {
    if (find_reader(name)->open) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

bool could_be_kind(std::string_view text) {
  return text.size() > 1 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

std::string describe_folder(const std::filesystem::path& path) {
  std::error_code failed;
  const std::filesystem::directory_iterator entries(path, failed);
  if (failed) throw UsageError(fmt::format("cannot read folder '{}': {}", path.string(), failed.message()));
  if (entries == std::filesystem::directory_iterator()) return "an empty folder";
  return "a folder in which no image was found";
}

/// @throws UsageError when the file cannot be read or is a damaged archive: that says more than "not recognised".
std::string describe_file(const std::filesystem::path& path) {
  ByteStream stream(path);
  std::array<std::byte, 512> head{};
  const std::size_t count = stream.read(head);
  const std::string_view text(reinterpret_cast<const char*>(head.data()), count);
  if (count == 0) return "an empty file";
  if (text.starts_with("PK\x03\x04")) return "a zip archive: unpack it, or pack it as tar";
  if (is_tar_header(head)) {
    ByteStream whole(path);
    read_tar_index(whole, nullptr);
    return "a tar archive in which no image was found";
  }
  if (stream.compressed()) return "a compressed file that holds neither a tar archive nor CIFAR records";
  const auto format = image_format(std::span(head).first(count));
  if (!format.empty()) return "a single " + std::string(format) + " image: give its folder";
  return "a file that is not an archive, CSV list or CIFAR binary";
}

std::string describe(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? describe_folder(path) : describe_file(path);
}

const ReaderInfo& recognise(const std::filesystem::path& path) {
  int best = 0;
  std::vector<const ReaderInfo*> found;
  for (const auto* reader : registered_readers()) {
    const int certainty = reader->recognise ? reader->recognise(path) : 0;
    if (certainty > best) found.clear();
    best = std::max(best, certainty);
    if (certainty > 0 && certainty == best) found.push_back(reader);
  }
  if (found.empty()) {
    throw UsageError(
        fmt::format("'{}' is no data set that is recognised ({}); name its kind as KIND:PATH with one of {}",
                    path.string(), describe(path), joined_kinds()));
  }
  if (found.size() > 1) {
    throw UsageError(fmt::format("'{}' could be {} or {}: write {}:{}", path.string(), found[0]->name, found[1]->name,
                                 found[0]->name, path.string()));
  }
  return *found.front();
}

/// The reader and the path, or parameters, that `source` names.
std::pair<const ReaderInfo*, std::string> resolve(std::string_view source) {
  const auto colon = source.find(':');
  const auto kind = source.substr(0, colon);
  std::error_code ignored;
  const bool exists = std::filesystem::exists(std::filesystem::path(source), ignored);
  if (const auto* reader = find_reader(kind); reader && (colon != source.npos || !exists)) {
    return {reader, std::string(colon == source.npos ? std::string_view() : source.substr(colon + 1))};
  }
  if (exists) return {&recognise(std::filesystem::path(source)), std::string(source)};
  if (colon != source.npos && could_be_kind(kind)) {
    throw UsageError(unknown_name_message("kind of data set", kind, kinds(), "known are " + joined_kinds()));
  }
  throw UsageError(
      fmt::format("data set '{}' not found: give the path of a folder or file, or KIND:PATH with one of {}", source,
                  joined_kinds()));
}

}  // namespace

Dataset open_dataset(std::string_view source, const OpenOptions& options) {
  const auto [reader, rest] = resolve(source);
  Dataset dataset;
  std::string where = rest;
  if (reader->make) {
    const std::string owner = fmt::format("data set {}", reader->name);
    const auto typed = rest.empty() ? NamedParameters{} : parse_named_parameters(owner, source);
    const Parameters parameters = resolve_parameters(owner, reader->parameters, typed.values);
    dataset = reader->make(parameters, options);
    where = parameters.canonical();
  } else {
    dataset = reader->open(rest, options);
  }
  if (dataset.items.empty()) throw UsageError(fmt::format("no image in data set '{}'", source));
  dataset.kind = reader->name;
  dataset.source = dataset.kind + ':' + where;
  return dataset;
}

std::vector<std::size_t> spread_items(std::size_t available, std::int64_t limit) {
  const std::size_t count = limit > 0 ? std::min(available, std::size_t(limit)) : available;
  std::vector<std::size_t> chosen(count);
  for (std::size_t i = 0; i < count; ++i) chosen[i] = i * available / count;
  return chosen;
}

}  // namespace cuebench
