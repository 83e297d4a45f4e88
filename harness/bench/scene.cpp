// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/scene.hpp"

#include <optional>
#include <stdexcept>

#include "harness/bench/program.hpp"

namespace threadmill::bench {
namespace {

std::optional<Scene> the_scene;

}  // namespace

Scene::Scene(Maker make) : runtime_(Runtime::create()) {
  if (runtime_ == nullptr) throw std::runtime_error("out of memory for a runtime");
  if (make == nullptr) return;
  owner_ = std::thread([this, make] { own(make); });
  made_.wait();
  if (shared_ != nullptr) return;
  owner_.join();
  throw std::runtime_error("out of memory for a runtime");
}

Scene::~Scene() {
  over_.count_down();
  if (owner_.joinable()) owner_.join();
}

void Scene::own(Maker make) {
  const Attached here(*runtime_);
  const Ref<Object> object = here ? make() : nullptr;
  shared_ = object.get();
  made_.count_down();
  if (!object) return;
  const Detached while_measured;
  over_.wait();
}

Scene& scene() { return *the_scene; }

void close(const State& /*state*/) { the_scene.reset(); }

void expect(State& state, bool right, const char* what) {
  if (right) return;
  note_wrong_row();
  state.SkipWithError(what);
}

void detail::open(Maker make) { the_scene.emplace(make); }

}  // namespace threadmill::bench
