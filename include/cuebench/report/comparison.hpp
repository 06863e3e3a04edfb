#pragma once
// Several runs side by side, and image by image: what two models, or a model and a published observer, say about the
// same images. Definitions: docs/results.md.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <cuebench/metrics/agreement.hpp>
#include <cuebench/report/summary.hpp>
#include <cuebench/scoring/trials.hpp>

namespace cuebench {

/// Raised when a field of the comparison's JSON changes its meaning or goes.
inline constexpr int kComparisonSchemaVersion = 1;

struct ComparedRun {
  std::string name;  ///< the folder's, made different from the others'
  RunDescription description;
  std::string data;  ///< SHA-256 of the images; "" where the run does not say
  bool complete = false;
  ItemCounts items;
  std::vector<VariantScores> scores;  ///< variant-major, then model; without what needs clean or a bootstrap
  const VariantScores& score(int model, int variant) const;
};

/// Something that the runs share or not.
struct ComparisonFact {
  std::string what;  ///< "Images", "Classes", "Variants", "seed"
  bool same = false;
  std::string text;  ///< one sentence
};

struct DifferingImage {
  std::string image, label;   ///< id in the first run; name of the class, "" unknown
  std::string first, second;  ///< what each side says: a class, or "na"
  bool first_right = false, second_right = false;
  std::vector<std::byte> png;  ///< where a run stored a picture of it
};

/// Two sides on the images of one variant.
struct VariantAgreement {
  std::string variant;
  Measure identical;                     ///< share of the images on which both say the same
  AgreementCounts right;                 ///< labelled images by who is right
  Measure first_top1, second_top1;       ///< over the same labelled images
  Measure kappa;                         ///< error consistency: agreement of right and wrong beyond chance
  Measure mcnemar_p;                     ///< exact
  Measure holm_p, benjamini_hochberg_p;  ///< adjusted over the variants of these two sides
  std::vector<DifferingImage> differing;
};

struct DecisionAgreement {
  std::string first_source, first_name;    ///< run and model
  std::string second_source, second_name;  ///< run and model, or file and observer
  std::string matched_by;                  ///< "name and file", "name", "file", "image"
  std::vector<VariantAgreement> variants;
};

struct RunComparison {
  std::vector<ComparedRun> runs;
  std::vector<ComparisonFact> facts;
  std::vector<DecisionAgreement> agreements;
  BootstrapOptions bootstrap;
  std::vector<scoring::Finding> findings;  ///< of per-trial files
};

/// Models of the same name or the same file are compared image by image, under every variant that both runs have;
/// images are matched by their id.
/// @throws UsageError when a folder is given twice or holds no run, or two runs have no image in common or give an
/// image different labels.
RunComparison compare_runs(const std::vector<std::filesystem::path>& folders, const BootstrapOptions& options = {});

/// Every model of the run with every observer in `trials` (files and folders as scoring::read_inputs takes them), on
/// the images that both saw. Images are joined by scoring::shared_image_name; trials whose condition is the text of a
/// variant of the run belong to that variant, the others to clean.
/// @throws UsageError when nothing can be joined, or labels contradict categories.
RunComparison compare_with_trials(const std::filesystem::path& folder, const std::filesystem::path& trials,
                                  const BootstrapOptions& options = {});

std::string comparison_json(const RunComparison& comparison);
/// first_source,first,second_source,second,variant,metric,value,low,high,n,method; one row a number.
std::string comparison_csv(const RunComparison& comparison);
/// One row for each image and variant on which two sides differ.
std::string differing_images_csv(const RunComparison& comparison);
std::string comparison_html(const RunComparison& comparison, const std::string& images_csv_name);
/// For the terminal: facts that differ, then one line a variant and pair of sides.
std::string comparison_text(const RunComparison& comparison);

/// Writes PAGE, and beside it the same name ending in .json, .csv and -images.csv.
void write_comparison(const RunComparison& comparison, const std::filesystem::path& page);

}  // namespace cuebench
