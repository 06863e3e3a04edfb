#include <cctype>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

namespace cuebench {
namespace {

constexpr std::string_view kGrammar =
    "write --model NAME=FILE[,role=standard|robust][,arch=A][,preset=P][,factors=constant]";
const std::vector<std::string>& option_names() {
  static const std::vector<std::string> names{"role", "arch", "preset", "factors"};
  return names;
}

/// A name stands in file names, tables and pairs (A:B), so it must not hold their separators.
void check_name(std::string_view name, std::string_view text) {
  if (name.empty()) throw UsageError(fmt::format("model '{}' has no name; {}", text, kGrammar));
  for (const unsigned char c : name)
    if (std::iscntrl(c) || std::isspace(c) || c == ':' || c == ',' || c == '"' || c == '/' || c == '\\')
      throw UsageError(
          fmt::format("model name '{}' holds a blank or one of : , / \\ \"; use letters, digits, - and _", name));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

struct TypedOptions {
  std::string file, role, arch, preset, factors;
};

/// Segments between commas: an option, or the rest of what stands before (a file name with a comma, a parameter of
/// arch).
TypedOptions parse_options(std::string_view rest, std::string_view text) {
  TypedOptions options;
  std::string* current = &options.file;
  std::vector<std::string> seen;
  bool first = true;
  for (const std::string_view segment : split(rest, ',')) {
    const std::size_t equals = segment.find('=');
    const std::string key(equals == std::string_view::npos ? "" : segment.substr(0, equals));
    std::string* const target = key == "role"      ? &options.role
                                : key == "arch"    ? &options.arch
                                : key == "preset"  ? &options.preset
                                : key == "factors" ? &options.factors
                                                   : nullptr;
    if (!first && target) {
      for (const std::string& other : seen)
        if (other == key) throw UsageError(fmt::format("model '{}' has {} twice; give it once", text, key));
      seen.push_back(key);
      *target = segment.substr(equals + 1);
      if (target->empty()) throw UsageError(fmt::format("model '{}': {} is empty; {}", text, key, kGrammar));
      current = target;
    } else if (first) {
      options.file = segment;
    } else if (current == &options.arch || (current == &options.file && key.empty())) {
      current->append(1, ',').append(segment);
    } else {
      throw UsageError(fmt::format("model '{}': {}", text,
                                   unknown_name_message("option", key.empty() ? std::string(segment) : key,
                                                        option_names(), std::string(kGrammar))));
    }
    first = false;
  }
  return options;
}

void check_file(const std::filesystem::path& file, std::string_view name) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status))
    throw UsageError(fmt::format("model '{}': file {} does not exist; check the path", name, file.string()));
  if (std::filesystem::is_directory(status))
    throw UsageError(fmt::format("model '{}': {} is a folder; name the checkpoint file in it", name, file.string()));
}

}  // namespace

ModelSpec parse_model_spec(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    throw UsageError(fmt::format("model '{}' is not NAME=FILE; {}", text, kGrammar));
  ModelSpec spec;
  spec.name = text.substr(0, equals);
  check_name(spec.name, text);
  const TypedOptions options = parse_options(text.substr(equals + 1), text);
  if (options.file.empty()) throw UsageError(fmt::format("model '{}' names no file; {}", text, kGrammar));
  spec.file = options.file;
  check_file(spec.file, spec.name);

  const std::filesystem::path sidecar = spec.file.string() + ".json";
  std::error_code ignored;
  if (std::filesystem::exists(sidecar, ignored)) spec.sidecar = read_sidecar(sidecar);
  if (!options.arch.empty()) spec.sidecar.arch = options.arch;
  spec.role = options.role.empty() ? spec.sidecar.role : options.role;
  spec.preset = options.preset.empty() ? spec.sidecar.preset : options.preset;
  if (!options.factors.empty() && options.factors != "constant" && options.factors != "differentiated")
    throw UsageError(fmt::format("model '{}': factors '{}' is not known; use differentiated or constant", spec.name,
                                 options.factors));
  spec.constant_factors = options.factors == "constant";
  if (!spec.role.empty() && spec.role != "standard" && spec.role != "robust")
    throw UsageError(fmt::format("model '{}': role '{}' is not known; use standard or robust", spec.name, spec.role));
  return spec;
}

}  // namespace cuebench
