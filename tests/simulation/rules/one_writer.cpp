#include "rules.hpp"

namespace ditto::sim::rules {

void one_writer(World& world, const state::FileKey&, const state::FileState& file) {
  for (const state::Grant& writer : file.grants().all()) {
    if (!any(writer.held & state::Caching::Write)) continue;
    for (const state::Grant& other : file.grants().all()) {
      if (other.holder == writer.holder || !any(other.held)) continue;
      world.violated(Rule::OneWriter, "somebody caches beside a writer");
    }
  }
}

}  // namespace ditto::sim::rules
