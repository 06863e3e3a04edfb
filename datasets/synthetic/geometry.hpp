#pragma once
// Points, closed outlines and the maps between them. The y axis points down, as in images.

#include <vector>

namespace cuebench::synthetic {

struct Point {
  float x = 0, y = 0;
};

/// A closed polygon without its first point repeated; counter-clockwise and clockwise contours cancel in a hole.
using Contour = std::vector<Point>;

/// One or several contours; inside is where the winding number is not zero.
using Outline = std::vector<Contour>;

/// Area inside, for contours that overlap nowhere but in holes.
float area_of(const Outline& outline);

/// The largest distance of a point from the origin.
float radius_of(const Outline& outline);

Outline scaled(Outline outline, float factor);

/// Moves the middle of the bounding box to the origin.
Outline centred(Outline outline);

/// Corners cut once (Chaikin): every edge gives its points at one and at three quarters.
Contour rounded(const Contour& contour);

/// A circle of `count` points; `direction` -1 makes it a hole in a contour that runs the other way.
Contour circle(Point centre, float radius, int count, int direction = 1);

}  // namespace cuebench::synthetic
