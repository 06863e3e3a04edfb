// How long the statistics of a report take on a run written straight into a store. Usage:
// report_rate [IMAGES] [VARIANTS] [MODELS] [CLASSES]; the default is 50,000 images, 20 variants, 4 models in three
// pairs, 1,000 classes. Prints seconds by the clock and by processor time.

#include <chrono>
#include <cstdint>
#include <ctime>
#include <exception>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include <cuebench/core/parameters.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/report/summary.hpp>
#include <cuebench/store/run_store.hpp>

namespace {

using namespace cuebench;

RunDescription describe(std::int64_t images, int variants, int models, int classes) {
  RunDescription run;
  run.configuration = "{}";
  for (int label = 0; label < classes; ++label) run.classes.push_back(fmt::format("class {}", label));
  for (int model = 0; model < models; ++model)
    run.models.push_back(
        {fmt::format("model {}", model), model == 0 ? "standard" : "robust", "network", "", "", "none", classes, 1000});
  run.variants.push_back({"clean", "both"});
  for (int variant = 1; variant < variants; ++variant)
    run.variants.push_back({fmt::format("variant{}", variant), variant % 2 ? "shape" : "texture"});
  for (std::int64_t item = 0; item < images; ++item)
    run.items.push_back({fmt::format("image{:06}.png", item), static_cast<int>(item % classes), -1, -1});
  return run;
}

Outcome draw_outcome(RandomStream& random, int label, int classes, double accuracy) {
  const bool right = random.uniform() < accuracy;
  Outcome outcome;
  outcome.predicted = right ? label : (label + 1) % classes;
  outcome.confidence = static_cast<float>(random.uniform());
  outcome.rank_of_label = right ? 1 : 2 + static_cast<int>(random.below(20));
  outcome.negative_log_likelihood = static_cast<float>(3 * random.uniform());
  outcome.margin = right ? 1.0F : -1.0F;
  return outcome;
}

RunStore write_run(const std::filesystem::path& folder, const RunDescription& run) {
  RunStore store = RunStore::create_or_resume(folder, run);
  const auto items = static_cast<std::int64_t>(run.items.size());
  RandomStream random(0, "report_rate", "outcomes");
  for (std::int64_t block = 0; block < store.block_count(); ++block) {
    BlockRecord record;
    record.block = block;
    const std::int64_t last = std::min(items, (block + 1) * run.block_size);
    for (std::int64_t item = block * run.block_size; item < last; ++item)
      for (int variant = 0; variant < static_cast<int>(run.variants.size()); ++variant)
        for (int model = 0; model < static_cast<int>(run.models.size()); ++model)
          record.outcomes.push_back({item, model, variant,
                                     draw_outcome(random, run.items[std::size_t(item)].label,
                                                  static_cast<int>(run.classes.size()), 0.8 - 0.03 * variant)});
    store.commit(record);
  }
  return store;
}

struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("cuebench-report-rate-{}", getpid());
  TemporaryFolder() { std::filesystem::create_directories(path); }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

/// Seconds by the clock and of processor time.
template <typename Work>
void measure(const char* what, Work work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  work();
  fmt::print("{:30} {:7.2f} s, {:7.2f} s of processor time\n", what,
             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
             double(std::clock() - processor) / CLOCKS_PER_SEC);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto number = [&](int place, std::int64_t otherwise) {
      return argc > place ? parse_integer("report_rate", argv[place]) : otherwise;
    };
    const RunDescription run = describe(number(1, 50'000), static_cast<int>(number(2, 20)),
                                        static_cast<int>(number(3, 4)), static_cast<int>(number(4, 1000)));
    const TemporaryFolder folder;
    fmt::print("{} images, {} variants, {} models, {} classes, {} outcomes\n", run.items.size(), run.variants.size(),
               run.models.size(), run.classes.size(), run.items.size() * run.variants.size() * run.models.size());
    measure("writing the run", [&] { write_run(folder.path, run); });
    const RunStore store = RunStore::open(folder.path);
    std::int64_t seen = 0;
    measure("reading every outcome once", [&] {
      for (int model = 0; model < static_cast<int>(run.models.size()); ++model)
        for (int variant = 0; variant < static_cast<int>(run.variants.size()); ++variant)
          store.for_each_outcome(model, variant, [&](std::int64_t, const Outcome&) { ++seen; });
    });
    SummaryOptions one;
    one.bootstrap.replicates = 1;
    measure("summary, 1 replicate", [&] { summarise(store, one); });
    measure("summary, 10,000 replicates", [&] { summarise(store); });
  } catch (const std::exception& error) {
    fmt::print(stderr, "report_rate: {}\n", error.what());
    return 2;
  }
  return 0;
}
