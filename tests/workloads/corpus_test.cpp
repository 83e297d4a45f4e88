// SPDX-License-Identifier: Apache-2.0
//
// The corpus walk, over folders full of things that could hurt it.
#include "workloads/corpus.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/config.hpp"
#include "tests/workloads/scratch_folder.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

std::vector<std::string> paths(const Corpus& corpus) {
  std::vector<std::string> paths;
  for (const Document& document : corpus.documents) paths.push_back(document.path);
  return paths;
}

// The reason why an entry was skipped; empty if it was not.
std::string reason(const Corpus& corpus, const std::string& path) {
  for (const Skipped& entry : corpus.skipped) {
    if (entry.path == path) return entry.reason;
  }
  return {};
}

std::string whole_content(DocumentReader& reader) {
  std::string content;
  std::array<char, 7> block;
  while (const std::size_t size = reader.read(block))
    content.append(block.data(), size);
  return content;
}

std::string input_error(const std::vector<std::string>& inputs) {
  try {
    static_cast<void>(find_documents(inputs));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(Corpus, files_of_all_folders_come_in_byte_order) {
  const ScratchFolder scratch;
  scratch.folder("b");
  scratch.folder("empty");
  scratch.file("c", "");
  scratch.file("b/two", "2");
  scratch.file("b/One", "1");
  scratch.file("a", "0");
  const Corpus corpus = find_documents({scratch.path()});
  const std::vector<std::string> expected = {scratch.path("a"), scratch.path("b/One"),
                                             scratch.path("b/two"), scratch.path("c")};
  EXPECT_EQ(paths(corpus), expected);
  EXPECT_TRUE(corpus.skipped.empty());
}

TEST(Corpus, inputs_keep_their_order_and_may_be_files) {
  const ScratchFolder scratch;
  scratch.folder("a");
  scratch.file("a/x", "");
  scratch.file("z", "");
  const std::vector<std::string> inputs = {scratch.path("z"), scratch.path("a")};
  const std::vector<std::string> expected = {scratch.path("z"), scratch.path("a/x")};
  EXPECT_EQ(paths(find_documents(inputs)), expected);
}

TEST(Corpus, special_files_are_skipped_without_waiting_for_them) {
  const ScratchFolder scratch;
  scratch.fifo("fifo");
  scratch.socket("socket");
  scratch.link("device", "/dev/zero");
  scratch.link("fifo-link", scratch.path("fifo"));
  scratch.file("text", "word");
  const Corpus corpus = find_documents({scratch.path()});
  EXPECT_EQ(paths(corpus), std::vector<std::string>{scratch.path("text")});
  EXPECT_EQ(corpus.skipped.size(), 4U);
  EXPECT_EQ(reason(corpus, scratch.path("fifo")), "a FIFO");
  EXPECT_EQ(reason(corpus, scratch.path("socket")), "a socket");
  EXPECT_EQ(reason(corpus, scratch.path("device")), "symbolic link to a device");
  EXPECT_EQ(reason(corpus, scratch.path("fifo-link")), "symbolic link to a FIFO");
}

TEST(Corpus, links_to_files_are_read_and_links_to_folders_are_not_followed) {
  const ScratchFolder scratch;
  scratch.folder("folder");
  scratch.file("folder/text", "word");
  scratch.link("folder/up", "..");
  scratch.link("folder/text-link", "text");
  scratch.link("folder-link", "folder");
  const Corpus corpus = find_documents({scratch.path()});
  const std::vector<std::string> expected = {scratch.path("folder/text"),
                                             scratch.path("folder/text-link")};
  EXPECT_EQ(paths(corpus), expected);
  EXPECT_EQ(corpus.skipped.size(), 2U);
  EXPECT_EQ(reason(corpus, scratch.path("folder/up")), "symbolic link to a folder");
  EXPECT_EQ(reason(corpus, scratch.path("folder-link")), "symbolic link to a folder");
}

TEST(Corpus, an_input_may_be_a_link_to_a_folder) {
  const ScratchFolder scratch;
  scratch.folder("folder");
  scratch.file("folder/text", "word");
  scratch.link("link", "folder");
  const std::vector<std::string> expected = {scratch.path("link/text")};
  EXPECT_EQ(paths(find_documents({scratch.path("link")})), expected);
}

TEST(Corpus, dangling_links_and_link_loops_are_skipped) {
  const ScratchFolder scratch;
  scratch.link("dangling", "nowhere");
  scratch.link("loop-a", "loop-b");
  scratch.link("loop-b", "loop-a");
  scratch.link("self", "self");
  const Corpus corpus = find_documents({scratch.path()});
  EXPECT_TRUE(corpus.documents.empty());
  EXPECT_EQ(corpus.skipped.size(), 4U);
  for (const char* name : {"dangling", "loop-a", "loop-b", "self"}) {
    EXPECT_TRUE(
        reason(corpus, scratch.path(name)).starts_with("symbolic link to nowhere"))
        << name;
  }
}

TEST(Corpus, names_may_be_any_bytes) {
  const ScratchFolder scratch;
  const std::vector<std::string> names = {"new\nline", "bad\xff\xfeutf8", " ",
                                          "-rf",       "back\\slash",     "tab\tname",
                                          "quote\"'"};
  for (const std::string& name : names) scratch.file(name, "word");
  const Corpus corpus = find_documents({scratch.path()});
  EXPECT_EQ(corpus.documents.size(), names.size());
  for (const std::string& name : names) {
    const std::vector<std::string> found = paths(corpus);
    EXPECT_TRUE(std::find(found.begin(), found.end(), scratch.path(name)) !=
                found.end())
        << escaped(name);
  }
}

TEST(Corpus, escaped_names_are_one_line_of_printable_ascii) {
  EXPECT_EQ(escaped("plain name"), "plain name");
  EXPECT_EQ(escaped("a\nb\tc\\d"), "a\\nb\\tc\\\\d");
  EXPECT_EQ(escaped("\xff\x7f\x1b[2J"), "\\xff\\x7f\\x1b[2J");
  EXPECT_EQ(escaped("\xc3\xa4"), "\\xc3\\xa4");
}

TEST(Corpus, folders_deeper_than_the_longest_path_are_read) {
  const ScratchFolder scratch;
  const std::string deep = scratch.deep_file(60, "deep word");
  ASSERT_GT(deep.size(), 2U * PATH_MAX);
  const Corpus corpus = find_documents({scratch.path()});
  EXPECT_EQ(paths(corpus), std::vector<std::string>{deep});
  DocumentReader reader(deep);
  EXPECT_EQ(reader.trouble(), "");
  EXPECT_EQ(whole_content(reader), "deep word");
}

TEST(Corpus, unreadable_files_and_folders_are_skipped) {
  if (::geteuid() == 0) GTEST_SKIP() << "root can read everything";
  const ScratchFolder scratch;
  scratch.file("closed", "word");
  scratch.folder("closed-folder");
  ASSERT_EQ(::chmod(scratch.path("closed").c_str(), 0), 0);
  ASSERT_EQ(::chmod(scratch.path("closed-folder").c_str(), 0), 0);
  const Corpus corpus = find_documents({scratch.path()});
  EXPECT_TRUE(corpus.documents.empty());
  EXPECT_TRUE(reason(corpus, scratch.path("closed")).starts_with("cannot be opened"));
  EXPECT_TRUE(reason(corpus, scratch.path("closed-folder"))
                  .starts_with("folder cannot be opened"));
  EXPECT_EQ(::chmod(scratch.path("closed-folder").c_str(), 0700), 0);
}

TEST(Corpus, inputs_that_are_neither_file_nor_folder_are_refused_in_one_line) {
  const ScratchFolder scratch;
  scratch.fifo("fifo");
  for (const std::string& input :
       {scratch.path("nowhere\n"), scratch.path("fifo"), std::string("/dev/null")}) {
    const std::string error = input_error({input});
    EXPECT_NE(error.find(escaped(input)), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  EXPECT_EQ(input_error({scratch.path()}), "");
}

TEST(Corpus, default_input_holds_the_projects_own_folders) {
  const std::vector<std::string> inputs = default_inputs();
  const std::string own = std::string(THREADMILL_SOURCE_DIR) + "/runtime";
  EXPECT_TRUE(std::find(inputs.begin(), inputs.end(), own) != inputs.end());
  const std::vector<std::string> documents = paths(find_documents(inputs));
  EXPECT_GT(documents.size(), 10U);
  EXPECT_TRUE(std::find(documents.begin(), documents.end(),
                        std::string(THREADMILL_SOURCE_DIR) + "/workloads/corpus.cpp") !=
              documents.end());
  for (const std::string& document : documents) {
    EXPECT_FALSE(document.ends_with(".heap")) << document;
  }
}

TEST(Corpus, the_projects_own_files_are_found) {
  EXPECT_EQ(find_own_file("workloads/corpus.cpp"),
            std::string(THREADMILL_SOURCE_DIR) + "/workloads/corpus.cpp");
  EXPECT_EQ(find_own_file("workloads/nowhere"), "");
}

TEST(DocumentReader, reads_a_file_in_blocks_to_its_end) {
  const ScratchFolder scratch;
  const std::string content("zero\0byte and more than one block", 33);
  scratch.file("text", content);
  DocumentReader reader(scratch.path("text"));
  EXPECT_EQ(whole_content(reader), content);
  EXPECT_EQ(reader.trouble(), "");
}

TEST(DocumentReader, recognises_what_took_the_place_of_a_file) {
  const ScratchFolder scratch;
  scratch.fifo("fifo");
  scratch.folder("folder");
  EXPECT_EQ(DocumentReader(scratch.path("fifo")).trouble(), "a FIFO");
  EXPECT_EQ(DocumentReader(scratch.path("folder")).trouble(), "a folder");
  EXPECT_EQ(DocumentReader("/dev/zero").trouble(), "a device");
  EXPECT_TRUE(
      DocumentReader(scratch.path("gone")).trouble().starts_with("cannot be opened"));
}

TEST(DocumentReader, reports_a_read_error) {
  DocumentReader reader("/proc/self/mem");  // opens, but nothing is mapped at its begin
  ASSERT_EQ(reader.trouble(), "");
  EXPECT_EQ(whole_content(reader), "");
  EXPECT_TRUE(reader.trouble().starts_with("cannot be read")) << reader.trouble();
}

TEST(DocumentReader, tells_a_lack_of_descriptors_from_a_file_that_cannot_be_opened) {
  if constexpr (kAddressSanitizer)
    GTEST_SKIP() << "UndefinedBehaviorSanitizer opens pipes of its own";
  const ScratchFolder scratch;
  scratch.file("text", "word");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const DocumentReader starved(scratch.path("text"));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(starved.starved());
  EXPECT_FALSE(DocumentReader(scratch.path("gone")).starved());
}

TEST(DocumentReader, state_tells_a_changed_file) {
  const ScratchFolder scratch;
  scratch.file("text", "word");
  const FileState before = DocumentReader(scratch.path("text")).state();
  EXPECT_EQ(DocumentReader(scratch.path("text")).state(), before);
  scratch.file("text", "longer");
  EXPECT_NE(DocumentReader(scratch.path("text")).state(), before);
}

}  // namespace
}  // namespace threadmill
