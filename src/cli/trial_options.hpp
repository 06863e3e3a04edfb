#pragma once
// Options of the commands that write per-trial files.

#include <string>

#include <CLI/CLI.hpp>

namespace cuebench::cli {

/// --export-trials DIR and --trials-set NAME.
inline void declare_trial_options(CLI::App& app, std::string& folder, std::string& set) {
  auto* trials = app.add_option("--export-trials", folder,
                                "Also write the answers as model-vs-human's files, DIR/SET/SET_MODEL_session-1.csv");
  trials->type_name("DIR");
  app.add_option("--trials-set", set, "SET in these files (default: cue-conflict where cues are labelled, else images)")
      ->type_name("SET")
      ->needs(trials);
}

}  // namespace cuebench::cli
