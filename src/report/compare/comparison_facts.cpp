#include "comparison_facts.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "../text.hpp"
#include "compared_run.hpp"

namespace cuebench {
namespace {

/// "A: x; B: y", one part a run.
template <typename TextOf>
std::string by_run(const std::vector<ComparedRun>& runs, TextOf text_of) {
  std::string text;
  for (const ComparedRun& run : runs) text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", run.name, text_of(run));
  return text;
}

template <typename ValueOf>
bool all_equal(const std::vector<ComparedRun>& runs, ValueOf value_of) {
  return std::all_of(runs.begin(), runs.end(),
                     [&](const ComparedRun& run) { return value_of(run) == value_of(runs.front()); });
}

ComparisonFact image_fact(const std::vector<ComparedRun>& runs, std::int64_t common) {
  const bool digest_known = std::none_of(runs.begin(), runs.end(), [](const auto& run) { return run.data.empty(); });
  const bool same_data = digest_known && all_equal(runs, [](const ComparedRun& run) { return run.data; });
  const bool same_items =
      all_equal(runs, [](const ComparedRun& run) { return run.items.scored; }) && runs.front().items.total == common;
  const std::string scored = by_run(runs, [](const ComparedRun& run) { return count_of(run.items.scored, "image"); });
  if (same_data && same_items)
    return {"Images", true,
            fmt::format("the same data (SHA-256 {}), {} scored in every run", runs.front().data.substr(0, 16),
                        count_of(runs.front().items.scored, "image"))};
  std::string text;
  if (same_data)
    text =
        fmt::format("the same data (SHA-256 {}) but not the same images were scored", runs.front().data.substr(0, 16));
  else if (digest_known)
    text = fmt::format(
        "the data differ (SHA-256 {}); images are matched by their path, and whether the files are the "
        "same is not known",
        by_run(runs, [](const ComparedRun& run) { return run.data.substr(0, 16); }));
  else
    text = "a run has no digest of its data; images are matched by their path";
  return {"Images", false, fmt::format("{}; scored: {}; {} in all", text, scored, count_of(common, "common path"))};
}

ComparisonFact class_fact(const std::vector<ComparedRun>& runs) {
  if (all_equal(runs, [](const ComparedRun& run) { return run.description.classes; }))
    return {"Classes", true,
            fmt::format("the same {}", count_of(std::ssize(runs.front().description.classes), "class name"))};
  return {"Classes", false,
          fmt::format("the class lists differ ({}): decisions are compared by class name",
                      by_run(runs, [](const ComparedRun& run) {
                        return count_of(std::ssize(run.description.classes), "class name");
                      }))};
}

std::set<std::string> variant_texts(const ComparedRun& run) {
  std::set<std::string> texts;
  for (const StoredVariant& variant : run.description.variants) texts.insert(variant.text);
  return texts;
}

ComparisonFact variant_fact(const std::vector<ComparedRun>& runs) {
  std::set<std::string> common = variant_texts(runs.front());
  for (const ComparedRun& run : runs) {
    const std::set<std::string> own = variant_texts(run);
    std::erase_if(common, [&](const std::string& text) { return !own.contains(text); });
  }
  if (all_equal(runs, variant_texts))
    return {"Variants", true, fmt::format("the same {}", count_of(std::ssize(common), "variant"))};
  const std::string others = by_run(runs, [&](const ComparedRun& run) {
    std::vector<std::string> own;
    for (const StoredVariant& variant : run.description.variants)
      if (!common.contains(variant.text)) own.push_back(transforms_of(variant.text));
    own.erase(std::unique(own.begin(), own.end()), own.end());
    return own.empty() ? "none" : join_names(own);
  });
  return {"Variants", false,
          fmt::format("{} in every run; beyond them {}", count_of(std::ssize(common), "variant"), others)};
}

/// One fact for each key of the configuration that differs, one for the rest. Data and pairs are told elsewhere.
std::vector<ComparisonFact> configuration_facts(const std::vector<ComparedRun>& runs) {
  std::vector<nlohmann::json> configurations;
  std::set<std::string> keys;
  for (const ComparedRun& run : runs) {
    configurations.push_back(nlohmann::json::parse(run.description.configuration, nullptr, false));
    if (!configurations.back().is_object()) configurations.back() = nlohmann::json::object();
    for (const auto& [key, value] : configurations.back().items())
      if (key != "data" && key != "pairs" && key != "pictures") keys.insert(key);
  }
  std::vector<ComparisonFact> facts;
  std::vector<std::string> same;
  for (const std::string& key : keys) {
    const auto value = [&](std::size_t run) -> std::string {
      return configurations[run].contains(key) ? configurations[run][key].dump() : "not stated";
    };
    std::string text;
    bool equal = true;
    for (std::size_t run = 0; run < runs.size(); ++run) {
      equal = equal && value(run) == value(0);
      text += fmt::format("{}{}: {}", run ? "; " : "", runs[run].name, value(run));
    }
    if (equal)
      same.push_back(key);
    else
      facts.push_back({key, false, text});
  }
  if (!same.empty()) facts.push_back({"Configuration", true, "the same " + join_names(same)});
  return facts;
}

}  // namespace

std::vector<ComparisonFact> compare_facts(const std::vector<ComparedRun>& runs, std::int64_t common_images) {
  std::vector<ComparisonFact> facts{image_fact(runs, common_images), class_fact(runs), variant_fact(runs)};
  for (const ComparedRun& run : runs)
    if (!run.complete)
      facts.push_back(
          {"Unfinished", false,
           fmt::format("{}: {} of {} blocks are done", run.name, run.items.finished_blocks, run.items.blocks)});
  for (ComparisonFact& fact : configuration_facts(runs)) facts.push_back(std::move(fact));
  std::stable_partition(facts.begin(), facts.end(), [](const ComparisonFact& fact) { return !fact.same; });
  return facts;
}

}  // namespace cuebench
