#include "compared_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cuebench {
namespace {

std::string data_digest(const RunDescription& run) {
  const auto configuration = nlohmann::json::parse(run.configuration, nullptr, false);
  if (!configuration.is_object() || !configuration.contains("data") || !configuration["data"].is_string()) return "";
  return configuration["data"].get<std::string>();
}

}  // namespace

OpenRun::OpenRun(const std::filesystem::path& folder) : store(RunStore::open(folder)), sample(make_sample(store)) {
  for (BlockRecord::Picture& picture : store.pictures())
    pictures[{picture.item, picture.variant}] = std::move(picture.png);
}

int OpenRun::variant(const std::string& text) const {
  const auto found = std::find_if(run().variants.begin(), run().variants.end(),
                                  [&](const StoredVariant& variant) { return variant.text == text; });
  return found == run().variants.end() ? -1 : static_cast<int>(found - run().variants.begin());
}

std::vector<std::byte> OpenRun::picture(std::int64_t item, int variant) const {
  const auto found = pictures.find({item, variant});
  return found == pictures.end() ? std::vector<std::byte>() : found->second;
}

ComparedRun describe_run(const OpenRun& open, std::string name) {
  ComparedRun compared;
  compared.name = std::move(name);
  compared.description = open.run();
  compared.data = data_digest(open.run());
  compared.complete = open.store.complete();
  compared.items = open.sample.items.counts;
  compared.scores.resize(open.run().variants.size() * open.run().models.size());
  return compared;
}

VariantOutcomes read_variant(const OpenRun& open, int variant, ComparedRun& compared) {
  VariantOutcomes outcomes;
  std::vector<VariantScores> scores = read_variant(open.store, variant, open.sample, outcomes);
  std::move(scores.begin(), scores.end(),
            compared.scores.begin() + static_cast<std::ptrdiff_t>(variant) * std::ssize(scores));
  return outcomes;
}

const VariantScores& ComparedRun::score(int model, int variant) const {
  return scores.at(static_cast<std::size_t>(variant) * description.models.size() + static_cast<std::size_t>(model));
}

std::string count_of(std::int64_t n, std::string_view thing) {
  return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s");
}

}  // namespace cuebench
