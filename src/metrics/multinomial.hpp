#pragma once
// Exact multinomial draws with fixed category counts, made for many draws from the same stratum.

#include <cstdint>
#include <span>
#include <vector>

#include <cuebench/core/random.hpp>

namespace cuebench {

/// Draws how many of n items, resampled with replacement, fall into each category: a chain of binomials, category k
/// given those left. Small strata (most classes of a large data set) look each binomial up in a table of its cumulative
/// distribution, one uniform number a category; large ones use Boost's rejection method, whose time does not grow with
/// n.
class MultinomialSampler {
 public:
  explicit MultinomialSampler(std::span<const std::int64_t> category_counts);
  /// Adds one draw to `pooled` (as many entries as categories).
  void add_draw(RandomStream& stream, std::span<std::int64_t> pooled);

 private:
  /// Walker's method (Vose's construction): a uniform slot x, kept with its own probability, else its alias.
  struct Slot {
    double keep = 1;
    std::int64_t alias = 0;
  };
  using AliasTable = std::vector<Slot>;
  struct Step {
    std::size_t category = 0;
    double probability = 0;          ///< of this category among those not yet drawn
    std::vector<AliasTable> tables;  ///< tables[left], made when first needed; empty for large strata
  };
  static AliasTable binomial_table(std::int64_t n, double p);
  static std::int64_t draw(Step& step, std::int64_t left, RandomStream& stream);

  std::int64_t n_ = 0;
  std::vector<Step> steps_;  ///< categories with items, without the last one, which takes what is left
  std::size_t last_category_ = 0;
};

}  // namespace cuebench
