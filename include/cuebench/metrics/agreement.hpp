#pragma once
// How two observers' right and wrong answers on the same items go together.

#include <cstdint>
#include <optional>

namespace cuebench {

/// Items by who is right.
struct AgreementCounts {
  std::int64_t both = 0, only_first = 0, only_second = 0, neither = 0;
  std::int64_t n() const { return both + only_first + only_second + neither; }
  AgreementCounts& operator+=(const AgreementCounts& other);
};

/// Error consistency (Geirhos, Meding and Wichmann 2020), for n > 0: observed = share of items on which both are right
/// or both wrong; expected = p1 p2 + (1 - p1)(1 - p2) of two independent observers with these accuracies; kappa =
/// (observed - expected) / (1 - expected), and 1 where observed = 1. This is Cohen's kappa of the 2 x 2 table.
struct ErrorConsistency {
  double first = 0, second = 0;  ///< accuracies
  double observed = 0, expected = 0, kappa = 0;
};
/// Absent for n = 0.
std::optional<ErrorConsistency> error_consistency(const AgreementCounts& counts);

}  // namespace cuebench
