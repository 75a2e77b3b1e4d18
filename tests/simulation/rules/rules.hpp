// The rules that docs/state.md lists, one file each, over what state/ holds and what the clients see. Those of a file
// are checked for each file on which something is held, after every step; the rest when something happens that they are
// about.
// Rule 5, that a replayed request gets the same bytes and changes nothing, is in replay.hpp.
#pragma once

#include <string_view>

#include "client.hpp"
#include "state/file_state.hpp"
#include "vfs/file_system.hpp"
#include "world.hpp"

namespace ditto::sim::rules {

// 1: at most one owner may cache writes, and then nobody else caches.
void one_writer(World& world, const state::FileKey& key, const state::FileState& file);
// 2: no open violates another's deny bits; no byte has two exclusive lockers. And nobody reads or writes across them.
void conflicts(World& world, const state::FileKey& key, const state::FileState& file);
void conflicts_of_io(World& world, const vfs::Context& context, vfs::NodeId node, const state::ByteRange& range,
                     bool writes);
/// And no name is taken from under who must be asked first.
void conflicts_of_names(World& world, const vfs::Context& context, vfs::NodeId node, state::Operation operation);
// 3: every parked request is answered by its deadline, cancel, close or end of session; every break ends.
void answered(World& world, const state::FileKey& key, const state::FileState& file);
void nobody_is_forgotten(World& world);
void all_are_answered(World& world);
// 4: epochs only grow; a stale acknowledgement never succeeds.
void epochs(World& world, const state::FileKey& key, const state::FileState& file);
/// The answer to the break `recalls` of a grant was taken.
void acknowledged(World& world, state::GrantId grant, unsigned recalls);
// 6: after a restart nobody gets what another may still reclaim; after grace nobody keeps what was not reclaimed.
/// `by` has got something that it did not have before the server died.
void gained(World& world, const Client& by);
/// Somebody has got something back; `was_lost`: others may have had it since.
void reclaimed(World& world, bool was_lost);
void of_this_incarnation(World& world, const state::FileKey& key, const state::FileState& file);
// 7: what was acknowledged as stable survives the crash.
void lose_what_is_unstable(World& world);
void survived(World& world);
// 8: a read returns the last acknowledged write, and a read grant that is held never hides one.
void last_write(World& world, const vfs::Context& context, vfs::NodeId node, std::uint64_t offset, std::uint32_t count,
                std::string_view data);
void last_write_of_cache(World& world, const HeldBack& copy, Inode inode, std::size_t cell, bool own_change);
/// Nor, on a directory, an entry that came or went.
void listings(World& world);

// What the file system notices.
inline void reads(World& world, const vfs::Context& context, vfs::NodeId node, std::uint64_t offset,
                  std::uint32_t count, std::string_view data) {
  conflicts_of_io(world, context, node, {offset, offset + count - 1}, false);
  last_write(world, context, node, offset, count, data);
}
inline void writes(World& world, const vfs::Context& context, vfs::NodeId node, const state::ByteRange& range) {
  conflicts_of_io(world, context, node, range, true);
}

}  // namespace ditto::sim::rules
