#pragma once
// The picture strip: a few images under every variant with every model's answer.

#include "outcome_table.hpp"

namespace cuebench {

/// The first `maximum` items that have stored pictures, without answers.
std::vector<PictureSummary> choose_pictures(const RunStore& store, int maximum);
void add_answers(std::vector<PictureSummary>& pictures, int variant, const VariantOutcomes& outcomes,
                 const Sample& sample);

}  // namespace cuebench
