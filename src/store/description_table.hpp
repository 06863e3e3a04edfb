#pragma once
// RunDescription to and from its tables.

#include <SQLiteCpp/Database.h>

#include <cuebench/store/run_store.hpp>

namespace cuebench {

/// Into empty tables; the caller holds the transaction.
void write_description(SQLite::Database& database, const RunDescription& description);
RunDescription read_description(SQLite::Database& database);

}  // namespace cuebench
