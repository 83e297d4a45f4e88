// SPDX-License-Identifier: Apache-2.0
#include "harness/chart.hpp"

#include <gtest/gtest.h>

#include "tests/harness/xml.hpp"

namespace threadmill {
namespace {

TEST(Chart, of_throughput_has_a_step_for_each_interval) {
  const std::string chart = throughput_chart({{0, 0}, {1, 100}, {2, 150}, {3, 350}});
  EXPECT_TRUE(parsed_xml(chart).is_object()) << chart;
  EXPECT_NE(chart.find("M4.0 118.0V67.0H201.3V92.5H398.7V16.0H596.0V118.0Z"),
            std::string::npos)
      << chart;
  EXPECT_NE(chart.find("200.0  op/s"), std::string::npos) << chart;
  EXPECT_NE(chart.find("3.0 s"), std::string::npos) << chart;
}

TEST(Chart, of_throughput_takes_a_sliver_together_with_what_is_beside_it) {
  std::string chart = throughput_chart({{0, 0}, {1, 100}, {2, 200}, {2.01, 300}});
  EXPECT_NE(chart.find("198.0  op/s"), std::string::npos) << "not 10000: " << chart;
  chart = throughput_chart({{0, 0}, {0.01, 100}, {1, 200}, {2, 300}});
  EXPECT_NE(chart.find("200.0  op/s"), std::string::npos) << "nor here: " << chart;
}

TEST(Chart, of_a_run_that_did_nothing_is_flat_and_of_none_is_empty) {
  EXPECT_TRUE(parsed_xml(throughput_chart({{0, 0}, {1, 0}})).is_object());
  EXPECT_EQ(throughput_chart({}), "");
  EXPECT_EQ(throughput_chart({{0, 0}}), "");
}

TEST(Chart, of_latencies_has_a_bar_for_each_bucket_on_logarithmic_axes) {
  Latency latency;
  latency.name = "<stop>";
  latency.buckets = {{0, 1, 1}, {1, 3, 3}, {7, 15, 1}};
  const std::string chart = latency_chart(latency);
  EXPECT_TRUE(parsed_xml(chart).is_object()) << chart;
  for (const char* bar : {"x=\"4.0\" y=\"67.0\" width=\"148.0\" height=\"51.0\"",
                          "x=\"152.0\" y=\"16.0\" width=\"148.0\" height=\"102.0\"",
                          "x=\"448.0\" y=\"67.0\" width=\"148.0\" height=\"51.0\""}) {
    EXPECT_NE(chart.find(bar), std::string::npos) << bar << " in " << chart;
  }
}

TEST(Chart, of_latencies_that_never_were_is_empty) { EXPECT_EQ(latency_chart({}), ""); }

}  // namespace
}  // namespace threadmill
