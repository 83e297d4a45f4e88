// SPDX-License-Identifier: Apache-2.0
//
// The runtime without the lab.
#include "runtime/runtime.hpp"

using namespace threadmill;

int main() {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  const Ref<List> list = make<List>();
  return list->append(make<Int>(42)) && list->size() == 1 ? 0 : 1;
}
