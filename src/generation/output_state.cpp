#include "output_state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

using nlohmann::json;

constexpr const char* kState = ".cuebench";
constexpr const char* kIdentity = "generation.json";
/// The last row of a block's record: without it, something cut the record short.
constexpr const char* kEnd = "end";
const std::vector<std::string> kColumns = {"kind", "text", "number", "sha256"};

std::filesystem::path identity_file(const std::filesystem::path& folder) {
  return folder / kState / kIdentity;
}

json read_identity(const std::filesystem::path& folder) {
  const auto file = identity_file(folder);
  json identity = json::parse(read_text_file(file), nullptr, false);
  if (!identity.is_object())
    throw UsageError(fmt::format("'{}' is damaged: start the folder afresh with --overwrite", file.string()));
  return identity;
}

/// A short form of a value for a message.
std::string shown(const json& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = value.is_null() ? "nothing" : value.dump();
  return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

void require_same_identity(const std::filesystem::path& folder, const json& before, const nlohmann::ordered_json& now) {
  if (before == json(now)) return;
  std::string difference;
  for (const auto& [key, value] : now.items()) {
    const json there = before.value(key, json());
    if (difference.empty() && there != json(value))
      difference = fmt::format("{} is {} there and {} now", key, shown(there), shown(value));
  }
  if (difference.empty()) difference = "another version wrote it";
  throw UsageError(
      fmt::format("'{}' holds the images of another configuration ({}): choose another folder with --out, or start it "
                  "afresh with --overwrite",
                  folder.string(), difference));
}

void require_no_foreign_files(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".")) continue;
    throw UsageError(
        fmt::format("'{}' holds other files ('{}'): choose an empty folder with --out, or write among them with "
                    "--overwrite",
                    folder.string(), name));
  }
}

/// Removes what a former request wrote: the folders that its state names, the tables, the state.
void remove_output(const std::filesystem::path& folder) {
  std::error_code ignored;
  const json identity = json::parse(read_text_file(identity_file(folder)), nullptr, false);
  if (identity.is_object() && identity.contains("folders") && identity["folders"].is_array()) {
    for (const auto& name : identity["folders"]) {
      const std::filesystem::path part = name.is_string() ? name.get<std::string>() : "";
      // The state is a file that anyone may have edited: only plain names directly below the folder are removed.
      if (!part.empty() && part == part.filename() && part != "." && part != "..")
        std::filesystem::remove_all(folder / part, ignored);
    }
  }
  for (const char* file : {"items.csv", "bad_images.csv", "manifest.json"})
    std::filesystem::remove(folder / file, ignored);
  std::filesystem::remove_all(folder / kState, ignored);
}

bool is_complete(const std::filesystem::path& file, std::uintmax_t size) {
  std::error_code failed;
  const auto found = std::filesystem::file_size(file, failed);
  return !failed && found == size;
}

}  // namespace

OutputState OutputState::open(const std::filesystem::path& folder, const std::string& identity, bool overwrite) {
  require_writable_folder(folder);
  std::error_code ignored;
  const auto exists = [&] { return std::filesystem::exists(identity_file(folder), ignored); };
  if (overwrite && exists()) remove_output(folder);
  if (exists()) {
    require_same_identity(folder, read_identity(folder), nlohmann::ordered_json::parse(identity));
  } else {
    if (!overwrite) require_no_foreign_files(folder);
    std::filesystem::create_directories(folder / kState);
    write_file_atomically(identity_file(folder), identity + "\n");
  }
  for (const auto& place : {folder, folder / kState}) remove_abandoned_parts(place);
  return OutputState(folder);
}

std::filesystem::path OutputState::block_file(std::int64_t block) const {
  return folder_ / kState / fmt::format("block-{:07}.csv", block);
}

std::optional<FinishedBlock> OutputState::finished(std::int64_t block) const {
  std::error_code ignored;
  const auto file = block_file(block);
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  FinishedBlock content;
  bool whole = false;
  try {
    const CsvTable table = parse_csv(read_text_file(file), file.string());
    if (table.header != kColumns) return std::nullopt;
    for (const auto& [line, fields] : table.rows) {
      const std::string &kind = fields[0], &text = fields[1];
      whole = kind == kEnd;
      if (kind == "items") content.item_lines = text;
      if (kind == "bad") {
        content.bad_lines = text;
        content.bad_images = parse_integer(file.string(), fields[2]);
      }
      if (kind == "file") {
        const auto size = std::uintmax_t(parse_integer(file.string(), fields[2]));
        if (!is_complete(folder_ / text, size)) return std::nullopt;
        content.files.push_back({text, size, fields[3]});
      }
    }
  } catch (const UsageError&) {
    return std::nullopt;  // a damaged record: the block is made again
  }
  if (!whole) return std::nullopt;
  return content;
}

void OutputState::finish(std::int64_t block, const FinishedBlock& content) const {
  std::string text = fmt::format("kind,text,number,sha256\nitems,{},,\nbad,{},{},\n", csv_field(content.item_lines),
                                 csv_field(content.bad_lines), content.bad_images);
  for (const auto& [path, size, sha256] : content.files)
    text += fmt::format("file,{},{},{}\n", csv_field(path), size, sha256);
  text += fmt::format("{},,,\n", kEnd);
  write_file_atomically(block_file(block), text);
}

}  // namespace cuebench
