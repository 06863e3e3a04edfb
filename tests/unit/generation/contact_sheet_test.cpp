#include "../../../src/generation/contact_sheet.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <cuebench/transforms/transform.hpp>

#include "../../../src/generation/short_names.hpp"

namespace cuebench {
namespace {

Image filled(int height, int width, std::uint8_t value) {
  Image image(height, width);
  std::fill(image.pixels.begin(), image.pixels.end(), value);
  return image;
}

std::ptrdiff_t count(const Image& sheet, std::uint8_t value) {
  return std::count(sheet.pixels.begin(), sheet.pixels.end(), value);
}

TEST(ContactSheet, ShowsEveryCellWhole) {
  // 3 and 7 occur in no text or frame: those are dark to white grey from 32 on.
  const Image sheet = draw_contact_sheet(
      {"clean", "edges"},
      {{"cat", "a.png", {filled(40, 160, 3), filled(160, 10, 7)}}, {"dog", "b.png", {filled(1, 1, 3), Image()}}});
  EXPECT_EQ(count(sheet, 3), (40 * 160 + 1) * 3);
  EXPECT_EQ(count(sheet, 7), 160 * 10 * 3);
  EXPECT_GE(sheet.width, 160 + 10);
}

TEST(ContactSheet, WrapsLongHeadingsInsteadOfWideningColumns) {
  const std::vector<SheetRow> rows = {{"", "", {filled(100, 160, 3)}}};
  const Image plain = draw_contact_sheet({"clean"}, rows);
  const Image wrapped = draw_contact_sheet({"saturate p=8 + patch_shuffle allow_identity=yes k=2 layout=atcnn"}, rows);
  const Image unbroken = draw_contact_sheet({std::string(200, 'W')}, rows);
  EXPECT_EQ(wrapped.width, plain.width);
  EXPECT_EQ(unbroken.width, plain.width);
  EXPECT_GT(wrapped.height, plain.height);
  EXPECT_GT(unbroken.height, wrapped.height);
}

TEST(ContactSheet, TakesAnyText) {
  const std::vector<SheetRow> rows = {{"\xe7\x8c\xab \x01\xff", std::string(1000, ' '), {filled(5, 5, 3)}}};
  EXPECT_FALSE(draw_contact_sheet({""}, rows).empty());
}

TEST(ShortNames, SayWhatIsNotDefaultOrDiffers) {
  const auto names = [](std::vector<std::string> variants) {
    for (auto& text : variants) text = canonical_variant(text);
    return short_names(variants);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"clean", "grayscale", "patch_shuffle"}), (Names{"clean", "grayscale", "patch_shuffle"}));
  EXPECT_EQ(names({"patch_shuffle", "patch_shuffle:k=2"}), (Names{"patch_shuffle k=4", "patch_shuffle k=2"}));
  EXPECT_EQ(names({"patch_shuffle:layout=atcnn+grayscale"}), (Names{"patch_shuffle layout=atcnn + grayscale"}));
}

}  // namespace
}  // namespace cuebench
