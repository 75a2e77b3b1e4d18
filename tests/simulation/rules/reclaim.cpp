#include "rules.hpp"

namespace ditto::sim::rules {

void gained(World& world, const Client& by) {
  if (world.dying()) return;
  for (const auto& client : world.clients()) {
    if (client.get() == &by || !client->may_still_reclaim()) continue;
    world.violated(Rule::Reclaim, "somebody gets something new while another may still reclaim");
  }
  if (world.gained) return;
  world.gained = true;
  for (const auto& client : world.clients()) client->others_have_gained();
}

void reclaimed(World& world, bool was_lost) {
  if (was_lost) world.violated(Rule::Reclaim, "somebody reclaims what others may have had since");
  if (world.gained) world.violated(Rule::Reclaim, "somebody reclaims after others have got something new");
}

void of_this_incarnation(World& world, const state::FileKey&, const state::FileState& file) {
  const auto check = [&](state::ClientId client) {
    const state::Incarnation made_in = state::incarnation_of(client);
    if (made_in != 0 && made_in != world.incarnation()) {
      world.violated(Rule::Reclaim, "somebody holds what he had before the server died");
    }
  };
  for (const state::Open& open : file.opens()) check(open.holder.client);
  for (const state::ByteLock& lock : file.locks().table().all()) check(lock.owner.client);
}

}  // namespace ditto::sim::rules
