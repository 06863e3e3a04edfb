// Lists of variants that are run together.

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "corruptions/corruption.hpp"

namespace cuebench {

namespace {

/// The texts of the suite imagenet-c, which its string_views refer to.
const std::vector<std::string>& imagenet_c_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> made = {"clean", "imagenet_c:corruption=none,severity=1"};
    for (const CorruptionInfo* info : registered_corruptions()) {
      if (info->name == "none") continue;
      for (int severity = 1; severity <= 5; ++severity)
        made.push_back(fmt::format("imagenet_c:corruption={},severity={}", info->name, severity));
    }
    return made;
  }();
  return texts;
}

}  // namespace

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
      {.name = "imagenet-c",
       .summary = "ImageNet-C's 15 corruptions and its 4 extra ones at five severities, beside the saving alone.",
       .source = "Hendrycks and Dietterich, Benchmarking Neural Network Robustness, ICLR 2019; hendrycks/robustness",
       .variants = {imagenet_c_texts().begin(), imagenet_c_texts().end()}},
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
