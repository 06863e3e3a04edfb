#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/scoring/inputs.hpp>
#include <cuebench/scoring/trial_reader.hpp>

#include "archives.hpp"
#include "repeated_runs.hpp"

namespace cuebench::scoring {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownFiles = 20;

struct Collector {
  Inputs inputs;
  std::map<std::pair<std::string, std::string>, double> clean_error;  ///< by data set and model
  std::vector<std::string> unusable;                                  ///< a sentence a file
};

bool ends_with_any(const std::string& name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}
bool is_csv(const std::string& name) {
  return ends_with_any(name, {".csv", ".csv.gz"});
}
bool is_tar(const std::string& name) {
  return ends_with_any(name, {".tar", ".tar.gz", ".tgz", ".tar.xz"});
}
bool is_model_info(const std::string& name) {
  return ends_with_any(name, {".json", ".jsonl", ".json.gz", ".jsonl.gz"});
}

void read_accuracies(std::string_view text, const std::string& file, Inputs& inputs) {
  const CsvTable table = parse_csv(text, file);
  const int subj = table.column("subj"), set = table.column("dataset_name"), metric = table.column("metric_name"),
            performance = table.column("performance");
  if (std::min({subj, set, metric, performance}) < 0)
    throw UsageError(
        fmt::format("{}, line 1: the columns subj,dataset_name,metric_name,performance are expected", file));
  for (const CsvTable::Row& row : table.rows) {
    if (row.fields[metric] != "accuracy (top-1)") continue;
    const std::string& cell = row.fields[performance];
    PublishedAccuracy published{row.fields[subj], row.fields[set], 0};
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), published.accuracy);
    if (error != std::errc() || end != cell.data() + cell.size())
      throw UsageError(fmt::format("{}, line {}: performance '{}' is not a number", file, row.line, cell));
    inputs.published.push_back(published);
  }
}

/// "clean_acc" of one model_info object, in percent, as text or number.
void take_clean_accuracy(const nlohmann::json& info, const std::string& model, Collector& all) {
  if (!info.is_object() || !info.contains("clean_acc") || !info.contains("dataset") || !info["dataset"].is_string())
    return;
  const auto& value = info["clean_acc"];
  double percent = -1;
  if (value.is_number()) percent = value.get<double>();
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    std::from_chars(text.data(), text.data() + text.size(), percent);
  }
  if (percent >= 0 && percent <= 100) all.clean_error[{info["dataset"].get<std::string>(), model}] = 1 - percent / 100;
}

/// One object a file, named for the model, or {"path": ..., "info": {...}} line by line. Only files of the threat
/// "corruptions" speak of the models of the corruption tables.
void read_model_info(std::string_view text, const std::string& file, Collector& all) {
  const auto model_of = [](const std::string& path) {
    std::string stem = fs::path(path).stem().string();
    if (const auto at = stem.find("corruptions_"); at != std::string::npos) stem = stem.substr(at + 12);
    return stem;
  };
  const auto whole = nlohmann::json::parse(text, nullptr, false);
  if (whole.is_object() && !whole.contains("path")) return take_clean_accuracy(whole, model_of(file), all);
  std::size_t line = 0;
  while (!text.empty()) {
    ++line;
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty()) continue;
    const auto entry = nlohmann::json::parse(content, nullptr, false);
    if (!entry.is_object() || !entry.contains("path") || !entry["path"].is_string() || !entry.contains("info"))
      throw UsageError(
          fmt::format("{}, line {}: not RobustBench's model_info ({{\"path\": ..., \"info\": {{...}}}})", file, line));
    const auto path = entry["path"].get<std::string>();
    if (path.find("/corruptions/") != path.npos) take_clean_accuracy(entry["info"], model_of(path), all);
  }
}

void read_csv(std::string_view text, const std::string& file, bool named, Collector& all) {
  switch (recognise_csv(text)) {
    case CsvKind::trials:
      read_trials(text, file, all.inputs.trials, all.inputs.findings);
      ++all.inputs.trial_files;
      return;
    case CsvKind::cue_decisions:
      read_cue_decisions(text, file, all.inputs.trials, all.inputs.findings);
      ++all.inputs.trial_files;
      return;
    case CsvKind::accuracies:
      return read_accuracies(text, file, all.inputs);
    case CsvKind::corruptions:
      all.inputs.corruptions.push_back(read_corruption_table(text, file));
      return;
    case CsvKind::unknown:
      break;
  }
  std::string head(text.substr(0, std::min<std::size_t>(text.find_first_of("\r\n"), 60)));
  for (char& c : head)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E) c = '?';
  const std::string reason = text.empty() ? "the file is empty"
                                          : fmt::format(
                                                "line 1 ('{}') has not the columns of per-trial answers "
                                                "(subj,session,trial,rt,object_response,category,condition,imagename)",
                                                head);
  if (named) throw UsageError(fmt::format("{}: {}", file, reason));
  all.inputs.findings.push_back({file, 0, 1, reason + ": left out"});
}

void read_content(std::string_view bytes, const std::string& file, bool named, Collector& all);

void read_bytes(std::string_view bytes, const std::string& file, bool named, Collector& all) {
  try {
    read_content(bytes, file, named, all);
  } catch (const UsageError& error) {
    all.unusable.emplace_back(error.what());
  }
}

void read_content(std::string_view bytes, const std::string& file, bool named, Collector& all) {
  if (is_tar(file)) {
    for_each_member(bytes, file, [&](const std::string& name, const std::string& content) {
      if (is_csv(name)) read_bytes(content, file + "/" + name, false, all);
    });
    return;
  }
  std::string unpacked;
  if (is_gzip(bytes)) {
    unpacked = gunzip(bytes, file);
    bytes = unpacked;
  }
  if (is_model_info(file)) return read_model_info(bytes, file, all);
  read_csv(bytes, file, named, all);
}

void read_file_at(const fs::path& path, bool named, Collector& all) {
  std::string bytes;
  try {
    bytes = read_text_file(path);
  } catch (const UsageError& error) {
    all.unusable.emplace_back(error.what());
    return;
  }
  read_bytes(bytes, path.string(), named, all);
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
       at != end; at.increment(error)) {
    if (error) break;
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      if (at->is_directory(error)) at.disable_recursion_pending();
      continue;
    }
    if (at->is_regular_file(error) && (is_csv(name) || is_tar(name))) files.push_back(at->path());
  }
  if (error) throw UsageError(fmt::format("cannot list the folder '{}': {}", folder.string(), error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

void fail_if_unusable(const std::vector<std::string>& unusable) {
  if (unusable.empty()) return;
  const std::vector<std::string> shown(
      unusable.begin(), unusable.begin() + static_cast<std::ptrdiff_t>(std::min(kShownFiles, unusable.size())));
  std::string text = fmt::format("{}", fmt::join(shown, " | "));
  if (unusable.size() > 1) text = fmt::format("{} files cannot be used: {}", unusable.size(), text);
  if (unusable.size() > shown.size()) text += fmt::format(" | and {} more", unusable.size() - shown.size());
  throw UsageError(text);
}

}  // namespace

Inputs read_inputs(const std::vector<fs::path>& paths) {
  Collector all;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      read_file_at(path, true, all);
      continue;
    }
    const std::vector<fs::path> files = files_below(path);
    if (files.empty())
      throw UsageError(fmt::format("no *.csv or *.csv.gz in the folder '{}' or below it", path.string()));
    for (const fs::path& file : files) read_file_at(file, false, all);
  }
  fail_if_unusable(all.unusable);
  Inputs inputs = std::move(all.inputs);
  if (inputs.trials.size() == 0 && inputs.corruptions.empty())
    throw UsageError("none of the files holds per-trial answers or accuracies under corruptions");
  inputs.repeated_trials = settle_repeated_runs(inputs.trials, inputs.findings);
  for (CorruptionTable& table : inputs.corruptions)
    for (const CorruptionTable::Row& row : table.rows)
      if (const auto found = all.clean_error.find({table.dataset, row.model}); found != all.clean_error.end())
        table.clean_error[row.model] = found->second;
  return inputs;
}

}  // namespace cuebench::scoring
