#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/patch_grid.hpp"

namespace cuebench {
namespace {

struct Options {
  int k;
  bool allow_identity;
  bool by_columns;
};

std::vector<int> draw_permutation(const Options& options, const TransformContext& context) {
  RandomStream random(context.seed, context.item_id, context.variant);
  std::vector<int> permutation(std::size_t(options.k) * options.k);
  while (true) {
    std::iota(permutation.begin(), permutation.end(), 0);
    random.shuffle(std::span<int>(permutation));
    const auto cells = options.by_columns ? column_wise(permutation, options.k) : permutation;
    if (options.allow_identity || !std::is_sorted(cells.begin(), cells.end())) return cells;
  }
}

TransformResult shuffle(const Options& options, const Image& image, const TransformContext& context) {
  if (options.k > std::min(image.height, image.width))
    throw UsageError(fmt::format("patch_shuffle: k={} cuts more cells than '{}' has pixels ({}x{}): choose k <= {}",
                                 options.k, context.item_id, image.width, image.height,
                                 std::min(image.height, image.width)));
  return {permute_cells(image, options.k, draw_permutation(options, context)), {}};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const Options options{.k = static_cast<int>(parameters.integer("k")),
                        .allow_identity = parameters.text("allow_identity") == "yes",
                        .by_columns = parameters.text("layout") == "atcnn"};
  return [options](const Image& image, const TransformContext& context) { return shuffle(options, image, context); };
}

}  // namespace

extern const TransformInfo patch_shuffle_transform = {
    .name = "patch_shuffle",
    .summary = "Cuts the image into k x k cells and puts them back in random order: outlines go, texture stays.",
    .formula =
        "cells of floor(h/k) x floor(w/k) from the top left, uniformly random order per image; rows and columns "
        "that k does not divide stay in place",
    .source = "Zhang and Zhu, ICML 2019; PKUAI26/AT-CNN code/baseline/dataset.py",
    .keeps = Cue::texture,
    .parameters =
        {{.name = "k",
          .kind = ParameterKind::integer,
          .default_value = "4",
          .minimum = 2,
          .maximum = 256,
          .unit = "cells a side",
          .doc = "Cells along each side, at most the shorter side of the image."},
         {.name = "allow_identity",
          .kind = ParameterKind::choice,
          .default_value = "no",
          .choices = {"no", "yes"},
          .doc = "Whether the order may come out unchanged (1 of 24 draws for k=2), as in the source."},
         {.name = "layout",
          .kind = ParameterKind::choice,
          .default_value = "cells",
          .choices = {"cells", "atcnn"},
          .doc = "cells: list element i goes to cell i, row by row; atcnn: column by column, as the source joins."}},
    .random = true,
    .moves_pixels = true,
    .make = make,
};

}  // namespace cuebench
