// Lists of variants that are run together.

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "corruptions/corruption.hpp"

namespace cuebench {
namespace {

using Texts = std::vector<std::string>;

void add_levels(Texts& texts, std::string_view stem, std::initializer_list<std::string_view> levels) {
  for (const auto level : levels) texts.push_back(fmt::format("{}={}", stem, level));
}

Texts at_cnn() {
  Texts texts = {"clean"};
  add_levels(texts, "saturate:p", {"1", "4", "8", "16", "64", "1024"});
  add_levels(texts, "patch_shuffle:k", {"2", "4", "8"});
  texts.emplace_back("stylize");
  return texts;
}

Texts shape_simplicity() {
  Texts texts = {"clean", "stylize"};
  add_levels(texts, "patch_shuffle:k", {"2", "4", "8"});
  texts.emplace_back("edges:sigma=0.4,low=0.35,high=0.9,polarity=white_on_black");
  texts.insert(texts.end(), {"silhouette", "imagenet_c:corruption=gaussian_noise,severity=3", "cue_conflict"});
  return texts;
}

/// Level 0 of an experiment is the grey image each time; they are conditions of their own.
Texts model_vs_human() {
  Texts texts = {"clean", "grayscale", "silhouette", "edges", "stylize", "cue_conflict"};
  add_levels(texts, "contrast:level", {"1", "0.5", "0.3", "0.15", "0.1", "0.05", "0.03", "0.01"});
  add_levels(texts, "high_pass:sigma", {"inf", "3", "1.5", "1", "0.7", "0.55", "0.45", "0.4"});
  add_levels(texts, "low_pass:sigma", {"0", "1", "3", "5", "7", "10", "15", "40"});
  add_levels(texts, "phase_scramble:width", {"0", "30", "60", "90", "120", "150", "180"});
  add_levels(texts, "power_equalise:amount", {"0", "1"});
  texts.emplace_back("false_colour");
  add_levels(texts, "rotate:degrees", {"0", "90", "180", "270"});
  for (const char* kind : {"1", "2", "3"})
    add_levels(texts, fmt::format("eidolon:kind={},reach", kind), {"1", "2", "4", "8", "16", "32", "64", "128"});
  add_levels(texts, "uniform_noise:width", {"0", "0.03", "0.05", "0.1", "0.2", "0.35", "0.6", "0.9"});
  return texts;
}

Texts imagenet_c() {
  Texts texts = {"clean", "imagenet_c:corruption=none,severity=1"};
  for (const CorruptionInfo* info : registered_corruptions())
    if (info->name != "none")
      add_levels(texts, fmt::format("imagenet_c:corruption={},severity", info->name), {"1", "2", "3", "4", "5"});
  return texts;
}

}  // namespace

std::span<const Suite> suites() {
  static const std::array<Suite, 5> all = {{
      {.name = "shape-texture",
       .summary = "What shape alone, texture alone and a foreign texture leave of the accuracy.",
       .source =
           "the project's default; levels of AT-CNN (Zhang and Zhu, ICML 2019), stimuli after Geirhos et al. 2019",
       .variants = {"clean", "grayscale", "silhouette", "edges", "patch_shuffle:k=2", "patch_shuffle:k=4",
                    "patch_shuffle:k=8", "saturate:p=8", "saturate:p=64", "saturate:p=1024", "stylize", "texture_fill",
                    "cue_conflict"}},
      {.name = "at-cnn",
       .summary = "Saturation, patch shuffling and stylization at the levels of AT-CNN.",
       .source = "Zhang and Zhu, Interpreting Adversarially Trained Convolutional Neural Networks, ICML 2019; "
                 "PKUAI26/AT-CNN test/gen_benchmark.py",
       .variants = at_cnn()},
      {.name = "shape-simplicity",
       .summary =
           "The image sets on which robust networks' biases to shape and to simple features were shown; ImageNet-A "
           "and ImageNet-Sketch are folders beside them.",
       .source =
           "Agarwal, Mai and Nguyen 2020 (The shape and simplicity biases of adversarially robust ImageNet-trained "
           "CNNs); anguyen8/shape-bias utils.py",
       .variants = shape_simplicity()},
      {.name = "model-vs-human",
       .summary = "The parametric conditions of model-vs-human, and this project's own silhouette, edges, stylize and "
                  "cue_conflict in place of its stimuli of those names.",
       .source = "Geirhos et al., Partial success in closing the gap between human and machine vision, NeurIPS 2021; "
                 "bethgelab/model-vs-human datasets/experiments.py",
       .variants = model_vs_human()},
      {.name = "imagenet-c",
       .summary = "ImageNet-C's 15 corruptions and its 4 extra ones at five severities, beside the saving alone.",
       .source = "Hendrycks and Dietterich, Benchmarking Neural Network Robustness, ICLR 2019; hendrycks/robustness",
       .variants = imagenet_c()},
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
