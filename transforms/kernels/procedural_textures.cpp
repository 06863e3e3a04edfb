#include "procedural_textures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>

namespace cuebench {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

/// A direction whose waves meet themselves at the borders: whole periods in x and in y.
struct Direction {
  double x_turns, y_turns;
  double along(double x, double y) const { return x_turns * x + y_turns * y; }
  double across(double x, double y) const { return x_turns * y - y_turns * x; }
};

/// What every pattern is drawn on: a torus of side 1, sampled at side x side points.
struct Canvas {
  int side;
  int count;  ///< elements along one side
  RandomStream& random;

  /// Evaluates `pattern(x, y)`, x and y in [0, 1), to values in [0, 1].
  template <typename Pattern>
  cv::Mat1f paint(Pattern pattern) const {
    cv::Mat1f field(side, side);
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x)
        field(y, x) = static_cast<float>(std::clamp(pattern((x + 0.5) / side, (y + 0.5) / side), 0.0, 1.0));
    return field;
  }
  /// A random direction.
  Direction direction() const {
    const double angle = std::numbers::pi * random.uniform();
    return {std::round(count * std::cos(angle)), std::round(count * std::sin(angle))};
  }
};

double fraction(double v) {
  return v - std::floor(v);
}
/// 0 below `edge`, 1 above, over a width that hides the pixel grid.
double step(double edge, double v, double width = 0.08) {
  return std::clamp(0.5 + (v - edge) / width, 0.0, 1.0);
}
double wave(double turns) {
  return 0.5 + 0.5 * std::sin(kTurn * turns);
}

/// Periodic value noise: a lattice of cells x cells random values, smoothly interpolated.
class Lattice {
 public:
  Lattice(int cells, RandomStream& random) : cells_(std::max(cells, 1)), values_(std::size_t(cells_) * cells_) {
    for (double& value : values_) value = random.uniform();
  }
  double operator()(double x, double y) const {
    const double u = fraction(x) * cells_, v = fraction(y) * cells_;
    const int column = static_cast<int>(u), row = static_cast<int>(v);
    const double a = eased(u - column), b = eased(v - row);
    return (at(column, row) * (1 - a) + at(column + 1, row) * a) * (1 - b) +
           (at(column, row + 1) * (1 - a) + at(column + 1, row + 1) * a) * b;
  }

 private:
  static double eased(double t) { return t * t * (3 - 2 * t); }
  double at(int column, int row) const { return values_[std::size_t(row % cells_) * cells_ + column % cells_]; }
  int cells_;
  std::vector<double> values_;
};

/// Three octaves of value noise in [0, 1]; the coarsest has `cells` cells a side.
class Octaves {
 public:
  Octaves(int cells, RandomStream& random)
      : octaves_{Lattice(cells, random), Lattice(2 * cells, random), Lattice(4 * cells, random)} {}
  double operator()(double x, double y) const {
    return (octaves_[0](x, y) * 4 + octaves_[1](x, y) * 2 + octaves_[2](x, y)) / 7;
  }

 private:
  std::array<Lattice, 3> octaves_;
};

/// One random point in each cell of a count x count grid on the torus.
class Points {
 public:
  struct Nearest {
    double first, second;  ///< distances in units of a cell
    std::size_t cell;
  };
  Points(int count, RandomStream& random) : count_(std::max(count, 3)), points_(std::size_t(count_) * count_) {
    for (auto& point : points_) point = {random.uniform(), random.uniform()};
  }
  std::size_t size() const { return points_.size(); }
  Nearest nearest(double x, double y) const {
    const double u = x * count_, v = y * count_;
    const int column = static_cast<int>(u), row = static_cast<int>(v);
    Nearest best{9, 9, 0};
    for (int r = row - 2; r <= row + 2; ++r)
      for (int c = column - 2; c <= column + 2; ++c) {
        const std::size_t cell = std::size_t((r + count_) % count_) * count_ + (c + count_) % count_;
        const double distance = std::hypot(c + points_[cell][0] - u, r + points_[cell][1] - v);
        if (distance < best.first) {
          best = {distance, best.first, cell};
        } else {
          best.second = std::min(best.second, distance);
        }
      }
    return best;
  }

 private:
  int count_;
  std::vector<std::array<double, 2>> points_;
};

cv::Mat1f stripes(const Canvas& canvas) {
  const Direction direction = canvas.direction();
  return canvas.paint([=](double x, double y) { return step(0.5, wave(direction.along(x, y)), 0.5); });
}
cv::Mat1f checks(const Canvas& canvas) {
  const Direction direction = canvas.direction();
  return canvas.paint([=](double x, double y) {
    return step(0, std::sin(kTurn * direction.along(x, y)) * std::sin(kTurn * direction.across(x, y)), 0.6);
  });
}
cv::Mat1f bricks(const Canvas& canvas) {
  const int rows = 2 * std::max(1, canvas.count / 2), columns = std::max(1, rows / 2);
  const Lattice shade(rows, canvas.random);
  return canvas.paint([=](double x, double y) {
    const double v = y * rows, u = x * columns + (static_cast<int>(v) % 2) * 0.5;
    const bool mortar = fraction(v) < 0.18 || fraction(u) < 0.10;
    return mortar ? 0.05 : 0.5 + 0.5 * shade(std::floor(u) / columns, std::floor(v) / rows);
  });
}
cv::Mat1f waves(const Canvas& canvas) {
  const Direction direction = canvas.direction();
  const double bend = 0.4 + 0.4 * canvas.random.uniform();
  const int across = std::max(1, canvas.count / 3);
  return canvas.paint(
      [=](double x, double y) { return wave(direction.along(x, y) + bend * std::sin(kTurn * across * (y - x))); });
}
cv::Mat1f wood(const Canvas& canvas) {
  const Octaves grain(std::max(2, canvas.count / 6), canvas.random);
  const int rings = canvas.count;
  return canvas.paint([=](double x, double y) { return std::pow(fraction(rings * x + 3 * grain(x, y)), 1.5); });
}
cv::Mat1f scales(const Canvas& canvas) {
  const int rows = 2 * std::max(1, canvas.count / 2), columns = std::max(1, rows / 2);
  return canvas.paint([=](double x, double y) {
    // The scale that lies on top is the lowest of those whose disc holds the point.
    for (int below = 1; below >= -1; --below) {
      const int row = static_cast<int>(y * rows) + below;
      const double u = fraction(x * columns + ((row + rows) % 2) * 0.5) - 0.5;
      const double distance = std::hypot(u, 0.5 * (y * rows - row));
      if (distance < 0.5) return 1 - 1.8 * distance * distance * 2;
    }
    return 0.0;
  });
}
cv::Mat1f mesh(const Canvas& canvas) {
  const Direction direction = canvas.direction();
  return canvas.paint([=](double x, double y) {
    const double a = std::abs(std::sin(kTurn / 2 * direction.along(x, y))),
                 b = std::abs(std::sin(kTurn / 2 * direction.across(x, y)));
    return step(0.35, std::min(a, b), 0.4);
  });
}
cv::Mat1f cells(const Canvas& canvas) {
  const Points points(canvas.count, canvas.random);
  return canvas.paint([&](double x, double y) { return points.nearest(x, y).first; });
}
cv::Mat1f cracks(const Canvas& canvas) {
  const Points points(canvas.count, canvas.random);
  return canvas.paint([&](double x, double y) {
    const auto near = points.nearest(x, y);
    return 3 * (near.second - near.first);
  });
}
cv::Mat1f mosaic(const Canvas& canvas) {
  const Points points(canvas.count, canvas.random);
  std::vector<double> shade(points.size());
  for (double& value : shade) value = canvas.random.uniform();
  return canvas.paint([&](double x, double y) { return shade[points.nearest(x, y).cell]; });
}
cv::Mat1f clouds(const Canvas& canvas) {
  const Octaves noise(std::max(2, canvas.count / 2), canvas.random);
  return canvas.paint([&](double x, double y) { return 0.5 + 1.6 * (noise(x, y) - 0.5); });
}
cv::Mat1f dots(const Canvas& canvas) {
  const int rows = 2 * std::max(1, canvas.count / 2);
  const double radius = 0.25 + 0.15 * canvas.random.uniform();
  return canvas.paint([=](double x, double y) {
    const double v = y * rows, u = x * rows + (static_cast<int>(v) % 2) * 0.5;
    return step(0, radius - std::hypot(fraction(u) - 0.5, fraction(v) - 0.5), 0.25);
  });
}
cv::Mat1f fur(const Canvas& canvas) {
  // Noise many times longer than wide, bent by a slow wave.
  const int fine = 2 * canvas.count, lengths = std::max(1, fine / 6);
  const Lattice strands(fine, canvas.random);
  const Lattice sway(2, canvas.random);
  const double turn = canvas.random.uniform() < 0.5 ? 1 : 0;
  return canvas.paint([=](double x, double y) {
    if (turn > 0) std::swap(x, y);
    const double along = std::floor(y * lengths), mix = y * lengths - along;
    const double u = x + 0.05 * sway(x, y);
    return strands(u, along / lengths) * (1 - mix) + strands(u, (along + 1) / lengths) * mix;
  });
}
cv::Mat1f marble(const Canvas& canvas) {
  const Octaves noise(std::max(2, canvas.count / 3), canvas.random);
  const Direction direction = canvas.direction();
  return canvas.paint(
      [&](double x, double y) { return std::pow(wave(direction.along(x, y) + 2.5 * noise(x, y)), 1.5); });
}
cv::Mat1f weave(const Canvas& canvas) {
  const int threads = 2 * std::max(1, canvas.count / 2);
  return canvas.paint([=](double x, double y) {
    const double u = x * threads, v = y * threads;
    const bool over = (static_cast<int>(u) + static_cast<int>(v)) % 2 == 0;
    return (over ? 0.5 : 0.0) + 0.5 * std::sin(std::numbers::pi * (over ? fraction(u) : fraction(v)));
  });
}
cv::Mat1f zigzag(const Canvas& canvas) {
  const int across = std::max(1, canvas.count / 2), down = canvas.count;
  return canvas.paint(
      [=](double x, double y) { return step(0.5, wave(down * y + std::abs(2 * fraction(across * x) - 1)), 0.5); });
}

struct Kind {
  std::string_view name;
  cv::Mat1f (*draw)(const Canvas&);
};
constexpr std::array<Kind, 16> kKinds = {{{"stripes", stripes},
                                          {"checks", checks},
                                          {"bricks", bricks},
                                          {"waves", waves},
                                          {"wood", wood},
                                          {"scales", scales},
                                          {"mesh", mesh},
                                          {"cells", cells},
                                          {"cracks", cracks},
                                          {"mosaic", mosaic},
                                          {"clouds", clouds},
                                          {"dots", dots},
                                          {"fur", fur},
                                          {"marble", marble},
                                          {"weave", weave},
                                          {"zigzag", zigzag}}};

/// Four colours from dark to light. Lightness spans most of the range, so that a recoloured outline stays visible.
using Palette = std::array<cv::Vec3f, 4>;

cv::Vec3f colour_of(double hue, double saturation, double value) {
  const auto channel = [&](double offset) {
    const double position = std::fmod(offset + hue * 6, 6.0);
    return static_cast<float>(255 * value * (1 - saturation * std::clamp(std::min(position, 4 - position), 0.0, 1.0)));
  };
  return {channel(5), channel(3), channel(1)};
}

Palette palette_of(RandomStream& random) {
  const double hue = random.uniform(), spread = 0.1 + 0.5 * random.uniform();
  Palette palette;
  for (int i = 0; i < 4; ++i) {
    const double own = fraction(hue + spread * i / 3 + 0.08 * random.uniform());
    palette[i] = colour_of(own, 0.75 - 0.17 * i, 0.16 + 0.27 * i);
  }
  return palette;
}

/// Shifted and scaled so that every pattern uses its palette alike, whatever share of it is dark.
cv::Mat1f standardised(const cv::Mat1f& field) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(field, mean, deviation);
  const double scale = deviation[0] > 0 ? 0.3 / deviation[0] : 0;
  cv::Mat1f result;
  field.convertTo(result, CV_32F, scale, 0.5 - scale * mean[0]);
  cv::min(result, 1.0, result);
  cv::max(result, 0.0, result);
  return result;
}

cv::Mat3f coloured(const cv::Mat1f& field, const cv::Mat1f& tint, const Palette& palette) {
  cv::Mat3f picture(field.size());
  for (int y = 0; y < field.rows; ++y)
    for (int x = 0; x < field.cols; ++x) {
      const float position = std::clamp(3 * (0.85f * field(y, x) + 0.15f * tint(y, x)), 0.f, 2.999f);
      const int low = static_cast<int>(position);
      picture(y, x) = palette[low] + (palette[low + 1] - palette[low]) * (position - static_cast<float>(low));
    }
  return picture;
}

}  // namespace

std::span<const std::string_view> procedural_texture_kinds() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, kKinds.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kKinds[i].name;
    return names;
  }();
  return kNames;
}

cv::Mat3f procedural_texture(std::string_view kind, int variation, int side, double grain) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.name == kind; });
  RandomStream random(0, fmt::format("{}-{}", kind, variation), "procedural texture");
  const Palette palette = palette_of(random);
  const double size = grain * (0.8 + 0.6 * random.uniform());
  const Canvas canvas{side, std::max(2, static_cast<int>(std::lround(side / size))), random};
  const cv::Mat1f field = standardised(found->draw(canvas));
  const Octaves slow(3, random);
  return coloured(field, canvas.paint([&](double x, double y) { return slow(x, y); }), palette);
}

}  // namespace cuebench
