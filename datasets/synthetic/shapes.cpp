#include "shapes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace cuebench::synthetic {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

/// The right half of a contour from top to bottom, completed by its mirror image.
Contour mirrored(std::vector<Point> half) {
  for (std::size_t i = half.size(); i-- > 0;) {
    if (half[i].x != 0) half.push_back({-half[i].x, half[i].y});
  }
  return half;
}

Outline arrow() {
  return {{{-1, -.24F}, {.1F, -.24F}, {.1F, -.68F}, {1, 0}, {.1F, .68F}, {.1F, .24F}, {-1, .24F}}};
}

Outline bottle() {
  return {rounded(rounded(mirrored({{.16F, -1},
                                    {.2F, -1},
                                    {.2F, -.85F},
                                    {.15F, -.8F},
                                    {.15F, -.4F},
                                    {.46F, -.08F},
                                    {.46F, .2F},
                                    {.46F, .7F},
                                    {.46F, 1},
                                    {.3F, 1}})))};
}

Outline crescent() {
  // Two circles; the points of the outer one outside the inner one, then those of the inner one inside the outer one.
  constexpr float kShift = .55F, kInner = .8F;
  const float along = (1 - kInner * kInner + kShift * kShift) / (2 * kShift);
  const float outer_angle = std::acos(along), inner_angle = std::acos((along - kShift) / kInner);
  Contour contour;
  constexpr int kPoints = 28;
  for (int i = 0; i <= kPoints; ++i) {
    const float angle = outer_angle + (2 * kPi - 2 * outer_angle) * float(i) / kPoints;
    contour.push_back({std::cos(angle), std::sin(angle)});
  }
  for (int i = kPoints - 1; i > 0; --i) {
    const float angle = inner_angle + (2 * kPi - 2 * inner_angle) * float(i) / kPoints;
    contour.push_back({kShift + kInner * std::cos(angle), kInner * std::sin(angle)});
  }
  return {std::move(contour)};
}

Outline cross() {
  constexpr float w = .3F;
  return {{{-w, -1}, {w, -1}, {w, -w}, {1, -w}, {1, w}, {w, w}, {w, 1}, {-w, 1}, {-w, w}, {-1, w}, {-1, -w}, {-w, -w}}};
}

Outline fish() {
  const Contour body = rounded({{1, .04F},
                                {.72F, -.3F},
                                {.3F, -.46F},
                                {.12F, -.8F},
                                {-.12F, -.72F},
                                {-.2F, -.42F},
                                {-.5F, -.12F},
                                {-1, -.6F},
                                {-1.02F, -.5F},
                                {-.84F, 0},
                                {-1.02F, .5F},
                                {-1, .6F},
                                {-.5F, .14F},
                                {-.1F, .46F},
                                {.35F, .48F},
                                {.75F, .28F}});
  return {body};
}

Outline gear() {
  constexpr int kTeeth = 8;
  Contour contour;
  for (int tooth = 0; tooth < kTeeth; ++tooth) {
    for (const auto& [part, radius] : {std::pair(.0F, .7F), std::pair(.3F, .7F), std::pair(.38F, 1.0F),
                                       std::pair(.72F, 1.0F), std::pair(.8F, .7F)}) {
      const float angle = 2 * kPi * (float(tooth) + part) / kTeeth;
      contour.push_back({radius * std::cos(angle), radius * std::sin(angle)});
    }
  }
  return {std::move(contour), circle({0, 0}, .32F, 24, -1)};
}

Outline hand() {
  return {rounded({{-.36F, 1},    {-.4F, .45F},   {-.55F, .1F},  {-.72F, -.5F},  {-.52F, -.56F}, {-.36F, -.06F},
                   {-.3F, -.08F}, {-.34F, -.88F}, {-.12F, -.9F}, {-.07F, -.12F}, {-.01F, -.12F}, {.06F, -1},
                   {.28F, -.97F}, {.2F, -.08F},   {.26F, -.04F}, {.48F, -.68F},  {.67F, -.6F},   {.44F, .2F},
                   {.5F, .24F},   {.86F, -.08F},  {1, .08F},     {.62F, .62F},   {.38F, .78F},   {.36F, 1}})};
}

Outline heart() {
  Contour contour;
  constexpr int kPoints = 48;
  for (int i = 0; i < kPoints; ++i) {
    const float t = 2 * kPi * float(i) / kPoints;
    const float s = std::sin(t);
    contour.push_back(
        {16 * s * s * s / 16, -(13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t)) / 16});
  }
  return {std::move(contour)};
}

Outline house() {
  return {{{0, -1},
           {.42F, -.58F},
           {.42F, -.9F},
           {.66F, -.9F},
           {.66F, -.34F},
           {1, 0},
           {.76F, 0},
           {.76F, .9F},
           {.24F, .9F},
           {.24F, .3F},
           {-.2F, .3F},
           {-.2F, .9F},
           {-.76F, .9F},
           {-.76F, 0},
           {-1, 0}}};
}

Outline key() {
  // The bow as an arc between the shaft's edges, then the shaft with two teeth.
  constexpr float kBow = .42F, kHalfShaft = .13F;
  constexpr Point kCentre{-.58F, 0};
  constexpr int kPoints = 30;
  const float begin = std::asin(kHalfShaft / kBow);
  Contour contour;
  for (int i = 0; i <= kPoints; ++i) {
    const float angle = begin + (2 * kPi - 2 * begin) * float(i) / kPoints;
    contour.push_back({kCentre.x + kBow * std::cos(angle), kCentre.y + kBow * std::sin(angle)});
  }
  const Contour shaft = {{1, -kHalfShaft},   {1, .42F},    {.8F, .42F},  {.8F, kHalfShaft},
                         {.62F, kHalfShaft}, {.62F, .34F}, {.42F, .34F}, {.42F, kHalfShaft}};
  contour.insert(contour.end(), shaft.begin(), shaft.end());
  return {std::move(contour), circle(kCentre, .2F, 20, -1)};
}

Outline leaf() {
  // A lobed blade around a midrib, on a stem.
  std::vector<Point> half;
  half.push_back({0, -1});
  constexpr int kPoints = 30;
  for (int i = 1; i < kPoints; ++i) {
    const float t = float(i) / kPoints;
    const float blade = .6F * std::pow(std::sin(kPi * std::pow(t, 1.1F)), .8F);
    const float lobes = 1 - .3F * std::pow(std::abs(std::sin(3.5F * kPi * t)), 2.0F);
    half.push_back({std::max(.05F, blade * lobes), -1 + 1.6F * t});
  }
  half.push_back({.05F, .62F});
  half.push_back({.06F, 1});
  return {mirrored(std::move(half))};
}

Outline lightning() {
  return {{{.1F, -1}, {.62F, -1}, {.2F, -.3F}, {.6F, -.3F}, {-.36F, 1}, {-.04F, .08F}, {-.5F, .08F}}};
}

Outline mushroom() {
  return {rounded(mirrored({{0, -.9F},
                            {.45F, -.84F},
                            {.82F, -.52F},
                            {1, -.04F},
                            {.96F, .12F},
                            {.62F, .1F},
                            {.28F, .1F},
                            {.22F, .3F},
                            {.26F, .7F},
                            {.36F, .95F},
                            {.2F, 1}}))};
}

Outline ring() {
  return {circle({0, 0}, 1, 48), circle({0, 0}, .58F, 40, -1)};
}

Outline star() {
  Contour contour;
  for (int i = 0; i < 10; ++i) {
    const float radius = i % 2 == 0 ? 1.0F : .42F;
    const float angle = kPi * (float(i) / 5 - .5F);
    contour.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  return {std::move(contour)};
}

Outline tree() {
  return {mirrored(
      {{0, -1}, {.38F, -.42F}, {.22F, -.42F}, {.58F, .1F}, {.36F, .1F}, {.8F, .68F}, {.14F, .68F}, {.14F, 1}})};
}

constexpr std::array<Shape, 16> kShapes = {{{"arrow", arrow},
                                            {"bottle", bottle},
                                            {"crescent", crescent},
                                            {"cross", cross},
                                            {"fish", fish},
                                            {"gear", gear},
                                            {"hand", hand},
                                            {"heart", heart},
                                            {"house", house},
                                            {"key", key},
                                            {"leaf", leaf},
                                            {"lightning", lightning},
                                            {"mushroom", mushroom},
                                            {"ring", ring},
                                            {"star", star},
                                            {"tree", tree}}};

}  // namespace

std::span<const Shape> shapes() {
  return kShapes;
}

Outline normalised(const Outline& outline) {
  const float radius = radius_of(outline), of_disc = std::sqrt(area_of(outline) / kPi);
  return scaled(outline, 1 / std::sqrt(radius * of_disc));
}

Outline normalised_shape(std::size_t index) {
  return normalised(centred(kShapes[index].draw()));
}

}  // namespace cuebench::synthetic
