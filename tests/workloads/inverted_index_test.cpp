// SPDX-License-Identifier: Apache-2.0
//
// The inverted index on folders made by hand: the right index of what can be read, a list
// of what cannot, and a clear answer when there is nothing to index.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/workloads/drive.hpp"
#include "tests/workloads/scratch_folder.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kSeveralPasses = 5'000;

Drive drive_over(const ScratchFolder& scratch, unsigned threads) {
  Drive how;
  how.threads = threads;
  how.operations_each = kSeveralPasses;
  how.inputs = {scratch.path()};
  return how;
}

Outcome index_folder(const ScratchFolder& scratch, unsigned threads) {
  return drive(workload_named("inverted-index"), drive_over(scratch, threads));
}

std::string some_text(int seed) {
  std::string text;
  for (int i = 0; i < 400; ++i) {
    text += "word" + std::to_string((i * i + seed) % 97) + (i % 7 == 0 ? "\n" : " ");
  }
  return text;
}

bool lists(const Outcome& outcome, std::string_view name, std::string_view reason) {
  const std::vector<std::string> entries = outcome.fact("skipped entry");
  return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
    return entry.find(name) != std::string::npos && entry.ends_with(reason);
  });
}

std::string input_error(const ScratchFolder& scratch) {
  try {
    static_cast<void>(index_folder(scratch, 1));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(InvertedIndex, indexes_the_readable_rest_of_a_messy_folder) {
  const ScratchFolder scratch;
  scratch.file("text", some_text(1));
  scratch.file("empty", "");
  scratch.file("long", std::string(5'000'000, 'w'));
  scratch.file("binary", std::string("\0\1\2\3 bin \0\377\376", 12));
  scratch.file("bad-utf8", "caf\xe9 \xc3\x28 \xf0\x9f");
  scratch.file("new\nline", some_text(2));
  scratch.file("bad\xff name", some_text(3));
  scratch.link("link", "text");
  scratch.fifo("fifo");
  scratch.socket("socket");
  scratch.link("loop", "loop");
  scratch.link("dangling\n", "nowhere");
  scratch.link("memory", "/proc/self/mem");
  scratch.folder("folder");
  scratch.file("folder/text", some_text(4));
  scratch.link("folder/up", "..");
  static_cast<void>(scratch.deep_file(30, some_text(5)));
  for (const unsigned threads : {1U, 4U}) {
    const Outcome outcome = index_folder(scratch, threads);
    EXPECT_EQ(outcome.complaints(), "");
    EXPECT_GT(outcome.verified(), 0U);
    EXPECT_EQ(outcome.fact("documents"), std::vector<std::string>{"10"});
    EXPECT_EQ(outcome.fact("skipped"), std::vector<std::string>{"6"});
    EXPECT_TRUE(lists(outcome, "fifo", "a FIFO"));
    EXPECT_TRUE(lists(outcome, "socket", "a socket"));
    EXPECT_TRUE(lists(outcome, "loop", "Too many levels of symbolic links"));
    EXPECT_TRUE(lists(outcome, "dangling\\n", "No such file or directory"));
    EXPECT_TRUE(lists(outcome, "memory", "cannot be read: Input/output error"));
    EXPECT_TRUE(lists(outcome, "up", "symbolic link to a folder"));
  }
}

TEST(InvertedIndex, more_threads_than_documents_all_find_work) {
  const ScratchFolder scratch;
  scratch.file("text", some_text(1));
  const Outcome outcome = index_folder(scratch, 9);
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_GE(outcome.operations, 9 * kSeveralPasses);
}

TEST(InvertedIndex, input_without_words_is_refused_in_one_line) {
  const ScratchFolder scratch;
  EXPECT_NE(input_error(scratch), "");
  scratch.file("empty", "");
  scratch.file("dots", "... --- ...\n");
  scratch.fifo("fifo");
  const std::string error = input_error(scratch);
  EXPECT_NE(error.find(scratch.path()), std::string::npos) << error;
  EXPECT_NE(error.find("2 files read, 1 entries skipped"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST(InvertedIndex, an_input_that_is_not_there_is_refused) {
  const ScratchFolder scratch;
  Drive how = drive_over(scratch, 1);
  how.inputs = {scratch.path("nowhere")};
  EXPECT_THROW(static_cast<void>(drive(workload_named("inverted-index"), how)),
               InputError);
}

TEST(InvertedIndex, passes_that_meet_a_changed_file_are_no_evidence) {
  const ScratchFolder scratch;
  scratch.file("text", some_text(1));
  scratch.file("changing", some_text(2));
  Drive how = drive_over(scratch, 2);
  how.after_prepare = [&] { scratch.file("changing", "other words now"); };
  const Outcome outcome = drive(workload_named("inverted-index"), how);
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_EQ(outcome.verified(), 0U);
  EXPECT_EQ(outcome.fact("passes finished"), std::vector<std::string>{"0"});
  EXPECT_NE(outcome.fact("passes that met changed files"),
            std::vector<std::string>{"0"});
}

TEST(InvertedIndex, a_fifo_in_the_place_of_a_file_blocks_nobody) {
  const ScratchFolder scratch;
  scratch.file("text", some_text(1));
  scratch.file("changing", some_text(2));
  Drive how = drive_over(scratch, 2);
  how.after_prepare = [&] {
    scratch.remove("changing");
    scratch.fifo("changing");
  };
  const Outcome outcome = drive(workload_named("inverted-index"), how);
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_EQ(outcome.verified(), 0U);
}

}  // namespace
}  // namespace threadmill
