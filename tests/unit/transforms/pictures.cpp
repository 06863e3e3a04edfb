#include "pictures.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

#include <cuebench/core/random.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/preset.hpp>

namespace cuebench::test {

Image drawn_picture(int height, int width, std::uint64_t seed) {
  RandomStream random(seed, "drawn", "test picture");
  const double cy = height * (0.3 + 0.4 * random.uniform()), cx = width * (0.3 + 0.4 * random.uniform());
  const double radius = 0.25 * std::min(height, width) + 0.5;
  Image image(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const bool inside = std::hypot(y - cy, x - cx) < radius;
      const double noise = 24 * random.uniform();
      const double value[3] = {inside ? 200. : 40. + 80. * x / width, inside ? 60. : 90. + 60. * y / height,
                               inside ? 90. : 150.};
      for (int c = 0; c < 3; ++c) image.row(y)[3 * x + c] = static_cast<std::uint8_t>(value[c] + noise);
    }
  return image;
}

Image noise_picture(int height, int width, std::uint64_t seed) {
  RandomStream random(seed, "noise", "test picture");
  Image image(height, width);
  for (auto& value : image.pixels) value = static_cast<std::uint8_t>(random.below(256));
  return image;
}

void for_each_member(const std::filesystem::path& tar, const std::string& ending,
                     const std::function<void(const std::string&, const std::vector<std::byte>&)>& visit) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), tar.c_str(), 1 << 16) != ARCHIVE_OK)
    throw std::runtime_error("cannot open " + tar.string());
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    const std::string name = archive_entry_pathname(entry);
    if (!name.ends_with(ending)) continue;
    std::vector<std::byte> content(static_cast<std::size_t>(archive_entry_size(entry)));
    if (archive_read_data(reader.get(), content.data(), content.size()) != static_cast<la_ssize_t>(content.size()))
      throw std::runtime_error("cannot read " + name);
    visit(name, content);
  }
}

std::vector<Image> photographs(const std::filesystem::path& tar, int step) {
  const Preset preset = parse_preset("imagenet");
  std::vector<Image> images;
  int index = 0;
  for_each_member(tar, ".JPEG", [&](const std::string&, const std::vector<std::byte>& content) {
    if (index++ % step == 0) images.push_back(apply_preset(preset, decode_image(content)));
  });
  return images;
}

}  // namespace cuebench::test
