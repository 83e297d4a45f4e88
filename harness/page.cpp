// SPDX-License-Identifier: Apache-2.0
#include "harness/page.hpp"

#include <fmt/format.h>

#include "harness/markup.hpp"

namespace threadmill {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ground: #fff; --ink: #1c1e21; --dim: #666;
  --line: #d9dce0; --area: #4c7dbf; --pass: #18794e; --odd: #8a5a00; --bad: #c0262d; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --ink: #e4e6e8;
  --dim: #9aa0a6; --line: #3a3e44; --area: #6f9fe0; --pass: #4cc38a; --odd: #e2a33a;
  --bad: #ff6b70; } }
body { background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif;
  max-width: 60rem; margin: 0 auto; padding: 0 1rem 3rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
a { color: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: 600; }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 12rem; }
.right { text-align: right; }
pre { border-left: 3px solid var(--line); margin: .6rem 0; padding: .2rem 0 .2rem .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
pre.wrong { border-color: var(--bad); }
.pass { color: var(--pass); } .unverified { color: var(--odd); }
.fail, .crash, .hang { color: var(--bad); font-weight: 600; }
svg { display: block; width: 100%; max-width: 40rem; height: auto; margin: .6rem 0; }
svg text { fill: var(--dim); font-size: 12px; }
svg .area { fill: var(--area); fill-opacity: .55; stroke: var(--area); }
svg .axis { stroke: var(--line); fill: none; }
summary { cursor: pointer; color: var(--dim); }
)";

}  // namespace

std::string element(std::string_view tag,
                    std::string_view classes,
                    std::string_view words) {
  const std::string attribute =
      classes.empty() ? "" : fmt::format(" class=\"{}\"", classes);
  return fmt::format("<{0}{1}>{2}</{0}>", tag, attribute, escaped_markup(words));
}

std::string scrolling_table(const std::string& rows) {
  return "<div class=\"scroll\"><table>\n" + rows + "</table></div>\n";
}

std::string row_of_two(std::string_view name, std::string_view value) {
  return "<tr>" + element("th", "", name) + element("td", "text", value) + "</tr>\n";
}

// These three are never found outside of JSON's quotes, within which they may be written
// so; then no text of the report can end the element.
std::string json_within_page(const std::string& json) {
  std::string text;
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      text += c;
    }
  }
  return text;
}

std::string page_head(const std::string& title,
                      const std::string& nonce,
                      std::string_view more_style) {
  // The policy keeps to the promise that nothing is loaded, and nothing else runs.
  const std::string scripts =
      nonce.empty() ? "" : fmt::format("; script-src 'nonce-{}'", nonce);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'{}\"/>\n"
      "<title>{}</title>\n<style>{}{}</style>\n</head>\n",
      scripts, title, kStyle, more_style);
}

}  // namespace threadmill
