#pragma once
// Small files and archives that the tests of the data set readers make for themselves.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench::test {

/// Writes a file and the folders above it.
void write_file(const std::filesystem::path& path, std::string_view content);

std::string text_of(std::span<const std::byte> bytes);

/// A 1x1 binary PPM of one colour: a whole image in 14 bytes.
std::string ppm(std::uint8_t red, std::uint8_t green = 0, std::uint8_t blue = 0);

/// A binary PGM, `width` x `height`, of one grey level.
std::string pgm(int width, int height, std::uint8_t grey);

struct Member {
  std::string path;
  std::string content;
  enum class Type { file, folder, symbolic_link, hard_link, device } type = Type::file;
  /// Where a link leads.
  std::string target = {};
};

enum class TarFormat { ustar, pax, gnu, v7 };
enum class Compression { none, gzip, xz, bzip2, zstd };

/// Writes the members with libarchive, in the order given.
void write_tar(const std::filesystem::path& path, const std::vector<Member>& members,
               TarFormat format = TarFormat::ustar, Compression compression = Compression::none);

/// Writes one file compressed, without an archive around it.
void write_compressed(const std::filesystem::path& path, std::string_view content, Compression compression);

/// The message of the UsageError that `action` throws; "" when it throws none.
template <typename Error, typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace cuebench::test
