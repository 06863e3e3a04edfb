#include "headline.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "text.hpp"

namespace cuebench {
namespace {

/// The difference of shape biases on one variant, or null.
const Measure* difference_on(const PairComparison& pair, int variant) {
  if (static_cast<std::size_t>(variant) >= pair.variants.size()) return nullptr;
  const Measure& difference = pair.variants[static_cast<std::size_t>(variant)].shape_bias_difference;
  return difference.value ? &difference : nullptr;
}

/// On the images as they are, where these are cue-conflict stimuli.
const Measure* shape_bias_difference(const PairComparison& pair) {
  return difference_on(pair, 0);
}

/// Is the share of answers that can count as right no more than guessing gives? On conflict images an answer for the
/// shape or the texture class counts, elsewhere one for the label.
bool at_chance(int model, const RunSummary& summary) {
  const auto classes = static_cast<double>(std::max<std::size_t>(1, summary.description.classes.size()));
  if (const ShapeBiasScores* bias = summary.bias(model, 0); bias && bias->other_share.high)
    return 1 - *bias->other_share.high <= 2 / classes;
  const Measure& clean = summary.score(model, 0).top1;
  return clean.low && *clean.low <= 1 / classes;
}

/// Why the two models cannot be compared, or "".
std::string why_not_comparable(const PairComparison& pair, const RunSummary& summary) {
  const auto& models = summary.description.models;
  if (summary.items.scored == 0) return "no image was scored by both models";
  if (models[pair.robust].classes != models[pair.standard].classes)
    return fmt::format("they tell {} and {} classes apart", models[pair.robust].classes, models[pair.standard].classes);
  if (summary.items.labelled == 0 && summary.shape_bias.empty()) return "no image has a label";
  for (const int model : {pair.robust, pair.standard})
    if (at_chance(model, summary))
      return fmt::format("{} is not above chance on the clean images ({} right)", models[model].name,
                         percent(summary.score(model, 0).top1));
  return "";
}

bool has_evidence(const PairComparison& pair) {
  return pair.cues.shape_difference.value || pair.cues.texture_difference.value || shape_bias_difference(pair);
}

/// Evidence for shape (+1), for texture (-1), or none (0).
int weigh(const PairComparison& pair) {
  if (const Measure* difference = shape_bias_difference(pair)) return side_of_zero(*difference);
  const CueEvidence& cues = pair.cues;
  if (cues.contrast.value) return side_of_zero(cues.contrast);
  return cues.shape_difference.value ? side_of_zero(cues.shape_difference) : -side_of_zero(cues.texture_difference);
}

Verdict verdict_of(int evidence) {
  if (evidence == 0) return Verdict::undecided;
  return evidence > 0 ? Verdict::more_shape : Verdict::less_shape;
}

std::string kept_clause(const char* condition, std::span<const int> variants, const Measure& robust,
                        const Measure& standard, const Measure& difference, const RunDescription& run,
                        const std::string& standard_name) {
  return fmt::format("{} ({}) it keeps {} of its clean accuracy against {} for {}, {}", condition,
                     list_variants(variants, run, 4), percent(robust), percent(standard), standard_name,
                     points_with_interval(difference));
}

/// The numbers, clause by clause.
std::string evidence_text(const PairComparison& pair, const RunSummary& summary) {
  const CueEvidence& cues = pair.cues;
  const RunDescription& run = summary.description;
  const std::string& standard = run.models[pair.standard].name;
  std::vector<std::string> clauses;
  if (cues.shape_difference.value)
    clauses.push_back(kept_clause("with texture removed", cues.shape_variants, cues.robust_shape, cues.standard_shape,
                                  cues.shape_difference, run, standard));
  if (cues.texture_difference.value)
    clauses.push_back(kept_clause("with shape removed", cues.texture_variants, cues.robust_texture,
                                  cues.standard_texture, cues.texture_difference, run, standard));
  const int conflict = summary.conflict_variants.empty() ? -1 : summary.conflict_variants.front();
  if (const Measure* difference = conflict < 0 ? nullptr : difference_on(pair, conflict))
    clauses.push_back(fmt::format("where shape and texture disagree its shape bias is {} against {} for {}, {}",
                                  percent(summary.bias(pair.robust, conflict)->bias),
                                  percent(summary.bias(pair.standard, conflict)->bias), standard,
                                  points_with_interval(*difference)));
  return fmt::format("{}", fmt::join(clauses, "; "));
}

/// What was asked of this run: both cues, or one when only one was removed.
struct Question {
  const char *more, *less, *topic;
};
Question question_of(const PairComparison& pair) {
  const bool both =
      shape_bias_difference(pair) || (pair.cues.shape_difference.value && pair.cues.texture_difference.value);
  if (both)
    return {"decides more by shape, relative to texture,", "decides less by shape, relative to texture,",
            "deciding by shape or by texture"};
  if (pair.cues.shape_difference.value)
    return {"depends less on texture", "depends more on texture", "how much they depend on texture"};
  return {"depends more on shape", "depends less on shape", "how much they depend on shape"};
}

std::string answer_text(const PairComparison& pair, const RunSummary& summary) {
  const std::string& robust = summary.description.models[pair.robust].name;
  const std::string& standard = summary.description.models[pair.standard].name;
  const Question question = question_of(pair);
  switch (pair.verdict) {
    case Verdict::more_shape:
      return fmt::format("Yes: {} {} than {}", robust, question.more, standard);
    case Verdict::less_shape:
      return fmt::format("No, the reverse: {} {} than {}", robust, question.less, standard);
    default:
      return fmt::format("Undecided: {} and {} show no difference in {} that these images can tell from none", robust,
                         standard, question.topic);
  }
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::more_shape:
      return "more_shape";
    case Verdict::less_shape:
      return "less_shape";
    case Verdict::undecided:
      return "undecided";
    case Verdict::not_comparable:
      return "not_comparable";
  }
  return "undecided";
}

void judge(PairComparison& pair, const RunSummary& summary) {
  const auto& models = summary.description.models;
  const std::string reason = why_not_comparable(pair, summary);
  if (!reason.empty()) {
    pair.verdict = Verdict::not_comparable;
    pair.answer =
        fmt::format("{} and {} are not comparable on this run", models[pair.robust].name, models[pair.standard].name);
    pair.sentence = fmt::format("{} \u2014 {}.", pair.answer, reason);
    return;
  }
  if (!has_evidence(pair)) {
    pair.verdict = Verdict::undecided;
    pair.answer = fmt::format("Undecided whether {} decides more by shape than {}", models[pair.robust].name,
                              models[pair.standard].name);
    pair.sentence = fmt::format(
        "{} \u2014 no variant of this run removes only texture or only shape, and the data have no cue labels.",
        pair.answer);
    return;
  }
  pair.verdict = verdict_of(weigh(pair));
  pair.answer = answer_text(pair, summary);
  pair.sentence = fmt::format("{} \u2014 {}.", pair.answer, evidence_text(pair, summary));
}

std::string describe_model(int model, const RunSummary& summary) {
  const std::string& name = summary.description.models[model].name;
  if (summary.items.scored == 0) return fmt::format("{}: no image was scored yet.", name);
  std::vector<std::string> clauses{fmt::format("{} of the clean images right", percent(summary.score(model, 0).top1))};
  for (const CueGroup& group : cue_groups()) {
    if (summary.description.has_cues) break;  // clean images whose cues conflict are no reference
    if (group.keeps != "shape" && group.keeps != "texture") continue;
    const VariantScores *lowest = nullptr, *highest = nullptr;
    for (const int variant : variants_of_group(summary.description, group.keeps)) {
      const VariantScores& scores = summary.score(model, variant);
      if (!scores.retained.value) continue;
      if (!lowest || *scores.retained.value < *lowest->retained.value) lowest = &scores;
      if (!highest || *scores.retained.value > *highest->retained.value) highest = &scores;
    }
    if (!lowest) continue;
    const std::string condition = group.keeps == "shape" ? "with texture removed" : "with shape removed";
    clauses.push_back(lowest == highest ? fmt::format("{} it keeps {} of that", condition, percent(lowest->retained))
                                        : fmt::format("{} it keeps {} to {} of that", condition,
                                                      percent(lowest->retained), percent(highest->retained)));
  }
  if (summary.conflict_variants.empty()) return fmt::format("{}: {}.", name, fmt::join(clauses, "; "));
  if (const ShapeBiasScores* bias = summary.bias(model, summary.conflict_variants.front()); bias->bias.value)
    clauses.push_back(fmt::format("shape bias {}", percent_with_interval(bias->bias)));
  return fmt::format("{}: {}.", name, fmt::join(clauses, "; "));
}

}  // namespace cuebench
