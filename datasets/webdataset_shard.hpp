#pragma once
// The samples of one tar file in the layout of the Python library webdataset.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "byte_store.hpp"
#include "left_out.hpp"

namespace cuebench {

/// A member's name at the first dot of its last part: "cat/a.seg.png" -> {"cat/a", "seg.png"}, the extension in lower
/// case. Nothing for a name that has no key or no extension; webdataset leaves such members out.
std::optional<std::pair<std::string, std::string>> split_sample_name(std::string_view path);

/// Bytes of a member: in the tar file itself, or in the store of decompressed ones.
struct ShardMember {
  std::int64_t offset = 0, size = 0;
};

struct ShardSample {
  std::string key;
  std::string image_extension;  ///< "" where the sample has no image
  ShardMember image;
  std::optional<ShardMember> mask, cls, json;
};

struct Shard {
  std::filesystem::path path;
  bool compressed = false;
  std::vector<ShardSample> samples;  ///< in the order of their first members
  LeftOut others;                    ///< members that the reader does not know
  std::vector<std::string> notes;
};

/// Members of one key make one sample, adjacent or not. Of two images in a sample the first counts, of two members of
/// one name the last. The contents of a compressed file are appended to `decompressed`.
/// @throws UsageError as open_file_source.
Shard read_shard(const std::filesystem::path& path, ByteStore& decompressed);

}  // namespace cuebench
