#pragma once
// Files of per-trial answers in model-vs-human's layout, as its own evaluation writes them for networks.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench::scoring {

struct AnsweredTrial {
  std::string category;   ///< what was shown; of cue-conflict images the shape
  std::string response;   ///< one of the 16 categories
  std::string imagename;  ///< SHAPE<n>-TEXTURE<n>.png of cue-conflict images
};

/// @throws UsageError naming a class that is none of the 16 categories.
void require_trial_categories(const std::vector<std::string>& classes);
/// @throws UsageError for names that cannot stand in a file name, are taken for humans, or share a file.
void require_trial_observers(const std::vector<std::string>& observers);
/// A data set's name, which names a folder and begins its files' names. @throws UsageError naming the rule.
void require_trial_set(std::string_view set);

/// "SET/SET_OBSERVER_session-1.csv", with '-' for '_' in the observer's name.
std::filesystem::path trial_file(std::string_view set, std::string_view observer);

/// One session of one network without conditions: header, then trials numbered from 1; lines end as Python's csv module
/// ends them. @throws UsageError when two trials are of images that readers join as one.
std::string write_trials(std::string_view observer, std::span<const AnsweredTrial> trials);

}  // namespace cuebench::scoring
