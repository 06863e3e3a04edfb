#pragma once
// The trials of one set, arranged for scoring: who saw which image, under which condition, and was right.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <cuebench/scoring/trials.hpp>

namespace cuebench::scoring {

/// An image under a condition; what observers are compared on.
struct SetImage {
  std::uint32_t image = 0;
  int condition = 0;  ///< into SetTrials::conditions
  int category = 0;
  int shape = -1, texture = -1;  ///< of cue-conflict images whose two categories differ
};

/// What an observer made of an image, in the earliest session that has it.
enum class Answered : std::int8_t { absent = 0, wrong = 1, right = 2 };

struct SetTrials {
  std::string name;
  std::vector<std::string> conditions;
  std::vector<SetImage> images;  ///< by condition, then category

  struct Observer {
    std::string name;
    bool human = false;
    std::vector<std::uint32_t> trials;        ///< rows of the table
    std::vector<std::uint16_t> condition_of;  ///< condition of each of these, as the observer's file says
    std::vector<Answered> answered;           ///< by image
    std::vector<std::int8_t> response;        ///< by image; kNoResponse where absent
    std::int64_t sessions = 0;
    std::int64_t repeated = 0;  ///< trials with an image of an earlier session
  };
  std::vector<Observer> observers;  ///< models, then humans, by name
};

/// `rows` are the set's rows of the table. Files that tell no conditions apart (one condition, or none) are joined with
/// those that do by the image alone; an image that an observer saw under several conditions is joined by both.
SetTrials arrange_set(const TrialTable& table, std::span<const std::uint32_t> rows, const std::string& humans,
                      std::vector<Finding>& findings);

}  // namespace cuebench::scoring
