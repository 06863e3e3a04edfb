#pragma once
// SQLite's result codes as the sentences that users read.

#include <filesystem>
#include <utility>

#include <SQLiteCpp/Exception.h>

namespace cuebench {

/// @throws UsageError or RunError with one sentence that names `database`, what happened and the remedy.
[[noreturn]] void throw_as_sentence(const SQLite::Exception& error, const std::filesystem::path& database);

/// Runs `work`; what SQLite throws leaves as a sentence.
template <typename Work>
decltype(auto) with_sentences(const std::filesystem::path& database, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const SQLite::Exception& error) {
    throw_as_sentence(error, database);
  }
}

}  // namespace cuebench
