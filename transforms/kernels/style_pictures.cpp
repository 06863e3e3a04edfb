#include "style_pictures.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <span>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/resize.hpp>

#include "mat_view.hpp"
#include "procedural_textures.hpp"

namespace cuebench {
namespace {

constexpr int kVariations = 4;
constexpr std::size_t kMostPictures = 256;
/// Side at which pictures are kept; textures are made from at most this many pixels.
constexpr int kStoredSide = 256;

bool has_image_extension(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 7> kExtensions = {".jpg", ".jpeg", ".png", ".webp",
                                                                  ".bmp", ".tif",  ".tiff"};
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

/// Every n-th name, so that a sorted collection stays represented from end to end.
std::vector<std::string> thinned(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  if (names.size() <= kMostPictures) return names;
  std::vector<std::string> some;
  for (std::size_t i = 0; i < kMostPictures; ++i) some.push_back(names[i * names.size() / kMostPictures]);
  return some;
}

StylePicture picture_from(const std::string& name, std::span<const std::byte> bytes,
                          const std::filesystem::path& where) {
  try {
    const Image image = decode_image(bytes);
    const int side = std::min(image.height, image.width);
    const Image square = crop(image, {(image.height - side) / 2, (image.width - side) / 2, side, side});
    auto stored = std::make_shared<const Image>(resize(square, kStoredSide, kStoredSide, Resampling::bilinear));
    return {name, [stored](int wanted, double) {
              const Image small =
                  wanted == kStoredSide ? *stored : resize(*stored, wanted, wanted, Resampling::bilinear);
              cv::Mat3f pixels;
              view(small).convertTo(pixels, CV_32F);
              return pixels;
            }};
  } catch (const ImageError& error) {
    throw UsageError(fmt::format("style picture '{}' in {} cannot be used ({}): remove it or replace it", name,
                                 where.string(), error.what()));
  }
}

std::vector<StylePicture> read_folder(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && has_image_extension(entry.path()))
      names.push_back(entry.path().lexically_relative(folder).generic_string());
  std::vector<StylePicture> pictures;
  for (const std::string& name : thinned(std::move(names)))
    pictures.push_back(picture_from(name, read_file(folder / name), folder));
  return pictures;
}

/// Calls `visit(name, reader)` for every picture in the archive; the reader stands at the member's content.
template <typename Visit>
void for_each_picture(const std::filesystem::path& path, Visit visit) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_tar(reader.get());
  const auto check = [&](int status) {
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN || status == ARCHIVE_EOF) return;
    throw UsageError(
        fmt::format("styles '{}' cannot be read as a tar archive ({}): give a folder or a tar file of "
                    "pictures",
                    path.string(), archive_error_string(reader.get())));
  };
  check(archive_read_open_filename(reader.get(), path.c_str(), 1 << 16));
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while (check(status = archive_read_next_header(reader.get(), &entry)), status != ARCHIVE_EOF) {
    const char* name = archive_entry_pathname(entry);
    if (name && archive_entry_filetype(entry) == AE_IFREG && has_image_extension(name))
      visit(name, reader.get(), check);
  }
}

std::vector<StylePicture> read_tar(const std::filesystem::path& path) {
  std::vector<std::string> names;
  for_each_picture(path, [&](const char* name, archive*, const auto&) { names.emplace_back(name); });
  names = thinned(std::move(names));
  const std::set<std::string> wanted(names.begin(), names.end());
  std::map<std::string, StylePicture> found;
  for_each_picture(path, [&](const char* name, archive* reader, const auto& check) {
    if (!wanted.contains(name)) return;
    std::vector<std::byte> bytes;
    std::array<std::byte, 1 << 16> block;
    for (la_ssize_t count; (count = archive_read_data(reader, block.data(), block.size())) != 0;) {
      if (count < 0) check(ARCHIVE_FATAL);
      bytes.insert(bytes.end(), block.begin(), block.begin() + count);
    }
    found.insert_or_assign(name, picture_from(name, bytes, path));
  });
  std::vector<StylePicture> pictures;
  for (auto& [name, picture] : found) pictures.push_back(std::move(picture));
  return pictures;
}

}  // namespace

std::vector<StylePicture> procedural_style_pictures() {
  std::vector<StylePicture> pictures;
  for (const std::string_view kind : procedural_texture_kinds())
    for (int variation = 0; variation < kVariations; ++variation)
      pictures.push_back({fmt::format("{}-{}", kind, variation), [kind, variation](int side, double grain) {
                            return procedural_texture(kind, variation, side, grain);
                          }});
  return pictures;
}

std::vector<StylePicture> read_style_pictures(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    throw UsageError(fmt::format("styles '{}' do not exist: give a folder or a tar file of pictures", path.string()));
  auto pictures = std::filesystem::is_directory(path) ? read_folder(path) : read_tar(path);
  if (pictures.empty())
    throw UsageError(
        fmt::format("styles '{}' hold no picture (jpg, png, webp, bmp, tif): give a folder or a tar file "
                    "of pictures",
                    path.string()));
  return pictures;
}

}  // namespace cuebench
