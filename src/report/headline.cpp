#include "headline.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "text.hpp"

namespace cuebench {
namespace {

/// Why the two models cannot be compared, or "".
std::string why_not_comparable(const PairComparison& pair, const RunSummary& summary) {
  const auto& models = summary.description.models;
  if (summary.items.scored == 0) return "no image was scored by both models";
  if (models[pair.robust].classes != models[pair.standard].classes)
    return fmt::format("they tell {} and {} classes apart", models[pair.robust].classes, models[pair.standard].classes);
  const auto classes = static_cast<double>(std::max<std::size_t>(1, summary.description.classes.size()));
  for (const int model : {pair.robust, pair.standard}) {
    const Measure& clean = summary.score(model, 0).top1;
    if (clean.low && *clean.low <= 1 / classes)
      return fmt::format("{} is not above chance on the clean images ({} right)", models[model].name, percent(clean));
  }
  return "";
}

/// Evidence for shape (+1), for texture (-1), or none (0).
struct Evidence {
  int from_variants = 0, from_conflicts = 0;
};

Evidence weigh(const PairComparison& pair) {
  Evidence evidence;
  const CueEvidence& cues = pair.cues;
  if (cues.contrast.value)
    evidence.from_variants = side_of_zero(cues.contrast);
  else if (cues.shape_difference.value)
    evidence.from_variants = side_of_zero(cues.shape_difference);
  else if (cues.texture_difference.value)
    evidence.from_variants = -side_of_zero(cues.texture_difference);
  if (!pair.variants.empty()) evidence.from_conflicts = side_of_zero(pair.variants.front().shape_bias_difference);
  return evidence;
}

bool has_evidence(const PairComparison& pair) {
  return pair.cues.shape_difference.value || pair.cues.texture_difference.value ||
         (!pair.variants.empty() && pair.variants.front().shape_bias_difference.value);
}

Verdict verdict_of(const Evidence& evidence) {
  const int sum = evidence.from_variants + evidence.from_conflicts;
  if (sum > 0) return Verdict::more_shape;
  if (sum < 0) return Verdict::less_shape;
  return evidence.from_variants == 0 ? Verdict::undecided : Verdict::mixed;
}

std::string kept_clause(const char* condition, std::span<const int> variants, const Measure& robust,
                        const Measure& standard, const Measure& difference, const RunDescription& run,
                        const std::string& standard_name) {
  return fmt::format("{} ({}) it keeps {} of its clean accuracy against {} for {}, {}", condition,
                     list_variants(variants, run, 4), percent(robust), percent(standard), standard_name,
                     points_with_interval(difference));
}

const Measure* shape_bias_difference(const PairComparison& pair) {
  if (pair.variants.empty() || !pair.variants.front().shape_bias_difference.value) return nullptr;
  return &pair.variants.front().shape_bias_difference;
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
  if (const Measure* difference = shape_bias_difference(pair))
    clauses.push_back(fmt::format("where shape and texture disagree its shape bias is {} against {} for {}, {}",
                                  percent(summary.bias(pair.robust, 0)->bias),
                                  percent(summary.bias(pair.standard, 0)->bias), standard,
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
    case Verdict::mixed:
      return fmt::format("Undecided: the measures disagree whether {} {} than {}", robust, question.more, standard);
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
    case Verdict::mixed:
      return "mixed";
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
  if (const ShapeBiasScores* bias = summary.bias(model, 0); bias && bias->bias.value)
    clauses.push_back(fmt::format("shape bias {}", percent_with_interval(bias->bias)));
  return fmt::format("{}: {}.", name, fmt::join(clauses, "; "));
}

}  // namespace cuebench
