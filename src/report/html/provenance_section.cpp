#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/version.hpp>

#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

std::string model_table(const Page& page) {
  std::string body = "<tbody>";
  for (std::size_t model = 0; model < page.run().models.size(); ++model) {
    const StoredModel& stored = page.run().models[model];
    body += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td>"
        "<td>{}</td><td><code>{}</code></td><td>{}</td></tr>\n",
        page.model(static_cast<int>(model)), escape(stored.role), escape(stored.architecture), stored.classes,
        stored.parameters, escape(stored.way), escape(stored.sha256.substr(0, 16)), escape(stored.file));
  }
  return table("The models. SHA-256: first 16 digits; results.json has all.",
               "<tr><th scope=\"col\">Model</th><th scope=\"col\">Role</th><th scope=\"col\">Architecture</th>"
               "<th scope=\"col\" class=\"num\">Classes</th><th scope=\"col\" class=\"num\">Parameters</th>"
               "<th scope=\"col\">Run as</th><th scope=\"col\">SHA-256</th><th scope=\"col\">File</th></tr>",
               body + "</tbody>\n", "pin");
}

std::string variant_table(const Page& page) {
  std::string body = "<tbody>";
  for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant)
    body += fmt::format("<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td></tr>\n",
                        page.variant(static_cast<int>(variant)), breakable(page.run().variants[variant].text),
                        variant == 0 ? "both" : escape(page.run().variants[variant].keeps));
  return table("The variants as files name them, with every parameter.",
               "<tr><th scope=\"col\">Here</th><th scope=\"col\">In files</th><th scope=\"col\">Cue kept</th></tr>",
               body + "</tbody>\n");
}

std::string facts(std::string_view title, const std::map<std::string, std::string>& values) {
  if (values.empty()) return "";
  std::string text = fmt::format("<h3>{}</h3>\n<dl>", escape(title));
  for (const auto& [name, value] : values) text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value));
  return text + "</dl>\n";
}

std::string pretty(const std::string& json) {
  const auto parsed = nlohmann::ordered_json::parse(json, nullptr, false);
  return parsed.is_discarded() ? json : parsed.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string provenance_section(const Page& page) {
  std::string body = model_table(page) + variant_table(page);
  if (page.manifest) {
    const Manifest& manifest = *page.manifest;
    if (!manifest.command.empty()) body += fmt::format("<h3>Command</h3>\n<pre>{}</pre>\n", escape(manifest.command));
    body += facts("Versions", manifest.versions) + facts("Seeds", manifest.seeds) + facts("Hashes", manifest.hashes) +
            facts("Host", manifest.host) + facts("Precision", manifest.precision) + facts("Times", manifest.times);
    if (!manifest.configuration.empty())
      body += details("Resolved configuration", fmt::format("<pre>{}</pre>\n", escape(pretty(manifest.configuration))));
  } else {
    body += fmt::format(
        "<p>Report written by cuebench {}, revision {}. The folder has no manifest.json, so host and times "
        "are not known.</p>\n",
        escape(version()), escape(revision()));
  }
  if (!page.run().configuration.empty())
    body +=
        details("What decides the results", fmt::format("<pre>{}</pre>\n", escape(pretty(page.run().configuration))));
  return section("provenance", "Configuration, versions and hashes", body);
}

}  // namespace cuebench::html
