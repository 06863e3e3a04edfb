#include "pictures.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cuebench {

std::vector<PictureSummary> choose_pictures(const RunStore& store, int maximum) {
  std::map<std::int64_t, PictureSummary> by_item;
  for (BlockRecord::Picture& picture : store.pictures()) {
    PictureSummary& summary = by_item[picture.item];
    summary.item = picture.item;
    summary.frames.push_back({picture.variant, std::move(picture.png), {}});
  }
  std::vector<PictureSummary> pictures;
  for (auto& [item, summary] : by_item) {
    if (static_cast<int>(pictures.size()) >= maximum) break;
    std::sort(summary.frames.begin(), summary.frames.end(),
              [](const auto& a, const auto& b) { return a.variant < b.variant; });
    pictures.push_back(std::move(summary));
  }
  return pictures;
}

void add_answers(std::vector<PictureSummary>& pictures, int variant, const VariantOutcomes& outcomes,
                 const Sample& sample) {
  for (PictureSummary& picture : pictures)
    for (PictureSummary::Frame& frame : picture.frames) {
      if (frame.variant != variant || !sample.items.scored[picture.item]) continue;
      for (std::size_t model = 0; model < outcomes.predicted.size(); ++model)
        frame.answers.push_back({outcomes.predicted[model][picture.item], outcomes.confidence[model][picture.item],
                                 outcomes.correct[model][picture.item] != 0});
    }
}

}  // namespace cuebench
