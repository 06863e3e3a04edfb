#include <cuebench/metrics/agreement.hpp>

namespace cuebench {

AgreementCounts& AgreementCounts::operator+=(const AgreementCounts& other) {
  both += other.both;
  only_first += other.only_first;
  only_second += other.only_second;
  neither += other.neither;
  return *this;
}

std::optional<ErrorConsistency> error_consistency(const AgreementCounts& counts) {
  if (counts.n() == 0) return std::nullopt;
  const auto n = static_cast<double>(counts.n());
  ErrorConsistency result;
  result.first = static_cast<double>(counts.both + counts.only_first) / n;
  result.second = static_cast<double>(counts.both + counts.only_second) / n;
  result.observed = static_cast<double>(counts.both + counts.neither) / n;
  result.expected = result.first * result.second + (1 - result.first) * (1 - result.second);
  // Two observers who agree everywhere are consistent even where chance alone would have them agree (0 / 0).
  const bool agree = counts.only_first + counts.only_second == 0;
  result.kappa = agree ? 1 : (result.observed - result.expected) / (1 - result.expected);
  return result;
}

}  // namespace cuebench
