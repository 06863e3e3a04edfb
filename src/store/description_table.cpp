#include "description_table.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include "run_store_state.hpp"
#include "statements.hpp"

namespace cuebench {
namespace {

std::string text_of(SQLite::Statement& row, int column) {
  return row.getColumn(column).getString();
}

int label_or_none(SQLite::Statement& row, int column) {
  return row.isColumnNull(column) ? -1 : row.getColumn(column).getInt();
}

void bind_label(SQLite::Statement& statement, int index, int label) {
  if (label < 0)
    statement.bind(index);
  else
    statement.bind(index, label);
}

void write_models(SQLite::Database& database, const std::vector<StoredModel>& models) {
  SQLite::Statement insert(database, "INSERT INTO models VALUES(?,?,?,?,?,?,?,?,?)");
  for (std::size_t i = 0; i < models.size(); ++i) {
    const StoredModel& model = models[i];
    insert_row(insert, static_cast<int>(i), model.name, model.role, model.architecture, model.file, model.sha256,
               model.way, model.classes, model.parameters);
  }
}

void write_items(SQLite::Database& database, const std::vector<StoredItem>& items) {
  SQLite::Statement insert(database, "INSERT INTO items VALUES(?,?,?,?,?)");
  for (std::size_t i = 0; i < items.size(); ++i) {
    insert.bind(1, static_cast<std::int64_t>(i));
    insert.bindNoCopy(2, items[i].id);
    bind_label(insert, 3, items[i].label);
    bind_label(insert, 4, items[i].shape_label);
    bind_label(insert, 5, items[i].texture_label);
    execute(insert);
  }
}

}  // namespace

void write_description(SQLite::Database& database, const RunDescription& description) {
  SQLite::Statement run(database, "INSERT INTO run VALUES(?,?,?)");
  insert_row(run, description.configuration, description.block_size, description.has_cues ? 1 : 0);
  SQLite::Statement classes(database, "INSERT INTO classes VALUES(?,?)");
  for (std::size_t i = 0; i < description.classes.size(); ++i)
    insert_row(classes, static_cast<int>(i), description.classes[i]);
  write_models(database, description.models);
  SQLite::Statement variants(database, "INSERT INTO variants VALUES(?,?,?)");
  for (std::size_t i = 0; i < description.variants.size(); ++i)
    insert_row(variants, static_cast<int>(i), description.variants[i].text, description.variants[i].keeps);
  SQLite::Statement layers(database, "INSERT INTO layers VALUES(?,?,?,?,?)");
  for (std::size_t i = 0; i < description.layers.size(); ++i) {
    const StoredLayer& layer = description.layers[i];
    insert_row(layers, static_cast<int>(i), layer.model, layer.name, layer.channels, layer.form);
  }
  write_items(database, description.items);
  SQLite::Statement interventions(database, "INSERT INTO interventions VALUES(?,?,?,?,?,?)");
  for (std::size_t i = 0; i < description.interventions.size(); ++i) {
    const StoredIntervention& intervention = description.interventions[i];
    interventions.bind(1, static_cast<std::int64_t>(i));
    interventions.bind(2, intervention.layer);
    interventions.bindNoCopy(3, intervention.action);
    interventions.bindNoCopy(4, intervention.of);
    interventions.bind(5, intervention.setting);
    bind_label(interventions, 6, intervention.draw);
    execute(interventions);
  }
}

RunDescription read_description(SQLite::Database& database) {
  RunDescription description;
  for_each_row(database, "SELECT configuration, block_size, has_cues FROM run", [&](SQLite::Statement& row) {
    description.configuration = text_of(row, 0);
    description.block_size = row.getColumn(1).getInt();
    description.has_cues = row.getColumn(2).getInt() != 0;
  });
  for_each_row(database, "SELECT name FROM classes ORDER BY class",
               [&](SQLite::Statement& row) { description.classes.push_back(text_of(row, 0)); });
  for_each_row(database,
               "SELECT name, role, architecture, file, sha256, way, classes, parameters FROM models ORDER BY model",
               [&](SQLite::Statement& row) {
                 description.models.push_back({text_of(row, 0), text_of(row, 1), text_of(row, 2), text_of(row, 3),
                                               text_of(row, 4), text_of(row, 5), row.getColumn(6).getInt(),
                                               row.getColumn(7).getInt64()});
               });
  for_each_row(database, "SELECT name, keeps FROM variants ORDER BY variant", [&](SQLite::Statement& row) {
    description.variants.push_back({text_of(row, 0), text_of(row, 1)});
  });
  for_each_row(database, "SELECT model, name, channels, form FROM layers ORDER BY layer", [&](SQLite::Statement& row) {
    description.layers.push_back(
        {row.getColumn(0).getInt(), text_of(row, 1), row.getColumn(2).getInt(), text_of(row, 3)});
  });
  if (has_interventions(database))
    for_each_row(database, "SELECT layer, action, of, setting, draw FROM interventions ORDER BY intervention",
                 [&](SQLite::Statement& row) {
                   description.interventions.push_back({row.getColumn(0).getInt(), text_of(row, 1), text_of(row, 2),
                                                        row.getColumn(3).getDouble(), label_or_none(row, 4)});
                 });
  for_each_row(database, "SELECT id, label, shape_label, texture_label FROM items ORDER BY item",
               [&](SQLite::Statement& row) {
                 description.items.push_back(
                     {text_of(row, 0), label_or_none(row, 1), label_or_none(row, 2), label_or_none(row, 3)});
               });
  return description;
}

}  // namespace cuebench
