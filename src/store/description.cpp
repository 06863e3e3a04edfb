#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "state.hpp"

namespace cuebench {
namespace {

void bind_label(SQLite::Statement& statement, int index, int label) {
  if (label >= 0) statement.bind(index, label);
}

int read_label(const SQLite::Column& column) {
  return column.isNull() ? -1 : column.getInt();
}

/// The names are short, the rows many: one prepared statement each.
class Inserter {
 public:
  Inserter(SQLite::Database& database, const char* sql) : statement_(database, sql) {}
  template <typename Bind>
  void row(Bind&& bind) {
    statement_.reset();
    statement_.clearBindings();
    bind(statement_);
    statement_.exec();
  }

 private:
  SQLite::Statement statement_;
};

void write_meta(SQLite::Database& database, const RunDescription& description) {
  Inserter meta(database, "INSERT INTO meta VALUES (?, ?)");
  const std::pair<const char*, std::string> rows[] = {
      {"configuration", description.configuration},
      {"block_size", std::to_string(description.block_size)},
      {"has_cues", description.has_cues ? "1" : "0"},
  };
  for (const auto& [key, value] : rows)
    meta.row([&, k = key, &v = value](auto& statement) {
      statement.bind(1, k);
      statement.bind(2, v);
    });
}

std::string read_meta(const SQLite::Database& database, const char* key) {
  SQLite::Statement query(database, "SELECT value FROM meta WHERE key = ?");
  query.bind(1, key);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

std::string configuration_difference(const std::string& stored, const std::string& wanted) {
  const auto left = nlohmann::json::parse(stored, nullptr, false),
             right = nlohmann::json::parse(wanted, nullptr, false);
  if (!left.is_object() || !right.is_object()) return "the configurations differ";
  for (const auto& [key, value] : right.items()) {
    if (!left.contains(key)) return fmt::format("'{}' is not set there", key);
    if (left[key] != value) return fmt::format("'{}' is {} there and {} now", key, left[key].dump(), value.dump());
  }
  for (const auto& [key, value] : left.items())
    if (!right.contains(key)) return fmt::format("'{}' is {} there and not set now", key, value.dump());
  return "the configurations differ";
}

template <typename List, typename Name>
std::string list_difference(const char* what, const List& stored, const List& wanted, Name&& name) {
  for (std::size_t i = 0; i < std::max(stored.size(), wanted.size()); ++i) {
    if (i >= stored.size()) return fmt::format("{} '{}' is not in it", what, name(wanted[i]));
    if (i >= wanted.size()) return fmt::format("it also has the {} '{}'", what, name(stored[i]));
    if (name(stored[i]) != name(wanted[i]))
      return fmt::format("{} number {} is '{}' there and '{}' now", what, i + 1, name(stored[i]), name(wanted[i]));
  }
  return "";
}

}  // namespace

void write_description(SQLite::Database& database, const RunDescription& description) {
  write_meta(database, description);
  Inserter classes(database, "INSERT INTO classes VALUES (?, ?)");
  for (std::size_t i = 0; i < description.classes.size(); ++i)
    classes.row([&](auto& s) {
      s.bind(1, static_cast<std::int64_t>(i));
      s.bind(2, description.classes[i]);
    });
  Inserter models(database, "INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < description.models.size(); ++i) {
    const StoredModel& model = description.models[i];
    models.row([&](auto& s) {
      s.bind(1, static_cast<std::int64_t>(i));
      int column = 2;
      for (const std::string* text :
           {&model.name, &model.role, &model.architecture, &model.file, &model.sha256, &model.way})
        s.bind(column++, *text);
      s.bind(column++, model.classes);
      s.bind(column, model.parameters);
    });
  }
  Inserter variants(database, "INSERT INTO variants VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < description.variants.size(); ++i)
    variants.row([&](auto& s) {
      s.bind(1, static_cast<std::int64_t>(i));
      s.bind(2, description.variants[i].text);
      s.bind(3, description.variants[i].keeps);
    });
  Inserter items(database, "INSERT INTO items VALUES (?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < description.items.size(); ++i) {
    const StoredItem& item = description.items[i];
    items.row([&](auto& s) {
      s.bind(1, static_cast<std::int64_t>(i));
      s.bind(2, item.id);
      bind_label(s, 3, item.label);
      bind_label(s, 4, item.shape_label);
      bind_label(s, 5, item.texture_label);
    });
  }
  Inserter layers(database, "INSERT INTO layers VALUES (?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < description.layers.size(); ++i) {
    const StoredLayer& layer = description.layers[i];
    layers.row([&](auto& s) {
      s.bind(1, static_cast<std::int64_t>(i));
      s.bind(2, layer.model);
      s.bind(3, layer.name);
      s.bind(4, layer.channels);
      s.bind(5, layer.form);
    });
  }
}

RunDescription read_description(const SQLite::Database& database) {
  RunDescription description;
  description.configuration = read_meta(database, "configuration");
  description.block_size = std::stoi(read_meta(database, "block_size"));
  description.has_cues = read_meta(database, "has_cues") == "1";
  SQLite::Statement classes(database, "SELECT name FROM classes ORDER BY class");
  while (classes.executeStep()) description.classes.push_back(classes.getColumn(0).getString());
  SQLite::Statement models(database,
                           "SELECT name, role, architecture, file, sha256, way, classes, parameters FROM models ORDER "
                           "BY model");
  while (models.executeStep())
    description.models.push_back({models.getColumn(0).getString(), models.getColumn(1).getString(),
                                  models.getColumn(2).getString(), models.getColumn(3).getString(),
                                  models.getColumn(4).getString(), models.getColumn(5).getString(),
                                  models.getColumn(6).getInt(), models.getColumn(7).getInt64()});
  SQLite::Statement variants(database, "SELECT text, keeps FROM variants ORDER BY variant");
  while (variants.executeStep())
    description.variants.push_back({variants.getColumn(0).getString(), variants.getColumn(1).getString()});
  SQLite::Statement items(database, "SELECT id, label, shape_label, texture_label FROM items ORDER BY item");
  while (items.executeStep())
    description.items.push_back({items.getColumn(0).getString(), read_label(items.getColumn(1)),
                                 read_label(items.getColumn(2)), read_label(items.getColumn(3))});
  SQLite::Statement layers(database, "SELECT model, name, channels, form FROM layers ORDER BY layer");
  while (layers.executeStep())
    description.layers.push_back({layers.getColumn(0).getInt(), layers.getColumn(1).getString(),
                                  layers.getColumn(2).getInt(), layers.getColumn(3).getString()});
  return description;
}

std::string first_difference(const RunDescription& stored, const RunDescription& wanted) {
  if (stored.configuration != wanted.configuration)
    return configuration_difference(stored.configuration, wanted.configuration);
  std::string difference = list_difference("model", stored.models, wanted.models, [](const auto& m) { return m.name; });
  for (std::size_t i = 0; difference.empty() && i < wanted.models.size(); ++i) {
    const StoredModel &a = stored.models[i], &b = wanted.models[i];
    if (a.sha256 != b.sha256) difference = fmt::format("the weights of model '{}' are other ones", b.name);
    if (a.role != b.role) difference = fmt::format("model '{}' has the role '{}' there", b.name, a.role);
    if (a.architecture != b.architecture || a.way != b.way)
      difference = fmt::format("model '{}' runs as {} ({}) there and as {} ({}) now", b.name, a.architecture, a.way,
                               b.architecture, b.way);
  }
  if (difference.empty())
    difference = list_difference("variant", stored.variants, wanted.variants, [](const auto& v) { return v.text; });
  if (difference.empty())
    difference = list_difference("layer", stored.layers, wanted.layers, [](const auto& layer) {
      return fmt::format("{} of model {}, {} form", layer.name, layer.model + 1, layer.form);
    });
  if (difference.empty())
    difference = list_difference("class", stored.classes, wanted.classes, [](const auto& name) { return name; });
  if (difference.empty())
    difference = list_difference("image", stored.items, wanted.items, [](const auto& item) { return item.id; });
  if (difference.empty() && stored.block_size != wanted.block_size) difference = "the block size differs";
  if (difference.empty() && stored.has_cues != wanted.has_cues) difference = "the cue labels differ";
  return difference;
}

}  // namespace cuebench
