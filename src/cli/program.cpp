#include <algorithm>
#include <cstdio>
#include <new>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/interrupt.hpp>
#include <cuebench/core/version.hpp>

#include "command.hpp"

namespace cuebench::cli {
namespace {

int fail(int code, std::string_view sentence) {
  std::fflush(stdout);
  fmt::print(stderr, "cuebench: {}\n", sentence);
  return code;
}

/// CLI11's messages are about flags; the remedy is the command's help.
std::string parse_error_sentence(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const std::string command = chosen.empty() ? "" : chosen.front()->get_name() + " ";
  std::string what = error.what();
  if (const auto line = what.find('\n'); line != std::string::npos) what.resize(line);
  return fmt::format("{} (`cuebench {}--help` lists what there is)", what, command);
}

/// Runs `work` and turns every way that it can end into an exit code and one sentence.
int guarded(const std::function<void()>& work) {
  try {
    work();
    if (std::fflush(stdout) != 0) return fail(1, "standard output cannot be written");
    return 0;
  } catch (const UsageError& error) {
    return fail(2, error.what());
  } catch (const RunError& error) {
    return fail(1, error.what());
  } catch (const Interrupted& error) {
    return fail(130, error.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "out of memory: lower --batch, --threads or --memory");
  } catch (const std::exception& error) {
    std::string what = error.what();
    if (const auto line = what.find('\n'); line != std::string::npos) what.resize(line);
    return fail(1, fmt::format("an unforeseen failure, please report it: {}", what));
  }
}

/// CLI11 would only say that a subcommand is missing.
void require_known_command(const std::vector<std::string>& arguments, std::span<const Command> commands) {
  if (arguments.empty() || arguments.front().starts_with("-")) return;
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  if (std::find(names.begin(), names.end(), arguments.front()) == names.end())
    throw UsageError(unknown_name_message("command", arguments.front(), names, "`cuebench --help` lists all"));
}

}  // namespace

int run_program(int argc, char** argv, std::span<const Command> commands, std::string_view footer) {
  CLI::App app("Shows whether an image classifier decides by shape or by texture.", "cuebench");
  app.require_subcommand(1);
  app.footer(std::string(footer));
  app.set_version_flag("--version", fmt::format("cuebench {} ({})", version(), revision()));
  app.get_formatter()->column_width(34);

  CommonOptions common{{}, argc, argv};
  std::string log_format = "text";
  std::function<void()> chosen;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    sub->add_flag("--quiet", common.reporting.quiet, "Only warnings and errors on standard error")->group("Common");
    sub->add_option("--log-format", log_format, "How standard error is written")
        ->check(CLI::IsMember({"text", "json"}))
        ->group("Common");
    sub->add_option("--config", "TOML file with the same keys as the flags; a flag wins")
        ->type_name("FILE")
        ->group("Common");
    auto work = command.declare(*sub, common);
    sub->final_callback([&chosen, work = std::move(work)] { chosen = work; });
  }

  std::vector<std::string> arguments(argv + 1, argv + argc);
  int parsed = 0;
  const int expanded = guarded([&] {
    require_known_command(arguments, commands);
    arguments = expand_configuration(arguments);
  });
  if (expanded != 0) return expanded;
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    parsed = fail(2, parse_error_sentence(app, error));
  }
  if (parsed != 0) return parsed;
  common.reporting.format = log_format == "json" ? LogFormat::json : LogFormat::text;
  start_logging(common.reporting);
  catch_interrupts();
  return guarded(chosen);
}

void print_name_and_summary(std::string_view name, std::string_view summary) {
  fmt::print("  {:<22} {}\n", name, summary);
}

}  // namespace cuebench::cli
