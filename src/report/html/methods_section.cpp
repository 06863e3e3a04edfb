#include <algorithm>

#include <fmt/format.h>

#include "../strata.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

struct Method {
  const char* name;
  std::string text;
};

std::vector<Method> accuracy_methods(const RunSummary& summary) {
  const BootstrapOptions& bootstrap = summary.options.bootstrap;
  return {
      {"Images",
       fmt::format("Every score is over the {} images that every model scored under every variant ({} of them "
                   "with a label); an image that could not be read counts nowhere.",
                   summary.items.scored, summary.items.labelled)},
      {"Top-1, top-5",
       "Share of labelled images whose label has rank 1, or rank 1 to 5, among the logits; ties count "
       "against the label. Interval: Wilson, 95 %."},
      {"Kept of clean accuracy", "acc(v) / acc(clean) of the same model on the same images."},
      {"Same answer as clean", "Share of images whose predicted class under v is the one predicted on clean."},
      {"NLL, ECE, confidence",
       "Mean of \u2212ln p(label) in nats; sum over 15 bins of equal width of (n_bin / n) \u00B7 "
       "|accuracy \u2212 mean confidence|; mean probability of the predicted class."},
      {"Difference",
       "acc_robust(v) \u2212 acc_standard(v). Test: exact McNemar on the images that one of the two has "
       "right, p adjusted over all variants of the pair, clean included: by Holm (the chance of any false finding), in "
       "small type by Benjamini and Hochberg (the share of false ones among the findings)."},
      {"Beyond the clean difference",
       "(acc_robust(v) \u2212 acc_robust(clean)) \u2212 (acc_standard(v) \u2212 "
       "acc_standard(clean)): above 0 the robust model loses less."},
      {"Variants taken together",
       "Mean over the variants of a group of acc(v), divided by acc(clean), for each model; then robust minus "
       "standard; then texture removed minus shape removed. The verdict is yes when the interval of this last "
       "number lies above 0, the reverse when it lies below, else undecided. Where only one cue was removed, that "
       "group's difference decides; where the images have conflicting cues, the difference of the shape biases."},
      {"Bootstrap",
       fmt::format("Percentile intervals, {} replicates, seed {}; the same resample of images for both models "
                   "and all variants, drawn within each class where every class has at least {} images.",
                   bootstrap.replicates, bootstrap.seed, kMinimumStratum)},
  };
}

std::vector<Method> channel_methods(const RunSummary& summary) {
  return {
      {"Activation, relevance",
       "a = spatial mean of a channel after ReLU; relevance = sum over positions of the gradient "
       "of the label's logit with respect to the channel, averaged over the clean images of a "
       "class. Positive: PR, negative: NR; fixed on clean, so changes are changes of activation."},
      {"PR ratio, NR ratio",
       "Sum over images of the activation in PR (NR) channels under v, divided by the same sum on "
       "clean. A ratio of sums, not a mean of ratios."},
      {"NR share", "\u03A3 nr / (\u03A3 nr + \u03A3 pr) over images; change = under v minus on clean."},
      {"Alignment",
       "Mean over images of the cosine between the activation vectors of the image clean and under v; images "
       "with a zero vector are left out and counted."},
      {"Intervals of channel statistics",
       fmt::format(
           "Bootstrap of images within class, {} replicates, the same draws for all models, layers and variants; "
           "conditional on the partition into PR and NR. The rank correlation of activation and relevance "
           "resamples blocks of the run and needs 8 blocks a class.",
           summary.options.channel_replicates)},
  };
}

std::string list(const std::vector<Method>& methods) {
  std::string text = "<dl>";
  for (const Method& method : methods)
    text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(method.name), escape(method.text));
  return text + "</dl>\n";
}

bool has_attacks(const RunDescription& run) {
  return std::any_of(run.variants.begin(), run.variants.end(),
                     [](const StoredVariant& variant) { return variant.keeps == "adversarial"; });
}

}  // namespace

std::string methods_section(const Page& page) {
  std::vector<Method> methods = accuracy_methods(page.summary);
  if (has_attacks(page.run()))
    methods.push_back(
        {"Attacked variants",
         "White-box: for every model images are made with its own gradients and scored by it, unrounded, "
         "so two models see different images. Epsilon is in units of a pixel's range. The picture is the "
         "attack on the first model. With against=NAME the images are made for that model and every model "
         "is scored on the same ones. An image without a label is not attacked."});
  if (!page.summary.shape_bias.empty())
    methods.push_back({"Shape bias",
                       "Decisions for the shape class / (shape + texture class), over images whose shape and "
                       "texture classes differ; other decisions count in neither. Interval: Wilson; "
                       "difference: bootstrap of both models' decisions on the same images."});
  if (!page.summary.aggregations.empty())
    methods.push_back(
        {"Categories of several outputs",
         "Every number but those under \u201CMany outputs, one category\u201D is under the aggregation "
         "marked there as used. Sums in double; of equal categories the first by name is decided for. "
         "sum and logsumexp order categories alike, so they differ only where probabilities round to 0."});
  if (!page.summary.channels.empty())
    for (Method& method : channel_methods(page.summary)) methods.push_back(std::move(method));
  return section("methods", "How the numbers are made", list(methods));
}

}  // namespace cuebench::html
