// SPDX-License-Identifier: Apache-2.0
//
// `threadmill report`: what its page holds, that nothing of the results becomes more than
// text in it, and, in a real browser, that each plot is drawn with the results' numbers.
#include "harness/lab_page.hpp"

#include <unistd.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/bench_ratios.hpp"
#include "harness/plot_library.hpp"
#include "harness/report_json.hpp"
#include "harness/trace_json.hpp"
#include "tests/harness/executable.hpp"
#include "tests/harness/made_benchmarks.hpp"
#include "tests/harness/scratch.hpp"
#include "tests/harness/some_report.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

const std::string kHostile =
    "</script><script>document.title='taken'</script><img src=x "
    "onerror=document.title='taken'>\"'&<!--";

Json some_benchmarks() {
  std::vector<MadeRow> rows;
  for (const char* model : {"biased", "atomic", "mine"}) {
    for (const std::uint64_t threads : {1u, 2u, 4u}) {
      rows.push_back({"list_read/threads:" + std::to_string(threads),
                      (model[0] == 'a' ? 30.0 : 10.0) * static_cast<double>(threads),
                      threads, model});
    }
    rows.push_back({"own", model[0] == 'm' ? 4.0 : 2.0, 1, model});
  }
  return made_benchmarks(rows, 5, 0.01, 1);
}

Json some_matrix() {
  const auto found = [](double seconds) {
    return Json{{"detected", true}, {"seconds", seconds}, {"oracle", kHostile}};
  };
  const Json silent = {{"detected", false}, {"seconds", 12}};
  return {{"schema", 1},
          {"faults",
           {{{"name", "first"},
             {"origin", "A1"},
             {"control", false},
             {"instruments", {{"stress", found(0.5)}, {"explore-sc", found(0.002)}}}},
            {{"name", kHostile},
             {"origin", "B2"},
             {"control", false},
             {"instruments", {{"stress", found(3)}, {"explore-sc", silent}}}},
            {{"name", "hole"},
             {"origin", "C3"},
             {"control", false},
             {"instruments", {{"stress", silent}, {"explore-sc", silent}}}}}}};
}

Report traced_report() {
  Report report = some_report();
  RunResult& run = report.runs.front();
  run.trace = {{"stages", "preparing", 1'000'000, 2'000'000},
               {"stages", "running", 3'000'000, 9'000'000},
               {"pauses", "pause", 5'000'000, 250'000},
               {"slot 1", "attached", 3'000'000, 2'000'000},
               {"slot 1", kHostile, 5'000'000, 250'000}};
  return report;
}

class ReportPage : public ::testing::Test {
 protected:
  // Results of every kind, and what is none.
  void write_results() const {
    scratch_.write("bench.json", some_benchmarks().dump());
    scratch_.write("faults.json", some_matrix().dump());
    scratch_.write("stress.json", report_json(some_report()));
    scratch_.write("timeline.json", trace_json(traced_report()));
    scratch_.write("truncated.json", "{\"schema\": 1, \"runs\": [");
    scratch_.write(kNastyName, "[]");
  }

  [[nodiscard]] Outcome report(const Words& more = {}) const {
    Words words = {"report", scratch_.path(""), "-o", scratch_.path("page.html")};
    words.insert(words.end(), more.begin(), more.end());
    return program_.run(words);
  }

  [[nodiscard]] std::string page() const { return scratch_.content("page.html"); }

  const std::string kNastyName = "<b>'&\"<script>.json";
  const Scratch scratch_;
  const Executable program_{"threadmill"};
};

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at)
    ++count;
  return count;
}

std::string between(const std::string& text,
                    const std::string& before,
                    const std::string& after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + before.size();
  return text.substr(from, text.find(after, from) - from);
}

Json plots_in(const std::string& page) {
  return Json::parse(
      between(page, "<script type=\"application/json\" id=\"plots\">", "</script>"));
}

TEST_F(ReportPage, shows_each_kind_of_result_and_says_what_it_left_out) {
  write_results();
  const Outcome outcome = report();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::string text = page();
  for (const char* title : {"What each design costs", "Which instrument finds which",
                            "A stress run", "The timeline of a run"})
    EXPECT_EQ(count_of(text, std::string(">") + title), 2u) << title;
  EXPECT_NE(outcome.out.find("truncated.json: left out: it is not JSON"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(text.find("truncated.json is not shown: it is not JSON"),
            std::string::npos);
  EXPECT_NE(text.find("hole: hole"), std::string::npos);
  EXPECT_EQ(text.find(">FAIL<"), std::string::npos) << "nothing was wrong";
  EXPECT_EQ(count_of(text, "<canvas"), plots_in(text).size());
}

TEST_F(ReportPage, holds_the_medians_and_ratios_of_the_results) {
  write_results();
  ASSERT_EQ(report().status, 0);
  const BenchFile file = bench_file_of(some_benchmarks(), "");
  const Json plots = plots_in(page());
  const Json& ratios = plots[0];
  ASSERT_EQ(ratios["kind"], "bars");
  ASSERT_EQ(ratios["series"].size(), 2u);
  EXPECT_EQ(ratios["series"][0]["name"], "atomic");
  for (std::size_t i = 0; i < ratios["labels"].size(); ++i) {
    const std::string name = ratios["labels"][i];
    const auto ratio = paired_ratio_of(*file.find(name, "biased"),
                                       *file.find(name, "atomic"), TimeKind::real);
    EXPECT_NEAR(ratios["series"][0]["points"][i], ratio->value, 1e-9) << name;
    EXPECT_NE(page().find(ratio_text(*ratio)), std::string::npos) << name;
  }
  const Json& curve = plots[1];
  EXPECT_EQ(curve["title"], "list_read");
  ASSERT_EQ(curve["series"].size(), 3u);
  for (const Json& series : curve["series"]) {
    ASSERT_EQ(series["points"].size(), 3u);
    for (const Json& point : series["points"]) {
      const auto threads = point[0].get<std::uint64_t>();
      const BenchRow* row =
          file.find("list_read/threads:" + std::to_string(threads), series["name"]);
      EXPECT_NEAR(point[1], *row->middle(TimeKind::real), 1e-9);
    }
  }
}

TEST_F(ReportPage, holds_what_counters_say_where_times_mean_nothing) {
  Json json = some_benchmarks();
  for (const char* model : {"biased", "atomic"}) {
    const std::string name = std::string(model) + "/bytes/list";
    for (int i = 0; i < 5; ++i) {
      json["benchmarks"].push_back({{"name", name},
                                    {"model", model},
                                    {"real_time", 1e6},
                                    {"bytes_per_object", model[0] == 'a' ? 41 : 164}});
    }
  }
  for (Json& entry : json["benchmarks"]) {
    if (entry["name"] == "mine/own") entry["ops_per_second"] = 1234;
    if (entry["name"] == "atomic/own") entry["label"] = "otherwise";
  }
  scratch_.write("bench.json", json.dump());
  ASSERT_EQ(report().status, 0);
  const Json plots = plots_in(page());
  EXPECT_EQ(plots[0]["labels"].size(), 4u) << "times only";
  EXPECT_EQ(plots[1]["title"],
            "bytes_per_object: times that of biased (left: less, which is better)");
  EXPECT_EQ(plots[1]["labels"], Json({"bytes/list"}));
  EXPECT_EQ(plots[1]["series"][0]["points"], Json({0.25}));
  const std::string text = page();
  EXPECT_NE(text.find(">164 B"), std::string::npos);
  EXPECT_NE(text.find(">41.0 B<"), std::string::npos)
      << "of another model, as a median";
  EXPECT_NE(text.find(">bytes/list (bytes_per_object)<"), std::string::npos);
  EXPECT_NE(text.find(">ops_per_second 1234<"), std::string::npos);
  EXPECT_NE(text.find(" *</td>"), std::string::npos);
  EXPECT_NE(text.find(">* own (atomic): otherwise<"), std::string::npos);
  EXPECT_EQ(text.find("1.00 ms"), std::string::npos) << "a time that means nothing";
}

TEST_F(ReportPage, says_how_many_curves_it_left_out) {
  const auto section_with = [](int curves) {
    std::vector<MadeRow> rows;
    for (int i = 0; i < curves; ++i) {
      for (const std::uint64_t threads : {1u, 2u})
        rows.push_back(
            {std::to_string(i) + "/threads:" + std::to_string(threads), 10, threads});
    }
    return bench_section(bench_file_of(made_benchmarks(rows, 1, 0.01, 1), ""));
  };
  const LabSection all = section_with(200);
  EXPECT_EQ(all.plots.size(), 200u);
  EXPECT_EQ(all.after.find("left out"), std::string::npos);
  const LabSection most = section_with(203);
  EXPECT_EQ(most.plots.size(), 200u);
  EXPECT_NE(most.after.find("The curves of 3 more rows"), std::string::npos);
}

TEST_F(ReportPage, results_are_text_in_it_and_nothing_else) {
  write_results();
  Json hostile = some_benchmarks();
  for (Json& entry : hostile["benchmarks"]) {
    entry["name"] = entry["model"].get<std::string>() + "/" + kHostile;
    entry["run_name"] = entry["name"];
  }
  for (Json& entry : hostile["benchmarks"]) entry["label"] = kHostile;
  hostile["context"]["cpu"] = kHostile;
  hostile["context"][kHostile] = kHostile;
  scratch_.write("hostile.json", hostile.dump());
  ASSERT_EQ(report().status, 0);
  std::string text = page();
  // The library's own text aside.
  const std::string library(plot_library());
  const std::size_t at = library.empty() ? std::string::npos : text.find(library);
  if (at != std::string::npos) text.erase(at, library.size());
  EXPECT_EQ(text.find("<img"), std::string::npos);
  EXPECT_EQ(text.find("<b>"), std::string::npos);
  EXPECT_EQ(text.find("document.title='taken'</script>"), std::string::npos);
  const std::size_t own = library.empty() ? 1 : 3;
  EXPECT_EQ(count_of(text, "<script"), own);
  EXPECT_EQ(count_of(text, "</script"), own);
  EXPECT_EQ(count_of(text, "src="), count_of(text, "src=x ")) << "it loads something";
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
}

TEST_F(ReportPage, files_that_cannot_be_right_are_left_out_and_never_half_shown) {
  write_results();
  const Json whole = some_matrix();
  for (const char* spoiled :
       {R"({"schema": 1, "faults": 7})", R"({"schema": 1, "faults": [7]})",
        R"({"schema": 1, "faults": [{"name": 7}]})",
        R"({"schema": 1, "faults": [{"name": "a", "instruments": {"x": 7}}]})",
        R"({"schema": 1, "runs": [{}]})", R"({"schema": 2, "runs": []})",
        R"({"traceEvents": [{"ph": "X"}]})", R"({"traceEvents": {}})",
        R"({"traceEvents": [{"ph": "X", "name": "a", "ts": -1, "dur": 1}]})",
        R"({"schema": 1, "scenarios": [{"scenario": "a"}]})",
        R"({"context": {}, "benchmarks": [{"name": "x", "real_time": []}]})",
        R"({"context": {}, "benchmarks": []})", "7", "\xff"}) {
    const LabFile file = lab_file_of("spoiled", spoiled);
    EXPECT_NE(file.trouble, "") << spoiled;
  }
  EXPECT_EQ(lab_file_of("whole", whole.dump()).trouble, "");
}

TEST_F(ReportPage, bad_usage_is_one_line) {
  const auto refused = [&](const Words& words) {
    const Outcome outcome = program_.run(words);
    EXPECT_EQ(outcome.status, 2) << ::testing::PrintToString(words);
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  };
  const std::string page = scratch_.path("page.html");
  refused({"report"});
  refused({"report", scratch_.path("")});
  refused({"report", scratch_.path(""), "-o", page});  // it is empty
  scratch_.write("other.json", "{}");
  refused({"report", scratch_.path(""), "-o", page});
  scratch_.write("other.json", R"({"context": {}, "benchmarks": []})");
  refused({"report", scratch_.path(""), "-o", page});
  refused({"report", scratch_.path("no-such"), "-o", page});
  refused({"report", scratch_.path("other.json"), "-o", page});
  write_results();
  refused({"report", scratch_.path(""), "-o", scratch_.path("no/such/page.html")});
  EXPECT_EQ(scratch_.content("page.html"), "");
}

// --- in a browser ---

std::optional<Executable> browser() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-headless-shell"}) {
    if (::access(path, X_OK) == 0) return Executable::of_system(path);
  }
  return std::nullopt;
}

std::string without_escapes(std::string text) {
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;
         at += to.size())
      text.replace(at, from.size(), to);
  };
  replace("&lt;", "<");
  replace("&gt;", ">");
  replace("&nbsp;", "\xc2\xa0");
  replace("&amp;", "&");
  return text;
}

class ReportPageInBrowser : public ReportPage {
 protected:
  void SetUp() override {
    if (built_with_sanitizers()) GTEST_SKIP() << "the release preset has done it";
    if (!browser()) GTEST_SKIP() << "there is no Chromium";
    if (plot_library().empty()) GTEST_SKIP() << "there is no plotting library";
    write_results();
    ASSERT_EQ(report().status, 0);
  }

  // The page as it stands once its scripts have run.
  [[nodiscard]] std::string shown(int width, const Words& more = {}) const {
    Words words = {"--headless",
                   "--no-sandbox",
                   "--disable-gpu",
                   "--virtual-time-budget=10000",
                   "--window-size=" + std::to_string(width) + ",900",
                   "--user-data-dir=" + scratch_.path("browser"),
                   "--dump-dom"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("file://" + scratch_.path("page.html"));
    const Outcome outcome = browser()->run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }

  [[nodiscard]] static Json check_in(const std::string& document) {
    const std::string text =
        between(document, "<pre id=\"self-check\" hidden=\"\">", "</pre>");
    EXPECT_NE(text, "") << "its script did not come to its end";
    return Json::parse(without_escapes(text), nullptr, false);
  }
};

// What the script is to have drawn of a series, and the sum of it.
struct Expected {
  std::size_t points = 0;
  double sum = 0;
};

Expected expected_of(const Json& plot, const Json& series) {
  Expected expected;
  for (const Json& point : series["points"]) {
    if (point.is_null()) continue;
    ++expected.points;
    if (plot["kind"] == "bars")
      expected.sum += point.get<double>();
    else if (plot["kind"] == "spans")
      expected.sum += point[1].get<double>();
    else
      expected.sum += point[1].get<double>();
  }
  return expected;
}

TEST_F(ReportPageInBrowser, draws_every_plot_with_the_numbers_of_the_results) {
  const Json plots = plots_in(page());
  ASSERT_GE(plots.size(), 6u);
  for (const int width : {1200, 390}) {
    const Json check = check_in(shown(width));
    ASSERT_TRUE(check.is_object());
    EXPECT_EQ(check["errors"], Json::array());
    EXPECT_EQ(check["width"], width);
    EXPECT_LE(check["content_width"], width) << "it is wider than the screen";
    ASSERT_EQ(check["plots"].size(), plots.size());
    for (std::size_t i = 0; i < plots.size(); ++i) {
      const Json& drawn = check["plots"][i];
      EXPECT_EQ(drawn["id"], plots[i]["id"]);
      EXPECT_GT(drawn["ink"], 1000) << plots[i]["title"];
      EXPECT_GT(drawn["width"], 250);
      EXPECT_LE(drawn["width"], width);
      EXPECT_GT(drawn["height"], 100);
      ASSERT_EQ(drawn["series"].size(), plots[i]["series"].size());
      for (std::size_t k = 0; k < drawn["series"].size(); ++k) {
        const Json& series = plots[i]["series"][k];
        const Expected expected = expected_of(plots[i], series);
        EXPECT_EQ(drawn["series"][k]["name"], series["name"]);
        EXPECT_EQ(drawn["series"][k]["points"], expected.points)
            << plots[i]["title"] << series["name"];
        EXPECT_NEAR(drawn["series"][k]["sum"], expected.sum,
                    1e-6 * std::abs(expected.sum))
            << plots[i]["title"] << series["name"];
      }
    }
  }
}

TEST_F(ReportPageInBrowser, is_dark_where_that_is_preferred) {
  const Json light = check_in(shown(800));
  const Json dark = check_in(shown(800, {"--blink-settings=preferredColorScheme=0"}));
  EXPECT_EQ(light["dark"], false);
  EXPECT_EQ(dark["dark"], true);
  EXPECT_EQ(light["ground"], "rgb(255, 255, 255)");
  EXPECT_NE(dark["ground"], light["ground"]);
}

TEST_F(ReportPageInBrowser, runs_nothing_that_results_say) {
  Json hostile = some_benchmarks();
  for (Json& entry : hostile["benchmarks"]) {
    entry["name"] = entry["model"].get<std::string>() + "/" + kHostile;
    entry["run_name"] = entry["name"];
  }
  scratch_.write("hostile.json", hostile.dump());
  ASSERT_EQ(report().status, 0);
  const std::string document = shown(800);
  EXPECT_NE(document.find("<title>Threadmill</title>"), std::string::npos);
  EXPECT_EQ(document.find("<img"), std::string::npos);
  EXPECT_EQ(check_in(document)["errors"], Json::array());
}

}  // namespace
}  // namespace threadmill
