// SPDX-License-Identifier: Apache-2.0
#include "harness/output_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>

#include "harness/options.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

// No file of this process may grow beyond `bytes` while it exists: as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST(OutputFile, nothing_is_there_before_it_is_written) {
  const Scratch scratch;
  const OutputFile file("--json", scratch.path("out"));
  EXPECT_EQ(scratch.files(), 0u);
}

TEST(OutputFile, is_written_whole_and_leaves_nothing_else_behind) {
  const Scratch scratch;
  scratch.write("out", "old");
  OutputFile file("--json", scratch.path("out"));
  file.write("new");
  EXPECT_EQ(scratch.content("out"), "new");
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(OutputFile, the_old_text_stands_until_the_new_one_is_complete) {
  const Scratch scratch;
  scratch.write("out", "old");
  OutputFile file("--json", scratch.path("out"));
  ASSERT_EQ(file.begin(), 0);
  ASSERT_EQ(file.append("ne", 2), 0);
  EXPECT_EQ(scratch.content("out"), "old");
  ASSERT_EQ(file.append("w", 1), 0);
  ASSERT_EQ(file.commit(), 0);
  EXPECT_EQ(scratch.content("out"), "new");
}

TEST(OutputFile, one_that_is_given_up_leaves_the_old_text_and_nothing_else) {
  const Scratch scratch;
  scratch.write("out", "old");
  {
    OutputFile file("--json", scratch.path("out"));
    ASSERT_EQ(file.begin(), 0);
    ASSERT_EQ(file.append("new", 3), 0);
  }
  EXPECT_EQ(scratch.content("out"), "old");
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(OutputFile, a_full_disk_is_an_error_and_the_old_text_stands) {
  const Scratch scratch;
  scratch.write("out", "old");
  OutputFile file("--json", scratch.path("out"));
  {
    const SmallDisk disk(4096);
    EXPECT_THROW(file.write(std::string(10000, 'x')), UsageError);
  }
  EXPECT_EQ(scratch.content("out"), "old");
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(OutputFile, a_full_device_is_an_error) {
  OutputFile file("--json", "/dev/full");
  EXPECT_THROW(file.write("text"), UsageError);
}

TEST(OutputFile, a_device_is_written_and_not_replaced) {
  OutputFile file("--json", "/dev/null");
  file.write("text");
  struct stat status {};
  ASSERT_EQ(::stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST(OutputFile, a_link_is_followed_and_not_replaced) {
  const Scratch scratch;
  scratch.write("real", "old");
  std::filesystem::create_symlink("real", scratch.path("link"));
  std::filesystem::create_symlink("later", scratch.path("dangling"));
  OutputFile("--json", scratch.path("link")).write("new");
  OutputFile("--json", scratch.path("dangling")).write("made");
  EXPECT_EQ(scratch.content("real"), "new");
  EXPECT_EQ(scratch.content("later"), "made");
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("link")));
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("dangling")));
}

TEST(OutputFile, a_pipe_that_nobody_reads_is_refused_at_once) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  EXPECT_THROW(OutputFile("--json", scratch.path("pipe")), UsageError);
}

TEST(OutputFile, a_path_that_cannot_be_written_is_refused_at_once) {
  const Scratch scratch;
  EXPECT_THROW(OutputFile("--json", ""), UsageError);
  EXPECT_THROW(OutputFile("--json", scratch.path("")), UsageError) << "a folder";
  EXPECT_THROW(OutputFile("--json", scratch.path("no/such/folder")), UsageError);
}

TEST(OutputFile, what_is_wrong_names_the_option_and_the_path) {
  try {
    OutputFile file("--junit", "/dev/null/x");
    FAIL() << "it was taken";
  } catch (const UsageError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find("--junit '/dev/null/x': "), 0u) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

TEST(OutputFile, two_clash_when_one_would_replace_the_other) {
  const Scratch scratch;
  std::filesystem::create_symlink("out", scratch.path("link"));
  const OutputFile file("--json", scratch.path("out"));
  for (const char* same : {"out", "./out", "link"}) {
    EXPECT_TRUE(file.clashes_with(OutputFile("--junit", scratch.path(same)))) << same;
  }
  EXPECT_FALSE(file.clashes_with(OutputFile("--junit", scratch.path("other"))));
  const OutputFile null("--json", "/dev/null");
  EXPECT_FALSE(null.clashes_with(OutputFile("--junit", "/dev/null")));
}

TEST(OutputFile, a_new_file_can_be_read_by_whom_the_umask_lets) {
  const Scratch scratch;
  const mode_t before = ::umask(022);
  OutputFile("--json", scratch.path("out")).write("text");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(scratch.path("out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, mode_t{0644});
}

}  // namespace
}  // namespace threadmill
