#pragma once
// Self-describing parameters: one schema drives parsing, range checks, defaults, `cuebench list` and canonical text.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cuebench {

enum class ParameterKind { integer, real, text, choice, file };

/// One parameter of a transform, reader, attack or architecture.
struct ParameterSpec {
  std::string_view name;
  ParameterKind kind = ParameterKind::real;
  /// The default as a user would type it; it passes the same checks as typed values.
  std::string_view default_value = {};
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  /// For ParameterKind::choice: the words allowed. For ParameterKind::real: words allowed instead of a number (`auto`).
  std::vector<std::string_view> choices = {};
  /// Unit or "" and one sentence for `cuebench list`; says which value is neutral, if one is.
  std::string_view unit = "";
  std::string_view doc = "";
};

/// Values of every parameter of one schema: typed ones and defaults. A value type.
class Parameters {
 public:
  std::int64_t integer(std::string_view name) const;
  /// Reals may be typed as 8, 0.5, 8/255, inf. NaN stands for a word that the schema allows instead.
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  /// Empty if none was typed.
  std::filesystem::path file(std::string_view name) const;
  /// All files that were typed: their content decides results too.
  std::vector<std::filesystem::path> files() const;
  /// "key=value,key=value" with every parameter, keys sorted, numbers in shortest form without exponent; fractions
  /// such as 8/255 stay as typed. Parsing the canonical text gives equal values.
  std::string canonical() const;

 private:
  friend Parameters resolve_parameters(std::string_view, const std::vector<ParameterSpec>&,
                                       const std::vector<std::pair<std::string, std::string>>&);
  struct Value {
    ParameterKind kind;
    std::string text;
    double number = 0;
  };
  const Value& find(std::string_view name, ParameterKind kind) const;
  std::map<std::string, Value, std::less<>> values_;
};

/// Checks `typed` (key, value pairs) against `specs` and fills in defaults.
/// `owner` names the thing in messages ("variant patch_shuffle").
/// @throws UsageError for an unknown key (with the nearest ones), a duplicate, a wrong type or a value out of range.
Parameters resolve_parameters(std::string_view owner, const std::vector<ParameterSpec>& specs,
                              const std::vector<std::pair<std::string, std::string>>& typed);

/// A name with unresolved parameters, as typed: NAME[:key=value[,key=value]...].
struct NamedParameters {
  std::string name;
  std::vector<std::pair<std::string, std::string>> values;
};

/// @throws UsageError naming `what` ("variant", "data source") when the text does not follow the grammar.
NamedParameters parse_named_parameters(std::string_view what, std::string_view text);

/// Splits a chain "a:k=1+b" at '+'. @throws UsageError on an empty link.
std::vector<NamedParameters> parse_chain(std::string_view what, std::string_view text);

/// Parses a finite or infinite real: "8", "0.5", "1e-3", "8/255", "inf". @throws UsageError naming `what`.
double parse_real(std::string_view what, std::string_view text);
std::int64_t parse_integer(std::string_view what, std::string_view text);

/// Shortest decimal text that reads back to the same double, never with an exponent; "inf", "-inf".
std::string format_real(double value);

}  // namespace cuebench
