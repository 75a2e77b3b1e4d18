#include "gate/operation.hpp"
#include "rules.hpp"

namespace ditto::sim::rules {

void answered(World& world, const state::FileKey&, const state::FileState& file) {
  for (const state::Grant& grant : file.grants().all()) {
    if (grant.breaking && grant.deadline == state::never) world.violated(Rule::Answered, "a break without an end");
  }
  if (file.next_deadline() <= world.now())
    world.violated(Rule::Answered, "a deadline has passed, and nothing happened");
  for (const state::Parked& parked : file.waiting()) {
    if (parked.deadline > world.now() + gate::patience) world.violated(Rule::Answered, "a wait beyond all patience");
    if (!file.blocks(parked)) world.violated(Rule::Answered, "a request waits for nothing");
  }
}

/// Whoever is being served and does not wait for a turn waits for somebody.
void nobody_is_forgotten(World& world) {
  if (!world.idle()) return;
  std::size_t parked = 0;
  world.coordinator().files().each([&](const auto&, const state::FileState& file) { parked += file.waiting().size(); });
  if (parked != world.requests()) world.violated(Rule::Answered, "a request that nobody will ever resume");
}

void all_are_answered(World& world) {
  if (world.requests() != 0) world.violated(Rule::Answered, "a request is never answered");
  world.coordinator().files().each([&](const auto&, const state::FileState& file) {
    for (const state::Grant& grant : file.grants().all()) {
      if (grant.breaking) world.violated(Rule::Answered, "a break that does not end");
    }
  });
}

}  // namespace ditto::sim::rules
