#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/conditions.hpp>
#include <cuebench/scoring/image_names.hpp>
#include <cuebench/scoring/trial_reader.hpp>

#include "csv_lines.hpp"

namespace cuebench::scoring {
namespace {

using Fields = std::span<const std::string_view>;

/// The lines of one file that something is wrong with, by what it is.
class LineProblems {
 public:
  /// `detail` is of the first line of its kind. Kinds are string literals.
  template <typename Detail>
  void add(const char* kind, std::size_t line, Detail detail) {
    auto [found, first] = kinds_.try_emplace(kind);
    ++found->second.count;
    if (!first) return;
    found->second.line = line;
    found->second.detail = detail();
    order_.push_back(kind);
  }
  bool empty() const { return order_.empty(); }

  /// "FILE, line 3: category 'hat' is ... (2 such lines); line 9: ...".
  std::string sentence(std::string_view file) const {
    std::string text(file);
    for (const char* kind : order_) {
      const Kind& problem = kinds_.at(kind);
      text += fmt::format("{} line {}: {}", kind == order_.front() ? "," : ";", problem.line, problem.detail);
      if (problem.count > 1) text += fmt::format(" ({} such lines)", problem.count);
    }
    return text;
  }
  void report(std::string_view file, std::vector<Finding>& findings) const {
    for (const char* kind : order_) {
      const Kind& problem = kinds_.at(kind);
      findings.push_back({std::string(file), problem.line, problem.count, problem.detail});
    }
  }

 private:
  struct Kind {
    std::size_t line = 0;
    std::int64_t count = 0;
    std::string detail;
  };
  std::map<std::string_view, Kind> kinds_;
  std::vector<const char*> order_;
};

bool has(const std::vector<std::string>& fields, std::string_view name) {
  return std::find(fields.begin(), fields.end(), name) != fields.end();
}

int place_of(const std::vector<std::string>& fields, std::string_view name) {
  const auto found = std::find(fields.begin(), fields.end(), name);
  return found == fields.end() ? -1 : static_cast<int>(found - fields.begin());
}

/// A text as part of a message: one line, not endless.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 60));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return result + (text.size() > 60 ? "..." : "");
}

/// Remembers the last text, since most columns repeat it line by line.
class CachedNames {
 public:
  explicit CachedNames(Names& names) : names_(&names) {}
  std::uint32_t number_of(std::string_view text) {
    if (number_ && text == last_) return *number_;
    last_ = text;
    number_ = names_->number_of(text);
    return *number_;
  }

 private:
  Names* names_;
  std::string last_;
  std::optional<std::uint32_t> number_;
};

class CachedConditions {
 public:
  explicit CachedConditions(Names& names) : names_(&names) {}
  std::uint32_t number_of(std::string_view text) {
    if (number_ && text == last_) return *number_;
    last_ = text;
    auto [known, first] = known_.try_emplace(last_, 0);
    if (first) known->second = names_->number_of(canonical_condition(text));
    number_ = known->second;
    return *number_;
  }

 private:
  Names* names_;
  std::string last_;
  std::optional<std::uint32_t> number_;
  std::unordered_map<std::string, std::uint32_t> known_;
};

std::string file_stem(std::string_view file) {
  std::string name = std::filesystem::path(file).filename().string();
  for (const std::string_view extension : {".gz", ".csv"})
    if (name.ends_with(extension)) name.resize(name.size() - extension.size());
  return name;
}

std::string with_hyphens(std::string_view text) {
  std::string result(text);
  std::replace(result.begin(), result.end(), '_', '-');
  return result;
}

/// The columns of the layout in the order of `Column`; -1 for one that the file lacks and may lack.
enum Column { subj, session, object_response, category, condition, imagename, column_count };
constexpr std::array<std::string_view, column_count> kColumns{"subj",     "session",   "object_response",
                                                              "category", "condition", "imagename"};

std::array<int, column_count> find_columns(std::string_view text, std::string_view file) {
  const std::vector<std::string> header = header_fields(text);
  std::array<int, column_count> places{};
  std::vector<std::string_view> missing;
  for (int column = 0; column < column_count; ++column) {
    places[column] = place_of(header, kColumns[column]);
    if (places[column] < 0) missing.push_back(kColumns[column]);
    if (std::count(header.begin(), header.end(), kColumns[column]) > 1)
      throw UsageError(fmt::format("{}, line 1: the column '{}' stands there twice", file, kColumns[column]));
  }
  if (!missing.empty())
    throw UsageError(
        fmt::format("{}, line 1: no column '{}'; per-trial files have the columns "
                    "subj,session,trial,rt,object_response,category,condition,imagename",
                    file, fmt::join(missing, "', '")));
  return places;
}

/// Trials of one file, put into the table when the whole file has been understood.
class Appender {
 public:
  Appender(TrialTable& table, std::string_view file) : table_(&table), begin_(table.size()), file_(file) {}
  ~Appender() {
    if (!kept_) resize(begin_);
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  std::size_t begin() const { return begin_; }
  void keep() { kept_ = true; }
  void add(std::size_t line, std::uint32_t observer, std::int32_t in_session, int shown_category, int answer,
           std::uint32_t in_condition, std::uint32_t image) {
    TrialTable& t = *table_;
    if (t.size() == begin_) number_ = t.files.number_of(file_);
    t.set.push_back(0);
    t.observer.push_back(observer);
    t.file.push_back(number_);
    t.line.push_back(static_cast<std::uint32_t>(line));
    t.condition.push_back(in_condition);
    t.image.push_back(image);
    t.session.push_back(in_session);
    t.category.push_back(static_cast<std::int8_t>(shown_category));
    t.response.push_back(static_cast<std::int8_t>(answer));
  }

 private:
  void resize(std::size_t size) {
    for (auto* column :
         {&table_->set, &table_->observer, &table_->file, &table_->line, &table_->condition, &table_->image})
      column->resize(size);
    table_->session.resize(size);
    table_->category.resize(size);
    table_->response.resize(size);
  }

  TrialTable* table_;
  std::size_t begin_;
  std::string file_;
  std::uint32_t number_ = 0;
  bool kept_ = false;
};

/// An image may be shown once in a session and condition.
void find_repeated_trials(const TrialTable& table, std::size_t begin, LineProblems& problems) {
  const auto same = [&](std::uint32_t a, std::uint32_t b) {
    return table.image[a] == table.image[b] && table.observer[a] == table.observer[b] &&
           table.session[a] == table.session[b] && table.condition[a] == table.condition[b];
  };
  FlatIndex seen;
  for (std::size_t i = begin; i < table.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(i);
    const std::uint64_t hash =
        mixed((std::uint64_t{table.observer[i]} << 32 | table.image[i]) ^
              mixed(std::uint64_t{static_cast<std::uint32_t>(table.session[i])} << 32 | table.condition[i]));
    const std::uint32_t first = seen.find_or_enter(hash, row, [&](std::uint32_t other) { return same(other, row); });
    if (first == row) continue;
    problems.add("repeated", table.line[i], [&] {
      return fmt::format("image '{}' already stands on line {} with the same observer, session and condition",
                         shown(table.images[table.image[i]]), table.line[first]);
    });
  }
}

void find_mixed_facts(const TrialTable& table, std::size_t begin, LineProblems& notes) {
  const auto none = [&](std::size_t i) { return table.conditions[table.condition[i]].empty(); };
  bool some_condition = false;
  for (std::size_t i = begin; i < table.size(); ++i) some_condition = some_condition || !none(i);
  for (std::size_t i = begin; i < table.size(); ++i) {
    if (table.session[i] != table.session[begin])
      notes.add("sessions", table.line[i], [&] {
        return fmt::format(
            "session {} in a file that began with session {}; trials are counted under the session that "
            "each line names",
            table.session[i], table.session[begin]);
      });
    if (some_condition && none(i))
      notes.add("condition", table.line[i], [] {
        return std::string(
            "no condition where other lines of the file have one; the trial counts for the whole set and "
            "under no condition");
      });
  }
}

/// Cue-conflict names must agree with the category, and are all or none of a file's names.
void check_cues(const TrialTable& table, std::size_t begin, LineProblems& problems, LineProblems& notes) {
  const std::size_t n = table.size() - begin;
  std::vector<std::size_t> others;
  for (std::size_t i = begin; i < table.size(); ++i) {
    const auto& labels = table.cues[table.image[i]];
    if (!labels) {
      others.push_back(i);
    } else if (labels->shape != table.category[i]) {
      problems.add("shape", table.line[i], [&] {
        return fmt::format("category '{}' is not the shape of image '{}'", category_name(table.category[i]),
                           shown(table.images[table.image[i]]));
      });
    }
  }
  if (others.size() == n) return;
  for (const std::size_t i : others)
    notes.add("cues", table.line[i], [&] {
      return fmt::format(
          "image '{}' among cue-conflict images is not named SHAPE<n>-TEXTURE<n> and is in no shape bias",
          shown(table.images[table.image[i]]));
    });
}

void finish(Appender& appender, TrialTable& table, std::string_view file, LineProblems& problems, LineProblems& notes,
            std::vector<Finding>& findings) {
  for (std::size_t image = table.cues.size(); image < table.images.size(); ++image)
    table.cues.push_back(cue_labels(table.images[static_cast<std::uint32_t>(image)]));
  find_repeated_trials(table, appender.begin(), problems);
  check_cues(table, appender.begin(), problems, notes);
  if (!problems.empty()) throw UsageError(problems.sentence(file) + "; correct the file or leave it out");
  if (table.size() == appender.begin()) throw UsageError(fmt::format("{}: a header and no trial", file));
  find_mixed_facts(table, appender.begin(), notes);
  notes.report(file, findings);
  appender.keep();
}

/// The answer as a category; -2 where it is none.
int answer_of(std::string_view text) {
  if (text == "na" || text == "NA") return kNoResponse;
  const int answer = category_index(text);
  return answer < 0 ? -2 : answer;
}

}  // namespace

CsvKind recognise_csv(std::string_view text) {
  const std::vector<std::string> header = header_fields(text);
  if (has(header, "subj") && has(header, "metric_name")) return CsvKind::accuracies;
  if (has(header, "image") && has(header, "pred_label")) return CsvKind::cue_decisions;
  // A file that lacks one of its columns is to be refused by name, so a few of them are enough.
  int known = 0;
  for (const auto name : kColumns) known += has(header, name);
  if (known >= 3) return CsvKind::trials;
  if (header.size() >= 3 && header.front().empty() && header[1] == header[2] && !header[1].empty())
    return CsvKind::corruptions;
  return CsvKind::unknown;
}

std::string set_of_file_name(std::string_view file_name, std::string_view observer) {
  const std::string stem = file_stem(file_name);
  const std::string hyphens = with_hyphens(stem);
  const auto suffix = hyphens.rfind("-session-");
  if (suffix == hyphens.npos) return stem;
  const std::string ending = "-" + with_hyphens(observer);
  const std::string before = hyphens.substr(0, suffix);
  if (!observer.empty() && before.size() > ending.size() && before.ends_with(ending))
    return stem.substr(0, before.size() - ending.size());
  return stem.substr(0, std::min(stem.find('_'), suffix));
}

void read_trials(std::string_view text, std::string_view file, TrialTable& table, std::vector<Finding>& findings) {
  const auto places = find_columns(text, file);
  const std::size_t width = header_fields(text).size();
  Appender appender(table, file);
  LineProblems problems, notes;
  CachedNames observers(table.observers);
  CachedConditions conditions(table.conditions);
  for_each_line(text, file, [&](std::size_t line, Fields fields) {
    if (fields.size() != width) {
      problems.add("fields", line,
                   [&] { return fmt::format("{} fields where the header has {}", fields.size(), width); });
      return;
    }
    const auto field = [&](Column column) { return fields[static_cast<std::size_t>(places[column])]; };
    const auto name = [&](Column column) { return shown(field(column)); };
    const int shape = category_index(field(category));
    if (shape < 0) {
      problems.add("category", line, [&] { return fmt::format("category '{}' is none of the 16", name(category)); });
      return;
    }
    int answer = answer_of(field(object_response));
    if (field(object_response).empty()) {
      answer = kNoResponse;
      notes.add("empty", line, [] { return std::string("object_response is empty: counted as no answer (na)"); });
    } else if (answer == -2) {
      problems.add("response", line, [&] {
        return fmt::format("object_response '{}' is none of the 16 categories and not na", name(object_response));
      });
      return;
    }
    std::int32_t number = 0;
    const auto digits = field(session);
    if (const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        error != std::errc() || end != digits.data() + digits.size()) {
      problems.add("session", line, [&] { return fmt::format("session '{}' is not a whole number", name(session)); });
      return;
    }
    if (field(subj).empty() || field(imagename).empty()) {
      problems.add("names", line, [] { return std::string("subj or imagename is empty"); });
      return;
    }
    appender.add(line, observers.number_of(field(subj)), number, shape, answer, conditions.number_of(field(condition)),
                 table.images.number_of(shared_image_name(field(imagename))));
  });
  finish(appender, table, file, problems, notes, findings);
  for (std::size_t i = appender.begin(); i < table.size(); ++i) {
    const bool same = i > appender.begin() && table.observer[i] == table.observer[i - 1];
    table.set[i] =
        same ? table.set[i - 1] : table.sets.number_of(set_of_file_name(file, table.observers[table.observer[i]]));
  }
}

void read_cue_decisions(std::string_view text, std::string_view file, TrialTable& table,
                        std::vector<Finding>& findings) {
  const std::vector<std::string> header = header_fields(text);
  const int image = place_of(header, "image"), label = place_of(header, "pred_label");
  if (image < 0 || label < 0) throw UsageError(fmt::format("{}, line 1: no column 'image' or 'pred_label'", file));
  Appender appender(table, file);
  LineProblems problems, notes;
  const std::uint32_t observer = table.observers.number_of(file_stem(file));
  const std::uint32_t no_condition = table.conditions.number_of("");
  for_each_line(text, file, [&](std::size_t line, Fields fields) {
    if (fields.size() != header.size()) {
      problems.add("fields", line,
                   [&] { return fmt::format("{} fields where the header has {}", fields.size(), header.size()); });
      return;
    }
    const std::string_view name = fields[static_cast<std::size_t>(image)];
    const std::string_view decided = fields[static_cast<std::size_t>(label)];
    const auto labels = cue_labels(name);
    int answer = answer_of(decided);
    if (decided.empty()) {
      answer = kNoResponse;
      notes.add("empty", line, [] { return std::string("pred_label is empty: counted as no answer (na)"); });
    }
    if (!labels) {
      problems.add("image", line,
                   [&] { return fmt::format("image '{}' is not named SHAPE<n>-TEXTURE<n>", shown(name)); });
    } else if (answer == -2) {
      problems.add("response", line,
                   [&] { return fmt::format("pred_label '{}' is none of the 16 categories", shown(decided)); });
    } else {
      appender.add(line, observer, 1, labels->shape, answer, no_condition, table.images.number_of(name));
    }
  });
  finish(appender, table, file, problems, notes, findings);
  const std::uint32_t set = table.sets.number_of(kCueDecisionSet);
  for (std::size_t i = appender.begin(); i < table.size(); ++i) table.set[i] = set;
}

}  // namespace cuebench::scoring
