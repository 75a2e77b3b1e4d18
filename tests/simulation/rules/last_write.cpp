#include "rules.hpp"

namespace ditto::sim::rules {
namespace {

const state::Grant* grant_of(const state::FileState& file, state::GrantId id) { return file.grants().find(id); }

/// Whether what its holder reads from its cache must be true: it holds the grant, and has not been told to do without.
bool counts_on_reading(const state::Grant& grant) {
  if (!any(grant.held & state::Caching::Read)) return false;
  if (!grant.breaking || any(grant.told & state::Caching::Read)) return true;
  // The rest must have been waited for.
  return grant.kind == state::GrantKind::Delegation || any(grant.held & state::Caching::Write);
}

}  // namespace

void last_write(World& world, const vfs::Context& context, vfs::NodeId node, std::uint64_t offset, std::uint32_t count,
                std::string_view data) {
  const state::Actor* actor = world.request_of(context);
  for (std::size_t at = 0; at < count; at += cell_bytes) {
    const std::size_t cell = (offset + at) / cell_bytes;
    const Value got = data.size() >= at + cell_bytes ? value_of(data.substr(at, cell_bytes)) : 0;
    if (got != world.truth.read(node.inode, cell)) world.violated(Rule::LastWrite, "the file system reads other bytes");
    for (const auto& client : world.clients()) {
      const auto held_back = client->held_back(node.inode, cell);
      if (!held_back || !actor || held_back->holder == actor->holder) continue;
      world.with_state(node.inode, [&](const state::FileState& file) {
        const state::Grant* grant = grant_of(file, held_back->grant);
        if (!grant || !any(grant->held & state::Caching::Write)) return;
        world.violated(Rule::LastWrite, "a read misses a write that its holder keeps back");
      });
    }
  }
}

void last_write_of_cache(World& world, const HeldBack& copy, Inode inode, std::size_t cell, bool own_change) {
  const Value truth = world.truth.read(inode, cell);
  if (own_change || copy.value == truth) return;
  world.with_state(inode, [&](const state::FileState& file) {
    const state::Grant* grant = grant_of(file, copy.grant);
    if (grant && counts_on_reading(*grant)) world.violated(Rule::LastWrite, "a cache that may be read hides a write");
  });
}

void listings(World& world) {
  for (const auto& client : world.clients()) {
    client->each_listing([&](const KeptListing& kept) {
      if (world.truth.lists(kept.directory, kept.entries)) return;
      world.with_state(kept.directory, [&](const state::FileState& file) {
        const state::Grant* grant = grant_of(file, kept.grant);
        if (grant && counts_on_reading(*grant)) {
          world.violated(Rule::LastWrite, "a listing that may be read hides a change of entries");
        }
      });
    });
  }
}

}  // namespace ditto::sim::rules
