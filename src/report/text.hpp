#pragma once
// Numbers and names as people read them; shared by the terminal table and the page.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/report/summary.hpp>

namespace cuebench {

/// "61.2 %"; "n/a" without a value.
std::string percent(const Measure& measure);
/// "61.2 % (58.9 to 63.4)"; the interval is left out where there is none.
std::string percent_with_interval(const Measure& measure);
/// A difference of shares in percentage points: 0.123 -> "+12.3".
std::string signed_points(double difference);
/// Difference of shares in percentage points with its sign: "+12.3", "−4.0".
std::string points(const Measure& measure);
/// "+12.3 points (95 % interval +10.1 to +14.5)"
std::string points_with_interval(const Measure& measure);
/// Fixed number of decimals, a true minus sign.
std::string decimal(double value, int decimals);
/// "p < 0.001" or "p = 0.032".
std::string p_value(double p);

/// -1, 0, +1: the interval lies below, across or above 0; 0 without an interval.
int side_of_zero(const Measure& measure);

/// "grayscale+patch_shuffle" of "grayscale:weights=709+patch_shuffle:k=4".
std::string transforms_of(std::string_view variant);
/// Transforms of the variants, each once: "silhouette, edges and 2 more".
std::string list_variants(std::span<const int> variants, const RunDescription& run, std::size_t maximum = 3);
/// "a, b and c"
std::string join_names(const std::vector<std::string>& names);

/// Valid UTF-8: bytes that are not are replaced by U+FFFD.
std::string valid_utf8(std::string_view text);
/// Safe in the text and the quoted attributes of HTML and SVG: valid UTF-8, & < > " ' as references, control characters
/// replaced.
std::string escape_markup(std::string_view text);

/// The order and titles in which variants are shown, by StoredVariant::keeps; clean is in none.
struct CueGroup {
  std::string_view keeps, title;
};
std::span<const CueGroup> cue_groups();
/// Variants of one group: families of the same transforms in the order of the run, each by ascending parameters;
/// variants with an unknown `keeps` are in the last group.
std::vector<int> variants_of_group(const RunDescription& run, std::string_view keeps);

}  // namespace cuebench
