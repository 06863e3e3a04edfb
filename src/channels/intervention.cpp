#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <cuebench/channels/intervention.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/lists.hpp>
#include <cuebench/core/parameters.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/metrics/channel_statistics.hpp>

namespace cuebench {
namespace {

using Action = InterventionAction;

constexpr std::array<std::pair<Action, std::string_view>, 7> kActions = {{
    {Action::suppress_opposed, "suppress_opposed"},
    {Action::keep_relevant, "keep_relevant"},
    {Action::keep_random, "keep_random"},
    {Action::zero_relevant, "zero_relevant"},
    {Action::zero_opposed, "zero_opposed"},
    {Action::zero_random, "zero_random"},
    {Action::zero_listed, "zero_listed"},
}};

const std::vector<ParameterSpec>& parameter_specs() {
  static const std::vector<ParameterSpec> specs = {
      {.name = "action", .kind = ParameterKind::text, .default_value = "all", .doc = "actions joined by /, or all"},
      {.name = "channels", .kind = ParameterKind::text, .default_value = "", .doc = "zero_listed: indices joined by /"},
      {.name = "draws",
       .kind = ParameterKind::integer,
       .default_value = "20",
       .minimum = 1,
       .maximum = 1000,
       .doc = "random choices of channels"},
      {.name = "factor",
       .kind = ParameterKind::text,
       .default_value = "0/0.25/0.5/0.75",
       .doc = "suppress_opposed: factors joined by /"},
      {.name = "k",
       .kind = ParameterKind::text,
       .default_value = "auto",
       .doc = "numbers of channels joined by /; auto: 0 and the powers of two below the layer's channels"},
      {.name = "of",
       .kind = ParameterKind::choice,
       .default_value = "top2",
       .choices = {"top2", "predicted", "label"},
       .doc = "the classes whose relevances order the channels"},
  };
  return specs;
}

std::vector<int> integers(std::string_view what, const std::string& text) {
  std::vector<int> values;
  for (const std::string& part : split_list(text)) {
    const std::int64_t value = parse_integer(what, part);
    if (value < 0 || value > 1 << 20) throw UsageError(fmt::format("{} {} is no number of a channel", what, part));
    values.push_back(static_cast<int>(value));
  }
  return values;
}

std::vector<double> reals(std::string_view what, const std::string& text) {
  std::vector<double> values;
  for (const std::string& part : split_list(text)) {
    values.push_back(parse_real(what, part));
    if (!(values.back() >= 0 && values.back() <= 100))
      throw UsageError(fmt::format("{} {} is not between 0 and 100", what, part));
  }
  return values;
}

std::vector<Action> parse_actions(const std::string& text, bool listed) {
  std::vector<Action> actions;
  std::vector<std::string> names;
  for (const auto& [action, name] : kActions) {
    names.emplace_back(name);
    if (text == "all" && action != Action::zero_listed) actions.push_back(action);
  }
  if (text == "all") {
    if (listed) return {Action::zero_listed};
    return actions;
  }
  for (const std::string& part : split_list(text)) {
    const auto found =
        std::find_if(kActions.begin(), kActions.end(), [&](const auto& entry) { return entry.second == part; });
    if (found == kActions.end())
      throw UsageError(
          unknown_name_message("action of --intervene", part, names, fmt::format("{}", fmt::join(names, ", "))));
    actions.push_back(found->first);
  }
  return actions;
}

bool at_random(Action action) {
  return action == Action::keep_random || action == Action::zero_random;
}

std::vector<int> usual_counts(int channels) {
  std::vector<int> counts{0};
  for (int count = 1; count < channels; count *= 2) counts.push_back(count);
  return counts;
}

void require_channel(int value, int channels, std::string_view layer, bool index) {
  if (value < channels + (index ? 0 : 1)) return;
  throw UsageError(fmt::format("--intervene: layer '{}' has {} channels, so {} {} is too large", layer, channels,
                               index ? "index" : "k", value));
}

}  // namespace

std::string_view to_string(InterventionAction action) {
  for (const auto& [value, name] : kActions)
    if (value == action) return name;
  return "";
}

std::string_view to_string(RelevantClasses of) {
  if (of == RelevantClasses::top2) return "top2";
  return of == RelevantClasses::label ? "label" : "predicted";
}

InterventionRequest parse_intervention(std::string_view text, const std::vector<std::string>& models) {
  InterventionRequest request;
  const std::string first(text.substr(0, text.find(':')));
  if (first.size() < text.size() && std::find(models.begin(), models.end(), first) != models.end()) {
    request.model = first;
    text.remove_prefix(first.size() + 1);
  }
  const NamedParameters named = parse_named_parameters("--intervene", text);
  request.layer = named.name;
  const Parameters parameters = resolve_parameters("--intervene " + named.name, parameter_specs(), named.values);
  for (const auto of : {RelevantClasses::top2, RelevantClasses::predicted, RelevantClasses::label})
    if (parameters.text("of") == to_string(of)) request.of = of;
  request.listed = integers("channel of --intervene", parameters.text("channels"));
  request.actions = parse_actions(parameters.text("action"), !request.listed.empty());
  const bool wants_list =
      std::find(request.actions.begin(), request.actions.end(), Action::zero_listed) != request.actions.end();
  if (wants_list != !request.listed.empty())
    throw UsageError(wants_list ? "--intervene: zero_listed needs channels=INDEX/INDEX"
                                : "--intervene: channels are for the action zero_listed");
  if (parameters.text("k") != "auto") request.counts = integers("k of --intervene", parameters.text("k"));
  request.factors = reals("factor of --intervene", parameters.text("factor"));
  request.draws = static_cast<int>(parameters.integer("draws"));
  return request;
}

std::vector<ChannelIntervention> expand(const InterventionRequest& request, int channels) {
  const std::vector<int> counts = request.counts.empty() ? usual_counts(channels) : request.counts;
  for (const int count : counts) require_channel(count, channels, request.layer, false);
  for (const int index : request.listed) require_channel(index, channels, request.layer, true);
  std::vector<ChannelIntervention> all;
  for (const Action action : request.actions) {
    if (action == Action::zero_listed) {
      all.push_back({action, static_cast<double>(request.listed.size()), -1, request.listed});
    } else if (action == Action::suppress_opposed) {
      for (const double factor : request.factors) all.push_back({action, factor, -1, {}});
    } else {
      for (const int count : counts)
        for (int draw = 0; draw < (at_random(action) ? request.draws : 1); ++draw)
          all.push_back({action, static_cast<double>(count), at_random(action) ? draw : -1, {}});
    }
  }
  return all;
}

ChannelOrder order_channels(std::span<const double> relevance, double relevance_threshold) {
  std::vector<int> by_relevance(relevance.size());
  std::iota(by_relevance.begin(), by_relevance.end(), 0);
  std::stable_sort(by_relevance.begin(), by_relevance.end(), [&](int a, int b) {
    return relevance[static_cast<std::size_t>(a)] > relevance[static_cast<std::size_t>(b)];
  });
  ChannelOrder order{std::vector<int>(relevance.size()), partition_channels(relevance, relevance_threshold)};
  for (std::size_t rank = 0; rank < by_relevance.size(); ++rank)
    order.rank[static_cast<std::size_t>(by_relevance[rank])] = static_cast<int>(rank);
  return order;
}

std::vector<int> random_ranks(std::uint64_t seed, std::string_view layer, int draw, int channels) {
  std::vector<int> ranks(static_cast<std::size_t>(channels));
  std::iota(ranks.begin(), ranks.end(), 0);
  RandomStream(seed, fmt::format("{} draw {}", layer, draw), "channel intervention").shuffle(std::span(ranks));
  return ranks;
}

void fill_factors(const ChannelIntervention& intervention, const ChannelOrder& order, std::span<const int> random,
                  std::span<float> factors) {
  const auto count = static_cast<int>(intervention.setting);
  const int channels = static_cast<int>(factors.size());
  std::fill(factors.begin(), factors.end(), 1.0F);
  if (intervention.action == Action::zero_listed) {
    for (const int channel : intervention.listed) factors[static_cast<std::size_t>(channel)] = 0;
    return;
  }
  for (std::size_t c = 0; c < factors.size(); ++c) {
    const int rank = at_random(intervention.action) ? random[c] : order.rank[c];
    bool zero = false;
    switch (intervention.action) {
      case Action::suppress_opposed:
        if (order.signs[c] < 0) factors[c] = static_cast<float>(intervention.setting);
        break;
      case Action::keep_relevant:
      case Action::keep_random:
        zero = rank >= count;
        break;
      case Action::zero_relevant:
      case Action::zero_random:
        zero = rank < count;
        break;
      case Action::zero_opposed:
        zero = rank >= channels - count;
        break;
      case Action::zero_listed:
        break;
    }
    if (zero) factors[c] = 0;
  }
}

std::vector<float> intervened_logits(std::span<const float> logits, std::span<const double> activation,
                                     std::span<const double> weights, std::span<const float> factors) {
  std::vector<float> result(logits.begin(), logits.end());
  for (std::size_t k = 0; k < logits.size(); ++k) {
    double change = 0;
    for (std::size_t c = 0; c < activation.size(); ++c)
      change += (factors[c] - 1.0) * weights[k * activation.size() + c] * activation[c];
    result[k] = static_cast<float>(logits[k] + change);
  }
  return result;
}

}  // namespace cuebench
