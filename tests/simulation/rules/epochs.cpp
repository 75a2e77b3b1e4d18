#include "rules.hpp"

namespace ditto::sim::rules {

void epochs(World& world, const state::FileKey&, const state::FileState& file) {
  for (const state::Grant& grant : file.grants().all()) {
    World::GrantHistory& seen = world.grants[grant.id];
    if (grant.epoch < seen.epoch) world.violated(Rule::Epochs, "an epoch goes back");
    if (grant.epoch == seen.epoch && grant.held != seen.held) {
      world.violated(Rule::Epochs, "a grant changes within an epoch");
    }
    seen.epoch = grant.epoch;
    seen.held = grant.held;
  }
}

void acknowledged(World& world, state::GrantId grant, unsigned recalls) {
  if (world.grants[grant].recalls != recalls) world.violated(Rule::Epochs, "the answer to an older break is taken");
}

}  // namespace ditto::sim::rules
