#include "webdataset_shard.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include <cuebench/datasets/file_source.hpp>

#include "byte_stream.hpp"
#include "tar_index.hpp"

namespace cuebench {
namespace {

void take_image(ShardSample& sample, const std::string& extension, const ShardMember& member, LeftOut& others,
                std::string_view path) {
  if (!sample.image_extension.empty() && sample.image_extension != extension) return others.add(path);
  sample.image_extension = extension;
  sample.image = member;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> split_sample_name(std::string_view path) {
  const auto base = path.rfind('/') + 1;  // npos + 1 == 0
  const auto dot = path.find('.', base);
  if (dot == path.npos || dot == base || dot + 1 == path.size()) return std::nullopt;
  std::string extension(path.substr(dot + 1));
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return std::pair(std::string(path.substr(0, dot)), std::move(extension));
}

Shard read_shard(const std::filesystem::path& path, ByteStore& decompressed) {
  ByteStream stream(path);
  Shard shard;
  shard.path = path;
  shard.compressed = stream.compressed();
  const TarIndex index = read_tar_index(stream, shard.compressed ? &decompressed : nullptr);
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& file : index.files) {
    auto name = split_sample_name(file.path);
    if (!name) {
      shard.others.add(file.path);
      continue;
    }
    const auto& [key, extension] = *name;
    const bool is_image = extension.find('.') == extension.npos && has_image_extension('.' + extension);
    if (!is_image && extension != "cls" && extension != "json" && extension != "mask.png") {
      shard.others.add(file.path);
      continue;
    }
    const auto [place, is_new] = places.emplace(key, shard.samples.size());
    if (is_new) shard.samples.emplace_back().key = key;
    ShardSample& sample = shard.samples[place->second];
    const ShardMember member{file.offset, file.size};
    if (is_image) take_image(sample, extension, member, shard.others, file.path);
    if (extension == "mask.png") sample.mask = member;
    if (extension == "cls") sample.cls = member;
    if (extension == "json") sample.json = member;
  }
  for (const auto& [kind, ignored] : index.ignored)
    shard.notes.push_back(ignored.note(kind, kind == "unknown entry" ? "unknown entries" : kind + "s"));
  if (!index.has_end_marker)
    shard.notes.push_back(
        fmt::format("'{}' ends without the end mark of a tar archive: it may be cut short.", path.string()));
  return shard;
}

}  // namespace cuebench
