// SPDX-License-Identifier: Apache-2.0
#include "harness/plot_library.hpp"

// The assembler copies the files in. CMake names them, and compiles this again when they
// change.
#define TM_CONTENT_OF(file, begin, end)                              \
  asm(".pushsection .rodata\n" begin ":\n.incbin \"" file "\"\n" end \
      ":\n.byte 0\n.popsection\n")

TM_CONTENT_OF(THREADMILL_PLOT_LIBRARY, "tm_plot_library_begin", "tm_plot_library_end");
TM_CONTENT_OF(THREADMILL_PLOT_SCRIPT, "tm_plot_script_begin", "tm_plot_script_end");

extern "C" {
extern const char tm_plot_library_begin[] __attribute__((visibility("hidden")));
extern const char tm_plot_library_end[] __attribute__((visibility("hidden")));
extern const char tm_plot_script_begin[] __attribute__((visibility("hidden")));
extern const char tm_plot_script_end[] __attribute__((visibility("hidden")));
}

namespace threadmill {

std::string_view plot_library() { return {tm_plot_library_begin, tm_plot_library_end}; }

std::string_view plot_script() { return {tm_plot_script_begin, tm_plot_script_end}; }

}  // namespace threadmill
