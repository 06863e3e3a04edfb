#include "set_trials.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <fnmatch.h>

#include <cuebench/core/natural_order.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/conditions.hpp>

namespace cuebench::scoring {
namespace {

using Observer = SetTrials::Observer;

std::vector<Observer> split_by_observer(const TrialTable& table, std::span<const std::uint32_t> rows,
                                        const std::string& humans) {
  std::vector<Observer> observers;
  std::unordered_map<std::uint32_t, std::size_t> place;
  for (const std::uint32_t row : rows) {
    const auto [found, first] = place.try_emplace(table.observer[row], observers.size());
    if (first) {
      Observer& observer = observers.emplace_back();
      observer.name = table.observers[table.observer[row]];
      observer.human = ::fnmatch(humans.c_str(), observer.name.c_str(), 0) == 0;
    }
    observers[found->second].trials.push_back(row);
  }
  std::sort(observers.begin(), observers.end(), [](const Observer& a, const Observer& b) {
    return a.human != b.human ? b.human : natural_less(a.name, b.name);
  });
  for (Observer& observer : observers) {
    // Earlier sessions first: they are the ones that observers are compared on.
    std::stable_sort(observer.trials.begin(), observer.trials.end(),
                     [&](auto a, auto b) { return table.session[a] < table.session[b]; });
    std::set<std::int32_t> sessions;
    for (const std::uint32_t row : observer.trials)
      if (sessions.empty() || *sessions.rbegin() != table.session[row]) sessions.insert(table.session[row]);
    observer.sessions = static_cast<std::int64_t>(sessions.size());
  }
  return observers;
}

/// Whether the observer's files tell conditions apart.
bool tells_conditions(const TrialTable& table, const Observer& observer) {
  return std::any_of(observer.trials.begin(), observer.trials.end(), [&](std::uint32_t row) {
    return table.condition[row] != table.condition[observer.trials.front()];
  });
}

constexpr std::uint32_t kNoCondition = ~std::uint32_t{0};

/// The condition of each image (by number) as those observers have it who tell conditions apart; empty when an image
/// has several.
std::vector<std::uint32_t> conditions_of_images(const TrialTable& table, const std::vector<Observer>& observers,
                                                const std::vector<bool>& tells) {
  std::vector<std::uint32_t> conditions(table.images.size(), kNoCondition);
  for (std::size_t o = 0; o < observers.size(); ++o) {
    if (!tells[o]) continue;
    for (const std::uint32_t row : observers[o].trials) {
      std::uint32_t& condition = conditions[table.image[row]];
      if (condition != kNoCondition && condition != table.condition[row]) return {};
      condition = table.condition[row];
    }
  }
  return conditions;
}

}  // namespace

SetTrials arrange_set(const TrialTable& table, std::span<const std::uint32_t> rows, const std::string& humans,
                      std::vector<Finding>& findings) {
  SetTrials set;
  set.name = table.sets[table.set[rows.front()]];
  set.observers = split_by_observer(table, rows, humans);
  std::vector<bool> tells;
  for (const Observer& observer : set.observers) tells.push_back(tells_conditions(table, observer));
  const bool plain = std::find(tells.begin(), tells.end(), true) == tells.end();

  // Conditions that occur, in order.
  std::vector<int> place_of_condition(table.conditions.size(), 0);
  if (plain) {
    set.conditions.emplace_back();
  } else {
    std::vector<bool> occurs(table.conditions.size(), false);
    for (const std::uint32_t row : rows) occurs[table.condition[row]] = true;
    std::vector<std::uint32_t> order;
    for (std::uint32_t number = 0; number < occurs.size(); ++number)
      if (occurs[number]) order.push_back(number);
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return natural_less(table.conditions[a], table.conditions[b]); });
    for (const std::uint32_t number : order) {
      place_of_condition[number] = static_cast<int>(set.conditions.size());
      set.conditions.push_back(table.conditions[number]);
    }
  }
  const auto place = [&](std::uint32_t condition) { return place_of_condition[condition]; };
  const auto of_image = conditions_of_images(table, set.observers, tells);
  const bool by_image = plain || !of_image.empty();
  const auto condition_of = [&](std::uint32_t row) {
    if (plain) return 0;
    if (!by_image) return place(table.condition[row]);
    const std::uint32_t told = of_image[table.image[row]];
    return place(told == kNoCondition ? table.condition[row] : told);
  };

  // Images in order of condition and category, so that bootstrap strata are ranges.
  FlatIndex index;
  const auto enter = [&](std::uint32_t row, int condition) {
    const auto next = static_cast<std::uint32_t>(set.images.size());
    const std::uint64_t hash = mixed(std::uint64_t{table.image[row]} << 16 | static_cast<std::uint64_t>(condition));
    const std::uint32_t found = index.find_or_enter(hash, next, [&](std::uint32_t other) {
      return set.images[other].image == table.image[row] && set.images[other].condition == condition;
    });
    if (found == next) set.images.push_back({table.image[row], condition, table.category[row], -1, -1});
    return found;
  };
  std::vector<std::uint32_t> image_of_row(rows.back() - rows.front() + 1);
  std::int64_t disagreements = 0;
  std::uint32_t first_disagreement = 0;
  for (const std::uint32_t row : rows) {
    const std::uint32_t image = enter(row, condition_of(row));
    image_of_row[row - rows.front()] = image;
    if (set.images[image].category != table.category[row]) {
      if (disagreements++ == 0) first_disagreement = row;
    }
  }
  if (disagreements > 0)
    findings.push_back({table.files[table.file[first_disagreement]], table.line[first_disagreement], disagreements,
                        fmt::format("image '{}' has another category than in an earlier file of set '{}'",
                                    table.images[table.image[first_disagreement]], set.name)});
  for (SetImage& image : set.images) {
    const auto& labels = table.cues[image.image];
    if (!labels || labels->shape == labels->texture) continue;
    image.shape = labels->shape;
    image.texture = labels->texture;
  }
  std::vector<std::uint32_t> order(set.images.size()), place_of_image(set.images.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const SetImage &x = set.images[a], &y = set.images[b];
    return x.condition != y.condition ? x.condition < y.condition : x.category < y.category;
  });
  std::vector<SetImage> sorted;
  for (const std::uint32_t image : order) {
    place_of_image[image] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(set.images[image]);
  }
  set.images = std::move(sorted);

  for (std::size_t o = 0; o < set.observers.size(); ++o) {
    Observer& observer = set.observers[o];
    observer.answered.assign(set.images.size(), Answered::absent);
    observer.response.assign(set.images.size(), static_cast<std::int8_t>(kNoResponse));
    observer.condition_of.reserve(observer.trials.size());
    for (const std::uint32_t row : observer.trials) {
      observer.condition_of.push_back(static_cast<std::uint16_t>(place(table.condition[row])));
      const std::uint32_t image = place_of_image[image_of_row[row - rows.front()]];
      if (observer.answered[image] != Answered::absent) {
        ++observer.repeated;
        continue;
      }
      observer.answered[image] = table.response[row] == table.category[row] ? Answered::right : Answered::wrong;
      observer.response[image] = table.response[row];
    }
    if (observer.repeated > 0)
      findings.push_back({fmt::format("set {}, observer {}", set.name, observer.name), 0, 1,
                          fmt::format("{} of {} trials show an image again: all count in accuracies, the earliest in "
                                      "comparisons with other observers",
                                      observer.repeated, observer.trials.size())});
  }
  return set;
}

}  // namespace cuebench::scoring
