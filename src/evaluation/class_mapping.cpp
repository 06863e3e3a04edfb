#include "class_mapping.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>

#include "class_space.hpp"

namespace cuebench {

extern const char* const kImagenet16Text;  // resources/imagenet16.txt

namespace {

using Json = nlohmann::ordered_json;

/// Entry-level category, CIFAR-10's class. Deer, frog and horse belong to none.
constexpr std::array<std::pair<const char*, const char*>, 7> kSharedWithCifar10{{{"airplane", "airplane"},
                                                                                 {"bird", "bird"},
                                                                                 {"boat", "ship"},
                                                                                 {"car", "automobile"},
                                                                                 {"cat", "cat"},
                                                                                 {"dog", "dog"},
                                                                                 {"truck", "truck"}}};

int place_of(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

void require_outputs(const std::string& source, const MappedModel& model, int outputs) {
  if (model.outputs != outputs)
    throw UsageError(
        fmt::format("--class-mapping {} is for models of {} outputs and model '{}' has {}: write "
                    "--class-mapping MODEL={} for the models that it fits",
                    source, outputs, model.name, model.outputs, source));
}

/// A mapping file, checked entry by entry.
class MappingFile {
 public:
  MappingFile(const std::string& file, const MappedModel& model, const std::vector<std::string>& categories)
      : file_(file), model_(model), categories_(categories) {}

  CategoryOutputs read() {
    if (!std::filesystem::exists(file_))
      throw UsageError(fmt::format(
          "--class-mapping '{}' is neither a file nor built in: name a JSON file, imagenet16 or cifar10", file_));
    const Json json = parse();
    CategoryOutputs mapping;
    for (const auto& [category, outputs] : json.items()) mapping[category] = members(category, outputs);
    if (mapping.size() < 2)
      throw UsageError(fmt::format("'{}' names {} categor{}: a decision needs two or more", file_, mapping.size(),
                                   mapping.size() == 1 ? "y" : "ies"));
    return mapping;
  }

 private:
  Json parse() {
    std::string repeated;
    std::vector<std::string> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (event != Json::parse_event_t::key || depth != 1) return true;
      const auto key = parsed.get<std::string>();
      if (place_of(keys, key) >= 0) repeated = key;
      keys.push_back(key);
      return true;
    };
    Json json;
    try {
      json = Json::parse(read_text_file(file_), watch);
    } catch (const Json::parse_error& error) {
      throw UsageError(
          fmt::format("'{}' is not JSON (byte {}): write {{\"category\": [outputs, ...], ...}}, or name "
                      "imagenet16 or cifar10",
                      file_, error.byte));
    }
    if (!json.is_object())
      throw UsageError(fmt::format("'{}' is not a JSON object: write {{\"category\": [outputs, ...], ...}}", file_));
    if (!repeated.empty())
      throw UsageError(fmt::format("'{}' names the category '{}' twice: join the two lists", file_, repeated));
    return json;
  }

  std::vector<int> members(const std::string& category, const Json& outputs) {
    if (place_of(categories_, category) < 0)
      throw UsageError(unknown_name_message("category", category, categories_,
                                            fmt::format("categories in '{}' are the classes of the data", file_)));
    if (!outputs.is_array())
      throw UsageError(
          fmt::format("'{}', category '{}': write a list of outputs, as in [404] or [\"airliner\"]", file_, category));
    if (outputs.empty())
      throw UsageError(
          fmt::format("'{}', category '{}' is empty: leave out a category that the model lacks", file_, category));
    std::vector<int> found;
    for (const Json& output : outputs) {
      found.push_back(index_of(category, output));
      const auto [owner, free] = owner_.try_emplace(found.back(), category);
      if (!free)
        throw UsageError(fmt::format("'{}' puts output {} into '{}' and into '{}': an output belongs to one category",
                                     file_, output.dump(), owner->second, category));
    }
    return found;
  }

  int index_of(const std::string& category, const Json& output) {
    if (output.is_number_integer()) {
      const auto outputs = static_cast<std::uint64_t>(model_.outputs);
      if (!output.is_number_unsigned() || output.get<std::uint64_t>() >= outputs)
        throw UsageError(fmt::format("'{}', category '{}': output {} is out of range, model '{}' has outputs 0 to {}",
                                     file_, category, output.dump(), model_.name, model_.outputs - 1));
      return output.get<int>();
    }
    if (!output.is_string())
      throw UsageError(fmt::format("'{}', category '{}': {} is neither the index nor the name of an output", file_,
                                   category, output.dump(-1, ' ', false, Json::error_handler_t::replace)));
    return index_of_name(category, output.get<std::string>());
  }

  int index_of_name(const std::string& category, const std::string& name) {
    const bool imagenet = model_.classes.empty() && model_.outputs == 1000;
    const std::vector<std::string>& names = imagenet ? imagenet_wordnet_ids() : model_.classes;
    if (names.empty())
      throw UsageError(
          fmt::format("'{}', category '{}' names the output '{}', and model '{}' has no class names: write "
                      "indices, or list the names in its sidecar FILE.json as \"classes\"",
                      file_, category, name, model_.name));
    const int index = place_of(names, name);
    if (index < 0)
      throw UsageError(
          unknown_name_message("output", name, names,
                               fmt::format("'{}', category '{}': {}", file_, category,
                                           imagenet ? "outputs are WordNet ids such as n02690373, or indices"
                                                    : "names are those of the model's sidecar, or write indices")));
    return index;
  }

  const std::string& file_;
  const MappedModel& model_;
  const std::vector<std::string>& categories_;
  std::map<int, std::string> owner_;
};

void require_entry_level(const std::string& source, const std::vector<std::string>& categories) {
  for (const auto& name : categories)
    if (place_of(entry_level_categories(), name) < 0)
      throw UsageError(
          fmt::format("--class-mapping {} maps to the 16 categories of the cue-conflict stimuli, and the "
                      "class '{}' is none of them: write a mapping file for these classes",
                      source, name));
}

}  // namespace

const CategoryOutputs& imagenet_outputs() {
  static const CategoryOutputs categories = [] {
    CategoryOutputs read;
    std::istringstream lines(kImagenet16Text);
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream words(line);
      std::string name;
      words >> name;
      for (int index = 0; words >> index;) read[name].push_back(index);
    }
    return read;
  }();
  return categories;
}

const std::vector<std::string>& entry_level_categories() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> keys;
    for (const auto& [name, outputs] : imagenet_outputs()) keys.push_back(name);
    return keys;
  }();
  return names;
}

const std::vector<std::string>& cifar10_classes() {
  static const std::vector<std::string> names{"airplane", "automobile", "bird",  "cat",  "deer",
                                              "dog",      "frog",       "horse", "ship", "truck"};
  return names;
}

CategoryOutputs cifar10_outputs(const std::vector<std::string>& classes) {
  const std::vector<std::string>& order = classes.empty() ? cifar10_classes() : classes;
  CategoryOutputs outputs;
  for (const auto& [category, name] : kSharedWithCifar10) outputs[category] = {place_of(order, name)};
  return outputs;
}

CategoryOutputs read_class_mapping(const std::string& source, const MappedModel& model,
                                   const std::vector<std::string>& categories) {
  CategoryOutputs mapping;
  if (source == "imagenet16") {
    require_outputs(source, model, 1000);
    mapping = imagenet_outputs();
  } else if (source == "cifar10") {
    require_outputs(source, model, 10);
    mapping = cifar10_outputs(model.classes);
    for (const auto& [category, outputs] : mapping)
      if (outputs.front() < 0)
        throw UsageError(
            fmt::format("--class-mapping cifar10: model '{}' names other classes than CIFAR-10's in its "
                        "sidecar: write a mapping file",
                        model.name));
  } else {
    return MappingFile(source, model, categories).read();
  }
  require_entry_level(source, categories);
  return mapping;
}

std::vector<std::string> class_mapping_sources(const std::vector<std::string>& typed,
                                               const std::vector<std::string>& models) {
  std::string general;
  std::vector<std::string> own(models.size());
  for (const auto& entry : typed) {
    const int model = place_of(models, entry.substr(0, entry.find('=')));
    const bool one = entry.find('=') != std::string::npos && model >= 0;
    std::string& place = one ? own[static_cast<std::size_t>(model)] : general;
    if (!place.empty())
      throw UsageError(fmt::format("--class-mapping is given twice for {}: '{}' and '{}'",
                                   one ? fmt::format("model '{}'", models[std::size_t(model)]) : "every model", place,
                                   one ? entry.substr(entry.find('=') + 1) : entry));
    place = one ? entry.substr(entry.find('=') + 1) : entry;
    if (place.empty())
      throw UsageError(
          fmt::format("--class-mapping '{}' names no file: write MODEL=FILE.json, imagenet16 or cifar10", entry));
  }
  for (std::string& source : own)
    if (source.empty()) source = general;
  return own;
}

}  // namespace cuebench
