#pragma once
// The tables of run.sqlite. docs/run-folder.md explains them to readers.

#include <cstdint>

namespace cuebench {

/// "CueB": `file run.sqlite` and every SQLite tool show it.
inline constexpr std::int32_t kRunApplicationId = 0x43756542;

/// Statements that make every table, and the view for people.
const char* create_tables_sql();

}  // namespace cuebench
