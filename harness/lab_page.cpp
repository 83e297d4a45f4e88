// SPDX-License-Identifier: Apache-2.0
#include "harness/lab_page.hpp"

#include <random>
#include <string_view>

#include <fmt/format.h>

#include "harness/markup.hpp"
#include "harness/page.hpp"
#include "harness/plot_library.hpp"
#include "harness/report_file.hpp"
#include "harness/report_reader.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStyle = R"(
:root { --series-0: #4c7dbf; --series-1: #c8693a; --series-2: #3f9463; --series-3: #9466b8;
  --series-4: #b08a1e; --series-5: #c4528a; --series-6: #3f97a5; --series-7: #8a8a8a; }
figure { margin: 1.2rem 0; } figcaption { font-weight: 600; }
.plot { position: relative; width: 100%; max-width: 52rem; }
nav a { margin-right: 1rem; white-space: nowrap; }
h2 small { color: var(--dim); font-weight: 400; overflow-wrap: anywhere; }
p { overflow-wrap: anywhere; }
)";

// So that nothing that a file says can be a script of this page.
std::string new_nonce() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(),
                     device());
}

LabSection section_of(const std::string& content) {
  const Json json = any_json_in(with_nulls_for_numbers_json_lacks(content));
  if (!json.is_object()) throw Unfit{"it is of no kind that is known here"};
  if (is_bench_file(json)) {
    const BenchFile file = bench_file_of(json, "");
    if (file.rows.empty()) throw Unfit{"it has no rows"};
    return bench_section(file);
  }
  if (json.contains("traceEvents")) return trace_section(json);
  const auto schema = json.find("schema");
  if (schema != json.end() && *schema == 1) {
    if (json.contains("runs")) return stress_section(report_of(json));
    if (json.contains("faults") && !json.contains("workloads"))
      return matrix_section(json);
    if (json.contains("scenarios") && !json.contains("workloads"))
      return search_section(json);
  }
  throw Unfit{"it is of no kind that is known here"};
}

bool has_points(const Plot& plot) {
  for (const PlotSeries& series : plot.series) {
    if (!series.points.empty()) return true;
  }
  return false;
}

std::string script(std::string_view text, const std::string& nonce) {
  return fmt::format("<script nonce=\"{}\">{}</script>\n", nonce, text);
}

}  // namespace

LabFile lab_file_of(std::string name, const std::string& content) {
  LabFile file{std::move(name), "", {}};
  try {
    file.section = section_of(content);
  } catch (const Unfit& unfit) {
    file.trouble = unfit.what;
  }
  return file;
}

std::string lab_page(const std::string& title, const std::vector<LabFile>& files) {
  Json plots = Json::array();
  std::string contents;
  std::string body;
  std::string left_out;
  std::size_t number = 0;
  for (const LabFile& file : files) {
    if (!file.trouble.empty()) {
      left_out += element("p", "", file.name + " is not shown: " + file.trouble) + "\n";
      continue;
    }
    const std::string anchor = fmt::format("part-{}", number++);
    contents += fmt::format("<a href=\"#{}\">{}</a>\n", anchor,
                            escaped_markup(file.section.title));
    body += fmt::format("<section id=\"{}\">\n<h2>{} {}</h2>\n", anchor,
                        escaped_markup(file.section.title),
                        element("small", "", file.name));
    body += file.section.before;
    for (const Plot& plot : file.section.plots) {
      if (!has_points(plot)) continue;
      const std::string id = fmt::format("plot-{}", plots.size());
      plots.push_back(plot_json(plot, id));
      body += plot_figure(plot, id);
    }
    body += file.section.after + "</section>\n";
  }
  const bool can_draw = !plot_library().empty();
  const std::string nonce = new_nonce();
  std::string page = page_head(escaped_markup(title), nonce, kStyle);
  page += "<body>\n" + element("h1", "", title) + "\n<nav>" + contents + "</nav>\n";
  if (!can_draw) {
    page +=
        element("p", "fail",
                "This page has no plots: the program that made it was built without "
                "a plotting library (libjs-chart.js).");
  }
  page += "<noscript>" +
          element("p", "", "Plots need scripts; all numbers are in the tables.") +
          "</noscript>\n" + body + left_out;
  page += "<pre id=\"self-check\" hidden></pre>\n";
  page += "<script type=\"application/json\" id=\"plots\">" +
          json_within_page(plots.dump(-1, ' ', false, Json::error_handler_t::replace)) +
          "</script>\n";
  if (can_draw) page += script(plot_library(), nonce) + script(plot_script(), nonce);
  return page + "</body>\n</html>\n";
}

}  // namespace threadmill
