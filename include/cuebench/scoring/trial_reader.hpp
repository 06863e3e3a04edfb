#pragma once
// Reads one file of per-trial answers. Two layouts: model-vs-human's (subj,session,trial,rt,object_response,category,
// condition,imagename) and vlm_shapebias' (image,[response],pred_label,[pred_conf]). Columns are found by their names
// in any case and order; others are left alone.

#include <string>
#include <string_view>
#include <vector>

#include <cuebench/scoring/trials.hpp>

namespace cuebench::scoring {

enum class CsvKind { trials, cue_decisions, accuracies, corruptions, unknown };
/// What a CSV file is by its first line.
CsvKind recognise_csv(std::string_view text);

/// The data set that a file name tells: SET_OBSERVER_session-1.csv, with '-' and '_' taken as equal in OBSERVER; the
/// whole name without its extensions where it is written in no such way.
std::string set_of_file_name(std::string_view file_name, std::string_view observer);

/// Appends the trials. What the reader can live with (an empty answer, which counts as none; several sessions in one
/// file; a condition missing where others are given; cue-conflict names among other names) goes into `findings`.
/// @throws UsageError naming file and line, with counts, when columns are missing, a line has another number of fields,
/// a category or answer is unknown, the session is not a number, the category is not the shape of the cue-conflict
/// image, an image occurs twice in a session and condition, or there is no trial at all. The table is then as before.
void read_trials(std::string_view text, std::string_view file, TrialTable& table, std::vector<Finding>& findings);

/// The vlm_shapebias layout: the observer is the file's name, the set is kCueDecisionSet, the category the shape.
inline constexpr std::string_view kCueDecisionSet = "vlm-cue-conflict";
void read_cue_decisions(std::string_view text, std::string_view file, TrialTable& table,
                        std::vector<Finding>& findings);

}  // namespace cuebench::scoring
