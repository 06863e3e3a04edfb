// Lists of variants that are run together.

#include <array>
#include <string>
#include <vector>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {

std::span<const Suite> suites() {
  static const std::array<Suite, 3> all = {{
      {.name = "shape-texture",
       .summary = "What shape alone, texture alone and a foreign texture leave of the accuracy.",
       .source =
           "the project's default; levels of AT-CNN (Zhang and Zhu, ICML 2019), stimuli after Geirhos et al. 2019",
       .variants = {"clean", "grayscale", "silhouette", "edges", "patch_shuffle:k=2", "patch_shuffle:k=4",
                    "patch_shuffle:k=8", "saturate:p=8", "saturate:p=64", "saturate:p=1024", "stylize"}},
      {.name = "at-cnn",
       .summary = "Saturation, patch shuffling and stylization at the levels of AT-CNN.",
       .source = "Zhang and Zhu, Interpreting Adversarially Trained Convolutional Neural Networks, ICML 2019; "
                 "PKUAI26/AT-CNN test/gen_benchmark.py",
       .variants = {"clean", "saturate:p=1", "saturate:p=4", "saturate:p=8", "saturate:p=16", "saturate:p=64",
                    "saturate:p=1024", "patch_shuffle:k=2", "patch_shuffle:k=4", "patch_shuffle:k=8", "stylize"}},
      {.name = "model-vs-human",
       .summary = "The parametric conditions of model-vs-human, and this project's own silhouette, edges and stylize "
                  "in place of its stimuli of those names.",
       .source = "Geirhos et al., Partial success in closing the gap between human and machine vision, NeurIPS 2021; "
                 "bethgelab/model-vs-human datasets/experiments.py",
       .variants = {"clean",
                    "grayscale",
                    "silhouette",
                    "edges",
                    "stylize",
                    "contrast:level=1",
                    "contrast:level=0.5",
                    "contrast:level=0.3",
                    "contrast:level=0.15",
                    "contrast:level=0.1",
                    "contrast:level=0.05",
                    "contrast:level=0.03",
                    "contrast:level=0.01",
                    "high_pass:sigma=inf",
                    "high_pass:sigma=3",
                    "high_pass:sigma=1.5",
                    "high_pass:sigma=1",
                    "high_pass:sigma=0.7",
                    "high_pass:sigma=0.55",
                    "high_pass:sigma=0.45",
                    "high_pass:sigma=0.4",
                    "low_pass:sigma=0",
                    "low_pass:sigma=1",
                    "low_pass:sigma=3",
                    "low_pass:sigma=5",
                    "low_pass:sigma=7",
                    "low_pass:sigma=10",
                    "low_pass:sigma=15",
                    "low_pass:sigma=40",
                    "phase_scramble:width=0",
                    "phase_scramble:width=30",
                    "phase_scramble:width=60",
                    "phase_scramble:width=90",
                    "phase_scramble:width=120",
                    "phase_scramble:width=150",
                    "phase_scramble:width=180",
                    "power_equalise:amount=0",
                    "power_equalise:amount=1",
                    "false_colour",
                    "rotate:degrees=0",
                    "rotate:degrees=90",
                    "rotate:degrees=180",
                    "rotate:degrees=270",
                    "eidolon:kind=1,reach=1",
                    "eidolon:kind=1,reach=2",
                    "eidolon:kind=1,reach=4",
                    "eidolon:kind=1,reach=8",
                    "eidolon:kind=1,reach=16",
                    "eidolon:kind=1,reach=32",
                    "eidolon:kind=1,reach=64",
                    "eidolon:kind=1,reach=128",
                    "eidolon:kind=2,reach=1",
                    "eidolon:kind=2,reach=2",
                    "eidolon:kind=2,reach=4",
                    "eidolon:kind=2,reach=8",
                    "eidolon:kind=2,reach=16",
                    "eidolon:kind=2,reach=32",
                    "eidolon:kind=2,reach=64",
                    "eidolon:kind=2,reach=128",
                    "eidolon:kind=3,reach=1",
                    "eidolon:kind=3,reach=2",
                    "eidolon:kind=3,reach=4",
                    "eidolon:kind=3,reach=8",
                    "eidolon:kind=3,reach=16",
                    "eidolon:kind=3,reach=32",
                    "eidolon:kind=3,reach=64",
                    "eidolon:kind=3,reach=128",
                    "uniform_noise:width=0",
                    "uniform_noise:width=0.03",
                    "uniform_noise:width=0.05",
                    "uniform_noise:width=0.1",
                    "uniform_noise:width=0.2",
                    "uniform_noise:width=0.35",
                    "uniform_noise:width=0.6",
                    "uniform_noise:width=0.9"}},
  }};
  return all;
}

const Suite& find_suite(std::string_view name) {
  std::vector<std::string> names;
  for (const Suite& suite : suites()) {
    if (suite.name == name) return suite;
    names.emplace_back(suite.name);
  }
  throw UsageError(unknown_name_message("suite", name, names, "`cuebench list suites` lists all"));
}

}  // namespace cuebench
