#include <array>
#include <charconv>
#include <exception>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/writers.hpp>

#include "csv_row.hpp"
#include "part_file.hpp"

namespace cuebench {
namespace {

struct Sink {
  PartFile* file;
  std::exception_ptr failure;  ///< exceptions must not pass through the C library
};

la_ssize_t write_bytes(archive* stream, void* client, const void* bytes, std::size_t size) {
  auto* sink = static_cast<Sink*>(client);
  try {
    sink->file->write({static_cast<const char*>(bytes), size});
    return static_cast<la_ssize_t>(size);
  } catch (...) {
    sink->failure = std::current_exception();
    archive_set_error(stream, -1, "the file could not be written");
    return -1;
  }
}

/// One gzip member without name and time, so that the same rows give the same bytes.
class GzipWriter {
 public:
  explicit GzipWriter(PartFile& file) : sink_{&file, nullptr}, stream_(archive_write_new(), &archive_write_free) {
    archive* stream = stream_.get();
    check(archive_write_set_format_raw(stream));
    check(archive_write_add_filter_gzip(stream));
    check(archive_write_set_options(stream, "gzip:!timestamp"));
    check(archive_write_set_bytes_in_last_block(stream, 1));
    check(archive_write_open(stream, &sink_, nullptr, &write_bytes, nullptr));
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    check(archive_write_header(stream, entry.get()));
  }

  void write(std::string_view text) {
    if (archive_write_data(stream_.get(), text.data(), text.size()) < 0) fail();
  }

  void finish() { check(archive_write_close(stream_.get())); }

 private:
  void check(int status) {
    if (status < ARCHIVE_OK) fail();
  }
  [[noreturn]] void fail() {
    if (sink_.failure) std::rethrow_exception(sink_.failure);
    const char* reason = archive_error_string(stream_.get());
    throw RunError(fmt::format("cannot compress predictions.csv.gz: {}", reason ? reason : "unknown reason"));
  }

  Sink sink_;
  std::unique_ptr<archive, decltype(&archive_write_free)> stream_;
};

/// Shortest text that reads back to the same float.
std::string shortest(float value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
  return {text.data(), end};
}

}  // namespace

void write_predictions_csv_gz(const RunStore& store, const std::filesystem::path& path) {
  constexpr std::size_t kChunk = 1 << 16;
  const RunDescription& run = store.description();
  PartFile file(path);
  GzipWriter gzip(file);
  std::string rows = "item,model,variant,label,predicted,confidence,rank_of_label\n";
  for (std::size_t model = 0; model < run.models.size(); ++model)
    for (std::size_t variant = 0; variant < run.variants.size(); ++variant)
      store.for_each_outcome(
          static_cast<int>(model), static_cast<int>(variant), [&](std::int64_t item, const Outcome& outcome) {
            rows += csv_row({run.items.at(item).id, run.models[model].name, run.variants[variant].text,
                             class_name(run, run.items[item].label), class_name(run, outcome.predicted),
                             shortest(outcome.confidence),
                             outcome.rank_of_label > 0 ? std::to_string(outcome.rank_of_label) : std::string()});
            if (rows.size() < kChunk) return;
            gzip.write(rows);
            rows.clear();
          });
  gzip.write(rows);
  gzip.finish();
  file.commit();
}

}  // namespace cuebench
