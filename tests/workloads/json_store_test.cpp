// SPDX-License-Identifier: Apache-2.0
//
// JSON documents as runtime objects: they say what nlohmann-json says, whatever is done
// to both; hostile files are skipped and listed.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/workloads/drive.hpp"
#include "tests/workloads/scratch_folder.hpp"
#include "workloads/json_corpus.hpp"
#include "workloads/json_edit.hpp"
#include "workloads/json_objects.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

class JsonObjects : public testing::Test {
 protected:
  JsonObjects() : runtime_(Runtime::create()), attached_(*runtime_) {
    bools_ = JsonBools::create();
  }

  // The canonical text, by way of objects and of a copy of them.
  [[nodiscard]] std::string through_objects(std::string_view text) const {
    const Ref<Object> root = json_objects_of(text, bools_);
    const std::string written = json_text(json_of(root));
    EXPECT_EQ(json_text(json_of(copy_of(root))), written);
    return written;
  }

  [[nodiscard]] const JsonBools& bools() const { return bools_; }
  [[nodiscard]] Runtime& runtime() const { return *runtime_; }

 private:
  std::unique_ptr<Runtime> runtime_;
  Attached attached_;
  JsonBools bools_;
};

TEST_F(JsonObjects, texts_become_canonical) {
  const std::pair<const char*, const char*> cases[] = {
      {" { \"b\" : 1 , \"a\" : [ true , false , null ] } ",
       R"({"a":[true,false,null],"b":1})"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"\"\"", "\"\""},
      {R"({"":{"":[{}]}})", R"({"":{"":[{}]}})"},
      {R"({"a":1,"a":2,"b":{"c":1},"b":3})", R"({"a":2,"b":3})"},
      {R"("\u00e4\ud83d\udc0d\u0000\/")", "\"\xc3\xa4\xf0\x9f\x90\x8d\\u0000/\""},
      {"[0,-0,0.0,-0.0,1e2,1E-2]", "[0,0,0.0,-0.0,100.0,0.01]"},
  };
  for (const auto& [text, canonical] : cases) {
    EXPECT_EQ(json_text(parse_json(text)), canonical);
    EXPECT_EQ(through_objects(text), canonical);
  }
}

TEST_F(JsonObjects, whole_numbers_beyond_64_signed_bits_become_floating_point) {
  const std::pair<const char*, const char*> cases[] = {
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9.223372036854776e+18"},
      {"18446744073709551615", "1.8446744073709552e+19"},
      {"-9223372036854775809", "-9.223372036854776e+18"},
      {"[123456789012345678901234567890]", "[1.2345678901234568e+29]"},
      {"5e-324", "5e-324"},
      {"1e-400", "0.0"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
  };
  for (const auto& [text, canonical] : cases) {
    EXPECT_EQ(json_text(parse_json(text)), canonical);
    EXPECT_EQ(through_objects(text), canonical);
  }
  EXPECT_THROW(static_cast<void>(parse_json("1e309")), Json::exception);
  EXPECT_THROW(static_cast<void>(parse_json("[-1e999]")), Json::exception);
}

TEST_F(JsonObjects, the_depth_is_bounded) {
  const std::string deepest = nested(kDeepestJson);
  EXPECT_EQ(json_depth(parse_json(deepest)), kDeepestJson);
  EXPECT_EQ(through_objects(deepest), deepest);
  EXPECT_THROW(static_cast<void>(parse_json(nested(kDeepestJson + 1))),
               std::length_error);
  EXPECT_THROW(static_cast<void>(parse_json(nested(1'000'000))), std::length_error);
  EXPECT_THROW(static_cast<void>(parse_json(std::string(1'000'000, '['))),
               std::length_error);
}

TEST_F(JsonObjects, random_documents_in_untidy_texts_are_the_same) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const Json value = random_json(random, random.below(7));
    const std::string text = untidy_json_text(value, random);
    EXPECT_EQ(json_text(parse_json(text)), json_text(value)) << text;
    EXPECT_EQ(through_objects(text), json_text(value)) << text;
  }
}

TEST_F(JsonObjects, what_is_no_json_is_noticed) {
  const Ref<List> list = make<List>();
  ASSERT_TRUE(list && list->append(make<Tuple>(std::span<const Ref<Object>>())));
  EXPECT_THROW(static_cast<void>(json_of(list)), std::logic_error);
}

// Two documents, parts moved between them, values set and added.
TEST_F(JsonObjects, changes_to_objects_are_those_of_the_values) {
  Random random(17);
  for (int trial = 0; trial < 40; ++trial) {
    Json values[2] = {random_json(random, 5), random_json(random, 5)};
    Ref<Object> roots[2];
    for (int i : {0, 1}) roots[i] = json_objects_of(json_text(values[i]), bools());
    for (int step = 0; step < 60; ++step) {
      const std::size_t one = random.below(2);
      const JsonPlace source = any_place(values[one], random);
      const JsonPlace target = any_container(values[1 - one], random);
      const std::string key = "key " + std::to_string(random.below(4));
      if (source.path.empty() || target.value == nullptr) continue;
      if (random.below(4) == 0) {
        set_at(parent_of(roots[one], source), source.path.back(), make<Int>(step));
        *source.value = step;
      } else {
        Ref<Object> part = take_out(parent_of(roots[one], source), source.path.back());
        insert(at(roots[1 - one], target), key, std::move(part));
        insert(*target.value, key, take_out(*source.parent, source.path.back()));
      }
      for (int i : {0, 1}) {
        ASSERT_EQ(json_text(json_of(roots[i])), json_text(values[i])) << step;
      }
    }
  }
}

TEST_F(JsonObjects, an_edit_where_nothing_is_throws) {
  const Ref<Object> root = json_objects_of("[1,{}]", bools());
  JsonPlace place;
  place.path = {{"", 2}};
  EXPECT_THROW(static_cast<void>(at(root, place)), std::logic_error);
  place.path = {{"", 0}, {"a", 0}};
  EXPECT_THROW(static_cast<void>(at(root, place)), std::logic_error);
  EXPECT_THROW(insert(make<Int>(1), "a", make<Int>(1)), std::logic_error);
}

Outcome run_store(const std::vector<std::string>& inputs) {
  Drive how;
  how.threads = 3;
  how.operations_each = 400;
  how.inputs = inputs;
  return drive(workload_named("json-store"), how);
}

std::string input_error(const std::vector<std::string>& inputs) {
  try {
    static_cast<void>(run_store(inputs));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(JsonStore, made_documents_are_verified_and_counted) {
  const Outcome outcome = run_store({});
  EXPECT_EQ(outcome.complaints(), "");
  ASSERT_EQ(outcome.fact("documents verified").size(), 1U);
  EXPECT_GT(std::stoull(outcome.fact("documents verified").front()), 64U);
  EXPECT_EQ(outcome.fact("documents from files"), std::vector<std::string>{"0"});
  for (const CheckResult& check : outcome.checks) EXPECT_GT(check.verified, 0U);
}

TEST(JsonStore, hostile_files_are_skipped_counted_and_listed) {
  const ScratchFolder scratch;
  scratch.file("good.json", R"([{"a": "b"}, 18446744073709551615])");
  scratch.file("scalar.json", "  7 ");
  scratch.file("empty.json", "");
  scratch.file("cut.json", R"({"a": [1, 2)");
  scratch.file("two.json", "{} {}");
  scratch.file("bad-utf8.json", "[\"\xff\n\"]");
  scratch.file("overflow.json", "[1e999]");
  scratch.file("deep.json", nested(100'000));
  scratch.file("huge.json", "[" + std::string(5'000'000, ' ') + "]");
  scratch.file("text", "no JSON, and nobody says that it is");
  scratch.fifo("fifo.json");
  scratch.link("loop.json", "loop.json");
  const Outcome outcome = run_store({scratch.path()});
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_EQ(outcome.fact("documents from files"), std::vector<std::string>{"2"});
  EXPECT_EQ(outcome.fact("skipped"), std::vector<std::string>{"9"});
  const std::vector<std::string> entries = outcome.fact("skipped entry");
  for (const char* part :
       {"empty.json: no JSON", "cut.json: no JSON", "two.json: no JSON",
        "bad-utf8.json: no JSON", "overflow.json: no JSON", "deep.json: nested deeper",
        "huge.json: larger than", "fifo.json: a FIFO", "loop.json: "}) {
    EXPECT_TRUE(std::any_of(entries.begin(), entries.end(),
                            [&](const std::string& one) {
                              return one.find(part) != std::string::npos &&
                                     one.find('\n') == std::string::npos;
                            }))
        << part;
  }
}

TEST(JsonStore, a_file_of_any_name_may_be_given) {
  const ScratchFolder scratch;
  scratch.file("text", "[1]");
  EXPECT_EQ(run_store({scratch.path("text")}).fact("documents from files"),
            std::vector<std::string>{"1"});
}

TEST(JsonStore, input_without_a_document_is_refused_in_one_line) {
  const ScratchFolder scratch;
  scratch.file("text", "words");
  scratch.folder("folder");
  for (const char* name : {"text", "folder", "nowhere"}) {
    const std::string error = input_error({scratch.path(name)});
    EXPECT_NE(error.find(scratch.path(name)), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace threadmill
