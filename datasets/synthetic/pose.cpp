#include "pose.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes.hpp"

namespace cuebench::synthetic {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr float kLongestEdge = 0.15F;
constexpr double kWarp = 0.045;

double between(double low, double high, RandomStream& random) {
  return low + (high - low) * random.uniform();
}

/// Between 1/ratio and ratio, both sides of 1 alike.
double factor(double ratio, RandomStream& random) {
  return std::pow(ratio, between(-1, 1, random));
}

Contour divided(const Contour& contour) {
  Contour result;
  for (std::size_t i = 0; i < contour.size(); ++i) {
    const Point a = contour[i], b = contour[(i + 1) % contour.size()];
    const int parts = std::max(1, int(std::ceil(std::hypot(b.x - a.x, b.y - a.y) / kLongestEdge)));
    for (int part = 0; part < parts; ++part) {
      const float t = float(part) / float(parts);
      result.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
    }
  }
  return result;
}

Point warped(Point p, const Pose& pose) {
  Point result = p;
  for (const WarpWave& wave : pose.warp) {
    const float amount = std::sin(wave.frequency.x * p.x + wave.frequency.y * p.y + wave.phase);
    result.x += amount * wave.direction.x;
    result.y += amount * wave.direction.y;
  }
  return result;
}

}  // namespace

Pose draw_pose(int side, RandomStream& random) {
  Pose pose;
  const double reach = 0.08 * side;
  pose.centre = {float(side / 2.0 + between(-reach, reach, random)),
                 float(side / 2.0 + between(-reach, reach, random))};
  pose.scale = float(side * between(0.28, 0.38, random));
  pose.rotation = float(between(-40, 40, random) * kPi / 180);
  pose.aspect = float(factor(1.25, random));
  pose.shear = float(between(-0.15, 0.15, random));
  pose.mirrored = random.below(2) == 1;
  for (WarpWave& wave : pose.warp) {
    const double along = between(0, 2 * kPi, random), across = between(0, 2 * kPi, random);
    const double frequency = between(1.5, 5, random), amount = kWarp * random.uniform();
    wave.frequency = {float(frequency * std::cos(along)), float(frequency * std::sin(along))};
    wave.direction = {float(amount * std::cos(across)), float(amount * std::sin(across))};
    wave.phase = float(between(0, 2 * kPi, random));
  }
  return pose;
}

Outline posed(const Outline& outline, const Pose& pose) {
  const float stretch = std::sqrt(pose.aspect), c = std::cos(pose.rotation), s = std::sin(pose.rotation);
  Outline result;
  for (const Contour& contour : outline) {
    Contour moved = divided(contour);
    for (Point& p : moved) {
      const Point w = warped(p, pose);
      const float x = (pose.mirrored ? -w.x : w.x) * stretch + pose.shear * w.y, y = w.y / stretch;
      p = {pose.centre.x + pose.scale * (c * x - s * y), pose.centre.y + pose.scale * (s * x + c * y)};
    }
    result.push_back(std::move(moved));
  }
  return result;
}

Outline draw_blob(RandomStream& random) {
  constexpr int kPoints = 48;
  std::array<double, 5> amplitude{}, phase{};
  for (std::size_t k = 0; k < amplitude.size(); ++k) {
    amplitude[k] = 0.45 * random.uniform() / double(k + 2);
    phase[k] = 2 * kPi * random.uniform();
  }
  Contour contour;
  for (int i = 0; i < kPoints; ++i) {
    const double angle = 2 * kPi * i / kPoints;
    double radius = 1;
    for (std::size_t k = 0; k < amplitude.size(); ++k)
      radius += amplitude[k] * std::cos(double(k + 2) * angle + phase[k]);
    contour.push_back({float(radius * std::cos(angle)), float(radius * std::sin(angle))});
  }
  return normalised({contour});
}

Outline draw_polygon(RandomStream& random) {
  const auto corners = int(3 + random.below(4));
  const double turn = 2 * kPi * random.uniform();
  Contour contour;
  for (int i = 0; i < corners; ++i) {
    const double angle = turn + 2 * kPi * (i + between(-0.3, 0.3, random)) / corners,
                 radius = between(0.7, 1.3, random);
    contour.push_back({float(radius * std::cos(angle)), float(radius * std::sin(angle))});
  }
  return {contour};
}

}  // namespace cuebench::synthetic
