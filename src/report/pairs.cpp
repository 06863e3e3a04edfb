#include <algorithm>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/summary.hpp>

namespace cuebench {
namespace {

int find_model(const std::vector<StoredModel>& models, const std::string& name) {
  for (std::size_t i = 0; i < models.size(); ++i)
    if (models[i].name == name) return static_cast<int>(i);
  std::vector<std::string> known;
  for (const StoredModel& model : models) known.push_back(model.name);
  throw UsageError(unknown_name_message("model in a pair", name, known, "cuebench inspect RUN"));
}

}  // namespace

std::vector<std::pair<int, int>> choose_pairs(const std::vector<StoredModel>& models,
                                              const std::vector<std::pair<std::string, std::string>>& wanted) {
  std::vector<std::pair<int, int>> pairs;
  for (const auto& [robust, standard] : wanted) {
    const std::pair pair{find_model(models, robust), find_model(models, standard)};
    if (pair.first == pair.second)
      throw UsageError("the pair " + robust + ":" + standard + " compares a model with itself: name two models");
    if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
  }
  if (!wanted.empty()) return pairs;

  for (std::size_t robust = 0; robust < models.size(); ++robust) {
    if (models[robust].role != "robust") continue;
    int chosen = -1;
    for (std::size_t i = models.size(); i-- > 0;) {
      if (models[i].role != "standard") continue;
      const bool same = !models[i].architecture.empty() && models[i].architecture == models[robust].architecture;
      const bool chosen_same = chosen >= 0 && !models[chosen].architecture.empty() &&
                               models[chosen].architecture == models[robust].architecture;
      if (same || !chosen_same) chosen = static_cast<int>(i);
    }
    if (chosen >= 0) pairs.emplace_back(static_cast<int>(robust), chosen);
  }
  return pairs;
}

}  // namespace cuebench
