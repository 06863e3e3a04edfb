#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/parameters.hpp>
#include <cuebench/report/leaderboard.hpp>

#include "corruption_summary.hpp"
#include "file_name.hpp"

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;

std::string percent_text(double share) {
  return fmt::format("{:.2f}", 100 * share);
}

Json percent_or_null(const Measure& measure) {
  return measure.value ? Json(percent_text(*measure.value)) : Json(nullptr);
}

/// The keys of a card in their order; those that only people know are null.
Json empty_card(const RunSummary& summary, int model) {
  const StoredModel& stored = summary.description.models[static_cast<std::size_t>(model)];
  return {{"link", nullptr},
          {"name", stored.name},
          {"authors", nullptr},
          {"additional_data", nullptr},
          {"number_forward_passes", nullptr},
          {"dataset", has_images_of_imagenet(summary.description) ? Json("imagenet") : Json(nullptr)},
          {"venue", nullptr},
          {"architecture", stored.architecture.empty() ? Json(nullptr) : Json(stored.architecture)},
          {"eps", nullptr},
          {"clean_acc", percent_or_null(summary.score(model, 0).top1)},
          {"reported", nullptr}};
}

struct Threat {
  int variant = 0;
  std::string folder, epsilon;
};

/// Variants that are autoattack and nothing else.
std::vector<Threat> autoattacks(const RunDescription& run) {
  std::vector<Threat> threats;
  for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
    const std::string& text = run.variants[variant].text;
    if (!text.starts_with("autoattack:") || text.find('+') != text.npos) continue;
    Threat threat{static_cast<int>(variant), "", ""};
    bool transferred = false;
    for (const auto& [key, value] : parse_named_parameters("variant", text).values) {
      if (key == "norm") threat.folder = value == "linf" ? "Linf" : value == "l2" ? "L2" : "";
      if (key == "epsilon") threat.epsilon = value;
      if (key == "against") transferred = !value.empty();
    }
    if (!threat.folder.empty() && !transferred) threats.push_back(threat);
  }
  return threats;
}

bool is_alexnet(const RunDescription& run, const std::string& baseline) {
  const auto named = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text.find("alexnet") != text.npos;
  };
  if (named(baseline)) return true;
  return std::any_of(run.models.begin(), run.models.end(),
                     [&](const StoredModel& model) { return model.name == baseline && named(model.architecture); });
}

}  // namespace

std::map<std::string, std::string> robustbench_cards(const RunSummary& summary) {
  const RunDescription& run = summary.description;
  const std::vector<Threat> threats = autoattacks(run);
  if (threats.empty() && summary.corruptions.empty())
    throw UsageError(
        "--robustbench needs a variant autoattack:epsilon=... or all 15 corruptions of imagenet_c at 5 severities, and "
        "the run has neither");
  std::map<std::string, std::string> cards;
  const auto add = [&](const std::string& folder, const std::string& more, int model, const Json& card) {
    const std::string name = file_name_part(run.models[static_cast<std::size_t>(model)].name);
    std::string path = fmt::format("{}/{}.json", folder, name);
    if (cards.contains(path)) path = fmt::format("{}/{}_{}.json", folder, name, file_name_part(more));
    cards[path] = card.dump(2, ' ', false, Json::error_handler_t::replace);
  };
  for (std::size_t m = 0; m < run.models.size(); ++m) {
    const int model = static_cast<int>(m);
    for (const Threat& threat : threats) {
      Json card = empty_card(summary, model);
      card["eps"] = threat.epsilon;
      card["autoattack_acc"] = percent_or_null(summary.score(model, threat.variant).top1);
      add(threat.folder, threat.epsilon, model, card);
    }
    for (const CorruptionSummary& corruptions : summary.corruptions) {
      const CorruptionScoresOfModel& scores = corruptions.models.at(m);
      Json card = empty_card(summary, model);
      card["corruptions_acc"] = percent_text(1 - *scores.error.value);
      card["corruptions_mce"] = is_alexnet(run, corruptions.baseline) ? percent_or_null(scores.mce) : Json(nullptr);
      add("corruptions", corruptions.setting, model, card);
    }
  }
  return cards;
}

void write_robustbench_cards(const RunSummary& summary, const std::filesystem::path& folder) {
  const auto cards = robustbench_cards(summary);
  require_writable_folder(folder);
  for (const auto& [name, text] : cards) {
    const std::filesystem::path path = folder / name;
    Json card = Json::parse(text);
    if (std::filesystem::exists(path)) {
      Json known = Json::parse(read_text_file(path), nullptr, false);
      if (!known.is_object())
        throw UsageError(fmt::format(
            "'{}' is there and is no model_info of RobustBench: remove it, or name another folder", path.string()));
      for (const auto& [key, value] : card.items())
        if (!value.is_null() || !known.contains(key)) known[key] = value;
      card = std::move(known);
    }
    std::filesystem::create_directories(path.parent_path());
    write_file_atomically(path, card.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

}  // namespace cuebench
