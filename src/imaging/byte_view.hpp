#pragma once
// Bounds-checked reading of numbers from a file in memory.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <cuebench/imaging/decode.hpp>

namespace cuebench {

enum class ByteOrder { little, big };

/// A view of bytes; reading past its end is an ImageError("truncated").
class ByteView {
 public:
  ByteView() = default;
  explicit ByteView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  explicit ByteView(std::span<const std::byte> bytes)
      : bytes_(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) {}

  std::size_t size() const { return bytes_.size(); }
  const std::uint8_t* data() const { return bytes_.data(); }

  std::uint8_t u8(std::size_t at) const { return range(at, 1)[0]; }
  std::uint32_t u16(std::size_t at, ByteOrder order) const {
    const auto b = range(at, 2);
    return order == ByteOrder::big ? std::uint32_t(b[0] << 8 | b[1]) : std::uint32_t(b[1] << 8 | b[0]);
  }
  std::uint32_t u32(std::size_t at, ByteOrder order) const {
    const std::uint32_t first = u16(at, order), second = u16(at + 2, order);
    return order == ByteOrder::big ? first << 16 | second : second << 16 | first;
  }
  std::int32_t i32(std::size_t at, ByteOrder order) const { return static_cast<std::int32_t>(u32(at, order)); }

  ByteView slice(std::size_t at, std::size_t length) const { return ByteView(range(at, length)); }
  ByteView from(std::size_t at) const { return slice(at, at <= size() ? size() - at : 0); }

  /// False also where the view is too short.
  bool has(std::size_t at, std::string_view text) const {
    if (at > size() || size() - at < text.size()) return false;
    return std::string_view(reinterpret_cast<const char*>(data()) + at, text.size()) == text;
  }

 private:
  std::span<const std::uint8_t> range(std::size_t at, std::size_t length) const {
    if (at > size() || size() - at < length) throw ImageError("truncated");
    return bytes_.subspan(at, length);
  }

  std::span<const std::uint8_t> bytes_;
};

}  // namespace cuebench
