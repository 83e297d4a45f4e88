// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/xml.hpp"

#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

constexpr const char* kScript = R"(
import json, sys, xml.etree.ElementTree as tree
def of(element):
    return {"tag": element.tag, "attributes": element.attrib,
            "text": element.text or "", "children": [of(child) for child in element]}
print(json.dumps(of(tree.parse(sys.argv[1]).getroot())))
)";

}  // namespace

nlohmann::json parsed_xml(const std::string& text) {
  const Scratch scratch;
  scratch.write("x.xml", text);
  const Executable python = Executable::of_system("/usr/bin/env");
  const Outcome outcome =
      python.run({"python3", "-I", "-c", kScript, scratch.path("x.xml")});
  return nlohmann::json::parse(outcome.status == 0 ? outcome.out : "null");
}

}  // namespace threadmill
