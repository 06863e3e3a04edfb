#include "frost_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <opencv2/imgproc.hpp>

#include "mat_view.hpp"
#include "plasma_fractal.hpp"
#include "random_fields.hpp"

namespace cuebench {
namespace {

constexpr double kSixty = std::numbers::pi / 3;

/// Draws into `canvas`, where brighter is more ice.
struct Crystals {
  cv::Mat1b canvas;
  RandomStream& random;

  double between(double low, double high) { return low + (high - low) * random.uniform(); }

  void line(cv::Point2d from, cv::Point2d to, double brightness, int thickness) {
    constexpr int kShift = 4;  // sixteenths of a pixel
    const auto fixed = [](double v) { return static_cast<int>(std::lround(v * (1 << kShift))); };
    cv::line(canvas, {fixed(from.x), fixed(from.y)}, {fixed(to.x), fixed(to.y)}, cv::Scalar(255 * brightness),
             thickness, cv::LINE_AA, kShift);
  }

  /// A stem that bends a little, with branches on both sides that get shorter towards the tip.
  void feather(cv::Point2d at, double angle, double length, int depth, double brightness) {
    const double bend = between(-0.25, 0.25) / std::max(length, 1.0);
    const double spacing = between(3.5, 6.5);
    for (double done = 0; done < length; done += spacing) {
      const cv::Point2d next = at + spacing * cv::Point2d(std::cos(angle), std::sin(angle));
      line(at, next, brightness, depth > 1 && done < length / 2 ? 2 : 1);
      at = next;
      angle += bend * spacing;
      if (depth == 0) continue;
      const double branch = (length - done) * between(0.25, 0.5);
      if (branch < spacing) continue;
      for (const double side : {-kSixty, kSixty})
        if (random.uniform() < 0.8) feather(at, angle + side, branch, depth - 1, brightness * between(0.7, 0.95));
    }
  }
};

/// 0 where the ice is thin, 1 where it is thick.
cv::Mat1f clouds(RandomStream& random, double decay) {
  return plasma_fractal(kFrostSide, decay, uniform_field(random, plasma_draws(kFrostSide)));
}

Image frost_picture(int number) {
  RandomStream random(0, std::to_string(number), "frost picture");
  Crystals crystals{cv::Mat1b(kFrostSide, kFrostSide, std::uint8_t{0}), random};
  const double direction = crystals.between(0, 2 * std::numbers::pi);
  constexpr int kFeathers = 70;
  for (int i = 0; i < kFeathers; ++i) {
    const cv::Point2d root(crystals.between(-0.1, 1.1) * kFrostSide, crystals.between(-0.1, 1.1) * kFrostSide);
    crystals.feather(root, direction + crystals.between(-0.8, 0.8), crystals.between(0.08, 0.35) * kFrostSide, 2,
                     crystals.between(0.45, 1));
  }
  cv::Mat1f sharp, soft;
  crystals.canvas.convertTo(sharp, CV_32F, 1.0 / 255);
  cv::GaussianBlur(sharp, soft, {}, 3);
  const cv::Mat1f thick = clouds(random, 2.2), grain = clouds(random, 1.3);

  const cv::Vec3f dark(38, 58, 88), pale(236, 244, 252);
  Image picture(kFrostSide, kFrostSide);
  cv::Mat3b pixels = view(picture);
  for (int y = 0; y < kFrostSide; ++y)
    for (int x = 0; x < kFrostSide; ++x) {
      // Feathers stand out where the ice is thick; the grain keeps the ground from being flat.
      const float ice = 0.35F * thick(y, x) + 0.25F * grain(y, x) - 0.15F +
                        (0.45F + 0.75F * thick(y, x)) * (0.6F * sharp(y, x) + 0.45F * soft(y, x));
      const float share = std::clamp(ice, 0.0F, 1.0F);
      pixels(y, x) = cv::Vec3b(dark + share * (pale - dark));
    }
  return picture;
}

}  // namespace

std::vector<Image> frost_pictures(double scale) {
  const int side = static_cast<int>(std::lround(kFrostSide * scale));
  std::vector<Image> pictures;
  for (int i = 0; i < kFrostPictures; ++i) {
    const Image large = frost_picture(i);
    Image& picture = pictures.emplace_back(side, side);
    cv::Mat3b pixels = view(picture);
    cv::resize(view(large), pixels, pixels.size(), 0, 0, cv::INTER_AREA);
  }
  return pictures;
}

FrostPlace draw_frost_place(RandomStream& random, const std::vector<Image>& pictures, int height, int width) {
  FrostPlace place{};
  place.picture = static_cast<std::size_t>(random.below(pictures.size()));
  const Image& picture = pictures[place.picture];
  place.top = static_cast<int>(random.below(std::max(1, picture.height - height)));
  place.left = static_cast<int>(random.below(std::max(1, picture.width - width)));
  return place;
}

Image frost_part(const Image& picture, int top, int left, int height, int width) {
  Image part(height, width);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = picture.row(cv::borderInterpolate(top + y, picture.height, cv::BORDER_REFLECT));
    std::uint8_t* out = part.row(y);
    if (left + width <= picture.width) {
      std::copy_n(from + Image::kChannels * left, Image::kChannels * width, out);
      continue;
    }
    for (int x = 0; x < width; ++x) {
      const int column = cv::borderInterpolate(left + x, picture.width, cv::BORDER_REFLECT);
      out = std::copy_n(from + Image::kChannels * column, Image::kChannels, out);
    }
  }
  return part;
}

}  // namespace cuebench
