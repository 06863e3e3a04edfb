#pragma once
// Small steps on prepared statements.

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace cuebench {

/// Runs a statement that returns no rows and makes it ready for the next values, also after a failure.
inline void execute(SQLite::Statement& statement) {
  try {
    statement.exec();
  } catch (...) {
    statement.tryReset();
    throw;
  }
  statement.reset();
}

inline void bind_value(SQLite::Statement& statement, int index, const std::string& text) {
  statement.bindNoCopy(index, text);
}
inline void bind_value(SQLite::Statement& statement, int index, std::span<const std::byte> bytes) {
  // A null pointer would store NULL instead of no bytes.
  statement.bindNoCopy(index, bytes.empty() ? static_cast<const void*>("") : bytes.data(),
                       static_cast<int>(bytes.size()));
}
template <typename Number>
requires std::is_arithmetic_v<Number>
void bind_value(SQLite::Statement& statement, int index, Number value) {
  if constexpr (std::is_floating_point_v<Number>)
    statement.bind(index, static_cast<double>(value));  // NaN is stored as NULL
  else
    statement.bind(index, static_cast<std::int64_t>(value));
}

/// Binds `values` to the parameters 1, 2, ... and runs the statement.
template <typename... Values>
void insert_row(SQLite::Statement& statement, const Values&... values) {
  int index = 0;
  (bind_value(statement, ++index, values), ...);
  execute(statement);
}

/// Calls `visit(statement)` at every row; `parameters` are integers.
template <typename Visit, typename... Parameters>
void for_each_row(SQLite::Database& database, const char* query, const Visit& visit, Parameters... parameters) {
  SQLite::Statement rows(database, query);
  int index = 0;
  (rows.bind(++index, static_cast<std::int64_t>(parameters)), ...);
  while (rows.executeStep()) visit(rows);
}

}  // namespace cuebench
