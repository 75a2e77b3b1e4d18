// What clients with grants do with directories: they keep listings, read from there, and change what directories
// contain.
#include "clients/caching.hpp"

namespace ditto::sim {

using state::Caching;

void CachingClient::each_listing(FunctionRef<void(const KeptListing&)> visit) const {
  for (const Copy& copy : copies_) {
    if (copy.entries) visit({copy.node.inode, copy.grant, *copy.entries});
  }
}

void CachingClient::act_in_directory() {
  if (busy_) return;
  switch (world_.dice.below(4)) {
    case 0: return change_entries();
    case 1: return want_directory();
    default: break;
  }
  // What it has a grant on, rather than anything else.
  std::vector<const Copy*> known;
  for (const Copy& copy : copies_) {
    if (copy.is_directory) known.push_back(&copy);
  }
  if (!known.empty()) {
    const Copy& copy = *known[world_.dice.below(known.size())];
    return list(copy.node, copy.holder);
  }
  const std::size_t which = world_.dice.below(directory_count);
  list(world_.directory(which), holder_in(which));
}

void CachingClient::list(vfs::NodeId directory, const state::Holder& holder) {
  const Copy* copy = copy_of(holder, directory);
  const bool may = copy && copy->may(Caching::Read);
  // What it reads there is compared with the truth after each step.
  if (may && copy->entries) return world_.tally.event("listings read from a cache");
  if (busy_) return;
  busy_ = true;
  const state::GrantId under = may ? copy->grant : 0;
  world_.note(kind(), " ", number(), " lists ", directory.inode);
  world_.ask(*this, [=, this, life = id()] { serve_list(life, directory, holder, under); });
}

Detached CachingClient::serve_list(state::ClientId life, vfs::NodeId directory, state::Holder holder,
                                   state::GrantId under) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  world.meets(state::Operation::List, directory.inode, holder);
  Request request(world, *this, life, {holder, 0, {}});
  Listing found;
  const auto restart = [&] { found.clear(); };
  const auto visit = [&](const vfs::DirectoryEntry& entry) {
    if (entry.name != "." && entry.name != "..") found.emplace(entry.name, entry.id.inode);
    return true;
  };
  const auto done = co_await request.gate().readdir(directory, 0, false, restart, visit);
  const bool whole = done && done->end;
  world.tally.event(whole ? "listings from the server" : "listings refused");
  answer(request, [=, this, found = std::move(found)] {
    Copy* copy = copy_of(holder, directory);
    if (!whole || !copy || copy->grant != under || !copy->may(Caching::Read)) return;
    world_.tally.event("listings kept");
    copy->entries = found;
  });
}

void CachingClient::change_entries() {
  auto& dice = world_.dice;
  using How = EntryChange::How;
  EntryChange change{.how = dice.one_of({How::Create, How::Create, How::Remove, How::Rename})};
  const bool directory = dice.chance(1, 3);
  const auto some = [&] { return directory ? world_.some_subdirectory() : world_.some_name(); };
  if (directory) change.type = vfs::FileType::Directory;
  change.name = some();
  change.to = some();
  change.as = holder_in(change.name.directory);
  // What it changes itself, nobody will tell it of.
  for (const Name& name : {change.name, change.to}) {
    Copy* copy = copy_of(change.as, world_.directory(name.directory));
    if (!copy) continue;
    if (copy->may(Caching::Read)) world_.tally.event("entries changed by who has a grant there");
    copy->entries.reset();
  }
  busy_ = true;
  constexpr std::string_view words[] = {" creates ", " removes ", " renames "};
  world_.note(kind(), " ", number(), words[std::size_t(change.how)], change.name.name, " of ",
              std::uint64_t(change.name.directory), ", to ", std::uint64_t(change.to.directory));
  world_.ask(*this, [=, this, life = id()] { serve_entries(life, change); });
}

Detached CachingClient::serve_entries(state::ClientId life, EntryChange change) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  Request request(world, *this, life, {change.as, 0, {}});
  if (world.in_grace()) co_return answer(request, [] {});
  using How = EntryChange::How;
  const vfs::NodeId from = world.directory(change.name.directory), to = world.directory(change.to.directory);
  const bool directory = change.type == vfs::FileType::Directory;
  const bool within = change.how == How::Rename && from == to;
  using Of = state::Operation;
  world.meets(within                      ? Of::RenameEntry
              : change.how == How::Create ? Of::AddEntry
                                          : Of::RemoveEntry,
              from.inode, change.as);
  bool done = false;
  if (change.how == How::Create) {
    const vfs::CreateRequest wanted{.type = change.type, .attributes = {.mode = 0777}};
    const auto made = co_await request.gate().create(from, change.name.name, wanted);
    done = made.has_value();
  } else if (change.how == How::Remove) {
    const auto kind = directory ? vfs::RemoveKind::Directory : vfs::RemoveKind::NonDirectory;
    const auto removed = co_await request.gate().remove(from, change.name.name, kind);
    done = removed.has_value();
  } else {
    if (!within) world.meets(Of::AddEntry, to.inode, change.as);
    const auto renamed = co_await request.gate().rename(from, change.name.name, to, change.to.name);
    done = renamed.has_value();
  }
  world.tally.event(done ? "entries changed" : "entries not changed");
  answer(request, [] {});
}

}  // namespace ditto::sim
