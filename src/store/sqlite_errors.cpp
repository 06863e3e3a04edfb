#include "sqlite_errors.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {

void throw_as_sentence(const SQLite::Exception& error, const std::filesystem::path& database) {
  const std::string file = database.string();
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_FULL:
      throw RunError(
          fmt::format("disk full while writing '{}': free some space and repeat the same command, which "
                      "continues after the blocks stored so far",
                      file));
    case SQLITE_IOERR:
      throw RunError(
          fmt::format("cannot read or write '{}' ({}): check the disk and its quota, then repeat the same "
                      "command, which continues after the blocks stored so far",
                      file, error.what()));
    case SQLITE_CORRUPT:
      throw RunError(fmt::format("'{}' is damaged ({}): restore it from a copy, or evaluate again with --overwrite",
                                 file, error.what()));
    case SQLITE_NOTADB:
      throw UsageError(fmt::format("'{}' is not a run: name another folder, or replace it with --overwrite", file));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw UsageError(fmt::format("cannot open '{}' ({}): check the permissions, or name another folder with --out",
                                   file, error.what()));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw UsageError(
          fmt::format("'{}' is in use by another program: wait until it ends, or name another folder "
                      "with --out",
                      file));
    default:
      throw RunError(fmt::format("'{}' cannot be used: {}", file, error.what()));
  }
}

}  // namespace cuebench
