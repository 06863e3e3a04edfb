#include "tar_index.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr std::int64_t kBlock = 512;
constexpr std::int64_t kMaxExtension = std::int64_t{1} << 20;  // bytes of one pax header or long name
constexpr std::int64_t kMaxSize = std::int64_t{1} << 60;       // sums of sizes stay far from overflow

using Block = std::array<char, kBlock>;

std::string_view field(std::string_view block, std::size_t offset, std::size_t length) {
  const auto text = block.substr(offset, length);
  return text.substr(0, text.find('\0'));
}

/// Octal digits with spaces around, or base 256 when the first bit is set; nothing when neither.
std::optional<std::int64_t> number(std::string_view raw) {
  if (!raw.empty() && (raw[0] & 0x80)) {
    std::int64_t value = static_cast<unsigned char>(raw[0]) & 0x3f;
    if (raw[0] & 0x40) return std::nullopt;  // negative
    for (const char c : raw.substr(1)) {
      if (value > kMaxSize >> 8) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
  }
  auto text = raw.substr(0, raw.find('\0'));
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return 0;  // all blank: old archives leave unused fields so
  text = text.substr(begin, text.find_last_not_of(' ') - begin + 1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool checksum_matches(std::string_view block) {
  const auto stated = number(block.substr(148, 8));
  std::int64_t as_unsigned = 0, as_signed = 0;  // some old programs summed signed characters
  for (std::size_t i = 0; i < block.size(); ++i) {
    const char c = i >= 148 && i < 156 ? ' ' : block[i];
    as_unsigned += static_cast<unsigned char>(c);
    as_signed += static_cast<signed char>(c);
  }
  return stated && (*stated == as_unsigned || *stated == as_signed);
}

std::string header_name(std::string_view block) {
  const std::string name(field(block, 0, 100));
  if (block.substr(257, 6) != std::string_view("ustar\0", 6)) return name;
  const bool is_star = block.substr(508, 4) == std::string_view("tar\0", 4);
  const auto prefix = field(block, 345, is_star ? 131 : 155);
  return prefix.empty() ? name : std::string(prefix) + "/" + name;
}

/// "a//./b/" -> "a/b". Nothing for a path that leaves its folder or names none.
std::optional<std::string> safe_path(std::string_view raw) {
  if (raw.starts_with('/') || raw.find('\0') != raw.npos) return std::nullopt;
  std::string path;
  while (!raw.empty()) {
    const auto part = raw.substr(0, raw.find('/'));
    raw.remove_prefix(std::min(raw.size(), part.size() + 1));
    if (part == "..") return std::nullopt;
    if (part.empty() || part == ".") continue;
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != path.npos;
}

std::string kind_of(char type) {
  switch (type) {
    case '1':
      return "hard link";
    case '2':
      return "symbolic link";
    case '3':
    case '4':
      return "device";
    case '6':
      return "named pipe";
    case 'S':
      return "sparse file";
    default:
      return "unknown entry";
  }
}

/// What the extension headers before a member say of it.
struct Overrides {
  std::optional<std::string> path;
  std::optional<std::int64_t> size;
  bool sparse = false;
};

class TarWalk {
 public:
  TarWalk(ByteStream& stream, ByteStore* store) : stream_(stream), store_(store) {}

  TarIndex run(const TarLimit& limit) {
    while (index_.files.size() < limit.files && stream_.position() < limit.bytes) {
      header_at_ = stream_.position();
      Block block;
      const std::size_t count = stream_.read(std::as_writable_bytes(std::span(block)));
      if (count == 0 && header_at_ > 0) return std::move(index_);
      if (count < block.size()) throw_truncated();
      const std::string_view text(block.data(), block.size());
      if (text.find_first_not_of('\0') == text.npos) {
        index_.has_end_marker = true;
        return std::move(index_);
      }
      if (!checksum_matches(text)) throw_damaged("no tar header");
      const auto size = number(text.substr(124, 12));
      if (!size || *size > kMaxSize) throw_damaged("the size of a member is no number");
      take(text, *size);
    }
    return std::move(index_);
  }

 private:
  void take(std::string_view block, std::int64_t size) {
    const char type = block[156];
    switch (type) {
      case 'x':
      case 'X':
        return take_pax(extension(size));
      case 'g':
        return static_cast<void>(extension(size));
      case 'L': {
        const std::string name = extension(size);
        next_.path = name.substr(0, name.find('\0'));
        return;
      }
      case 'K':
        return static_cast<void>(extension(size));
      default:
        break;
    }
    if (type == 'S') skip_sparse_map(block);
    const Overrides said = std::exchange(next_, {});
    const std::string raw = said.path ? *said.path : header_name(block);
    const bool is_file = type == '0' || type == '\0' || type == '7';
    const bool is_folder = type == '5' || (is_file && raw.ends_with('/'));
    // Links, devices and folders have no content, whatever their size field says.
    const bool has_content = !is_folder && !(type >= '1' && type <= '6');
    member(raw, type, is_file, is_folder, has_content ? said.size.value_or(size) : 0, said.sparse);
  }

  /// GNU's old sparse format puts the rest of the map in blocks of its own, which the size does not count.
  void skip_sparse_map(std::string_view block) {
    Block more;
    for (bool follows = block[482] != 0; follows; follows = more[504] != 0) {
      if (stream_.read(std::as_writable_bytes(std::span(more))) != more.size()) throw_truncated();
    }
  }

  void member(const std::string& raw, char type, bool is_file, bool is_folder, std::int64_t size, bool sparse) {
    const auto path = safe_path(raw);
    if (!path) {
      index_.ignored["unsafe path"].add(raw);
    } else if (is_folder && !path->empty() && !is_hidden(*path)) {
      index_.folders.push_back(*path);
    } else if (is_file && sparse) {
      index_.ignored[kind_of('S')].add(*path);
    } else if (is_file && !path->empty() && !is_hidden(*path)) {
      index_.files.push_back({*path, size, store_ ? store_->size() : stream_.position()});
      return store_ ? keep_content(size, *store_) : skip_content(size);
    } else if (!is_file && !is_folder) {
      index_.ignored[kind_of(type)].add(*path);
    }
    skip_content(size);
  }

  static std::int64_t padding(std::int64_t size) { return (kBlock - size % kBlock) % kBlock; }

  void skip_content(std::int64_t size) {
    if (!stream_.skip(size + padding(size))) throw_truncated();
  }

  void keep_content(std::int64_t size, ByteStore& store) {
    constexpr std::int64_t kPart = std::int64_t{1} << 18;
    buffer_.resize(std::size_t(kPart));
    for (std::int64_t left = size; left > 0; left -= std::min(left, kPart)) {
      const auto part = std::span(buffer_).first(std::size_t(std::min(left, kPart)));
      if (stream_.read(part) != part.size()) throw_truncated();
      store.append(part);
    }
    if (!stream_.skip(padding(size))) throw_truncated();
  }

  std::string extension(std::int64_t size) {
    if (size > kMaxExtension) throw_damaged("an extension header is too long");
    std::string text(std::size_t(size), '\0');
    if (stream_.read(std::as_writable_bytes(std::span(text))) != text.size()) throw_truncated();
    if (!stream_.skip(padding(size))) throw_truncated();
    return text;
  }

  /// Records of "LENGTH KEY=VALUE\n", where LENGTH counts the whole record.
  void take_pax(std::string_view records) {
    while (!records.empty() && records[0] != '\0') {
      std::size_t length = 0;
      const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
      const auto digits = std::size_t(end - records.data());
      const auto equals = records.find('=');
      if (error != std::errc() || length > records.size() || length < digits + 3 || records[digits] != ' ' ||
          equals >= length || equals <= digits || records[length - 1] != '\n') {
        throw_damaged("a pax header cannot be read");
      }
      const auto key = records.substr(digits + 1, equals - digits - 1);
      const auto value = records.substr(equals + 1, length - equals - 2);
      if (key == "path") next_.path = value;
      if (key == "size") next_.size = pax_size(value);
      if (key.starts_with("GNU.sparse.")) next_.sparse = true;
      records.remove_prefix(length);
    }
  }

  std::int64_t pax_size(std::string_view text) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || end != text.data() + text.size() || size < 0 || size > kMaxSize) {
      throw_damaged("the size of a member is no number");
    }
    return size;
  }

  [[noreturn]] void throw_truncated() const {
    throw UsageError(
        fmt::format("'{}' is cut short (it ends within the member at byte {}): fetch it again, or pack it again",
                    stream_.path().string(), header_at_));
  }
  [[noreturn]] void throw_damaged(const char* what) const {
    throw UsageError(fmt::format("'{}' is no tar archive or damaged ({} at byte {}): fetch it again, or pack it again",
                                 stream_.path().string(), what, header_at_));
  }

  ByteStream& stream_;
  ByteStore* store_;
  TarIndex index_;
  Overrides next_;
  std::vector<std::byte> buffer_;
  std::int64_t header_at_ = 0;
};

}  // namespace

bool is_tar_header(std::span<const std::byte> block) {
  if (block.size() < std::size_t(kBlock)) return false;
  const std::string_view text(reinterpret_cast<const char*>(block.data()), std::size_t(kBlock));
  return text[0] != '\0' && checksum_matches(text);
}

bool starts_as_tar(const std::filesystem::path& path) {
  ByteStream stream(path);
  std::array<std::byte, kBlock> head{};
  return stream.read(head) == head.size() && is_tar_header(head);
}

TarIndex read_tar_index(ByteStream& stream, ByteStore* store, const TarLimit& limit) {
  return TarWalk(stream, store).run(limit);
}

}  // namespace cuebench
