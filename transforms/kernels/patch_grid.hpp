#pragma once
// Cutting an image into k x k equal cells and putting them back in another order.

#include <span>
#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// What happens to the rows and columns that k does not divide: they stay where they are, or are cut off.
enum class Remainder { keep, crop };

/// Output cell i (row by row) = input cell permutation[i]. Cells are floor(h/k) x floor(w/k), counted from the top
/// left. k in [1, min(h, w)]; permutation holds each of 0..k*k-1 once.
Image permute_cells(const Image& image, int k, std::span<const int> permutation, Remainder remainder = Remainder::keep);

/// AT-CNN's code joins the shuffled list down the columns first: element c*k+r lands in cell (r, c). This is the
/// permutation for permute_cells that does the same.
std::vector<int> column_wise(std::span<const int> permutation, int k);

}  // namespace cuebench
