// RENAME: a name moves, and replaces what was there, in one step.
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/streams_change.hpp"
#include "vfs/names.hpp"

namespace ditto::vfs {
namespace {

// A walk upwards that takes longer than the deepest sensible tree goes in a circle.
constexpr int max_depth = 1 << 20;

// Whether `ancestor` is `node` or lies on its way up to the root.
Result<bool> lies_above(store::KvReader& reader, NodeId ancestor, NodeId node, NodeId root) {
  for (int depth = 0; depth < max_depth; ++depth) {
    if (node == ancestor) return true;
    if (node == root) return false;
    const auto record = read_inode(reader, node);
    if (!record) return fail(record.error());
    // The way up ends in a directory that was removed and is only held.
    if (!*record || (*record)->attributes.link_count == 0) return false;
    node = (*record)->parent_id();
  }
  return fail(Error::Corrupt);
}

}  // namespace

struct DittoFs::Move {
  Inode& from;
  std::string_view from_name;
  Inode& to;
  std::string_view to_name;
  Inode* source;  // what the names meant when they were resolved
  Inode* target;
  Announcement& announcement;
  StreamsChange streams;
  Draft from_draft, to_draft_if_other, moved, replaced;
  EntryHit source_hit;
  std::optional<EntryHit> target_hit;
  std::optional<std::uint64_t> free_key;
  std::uint64_t new_key = 0;
  bool moved_on = false;     // a name means something else by now
  bool nothing = false;      // both names are of one node
  bool target_used = false;  // somebody else is at work on what is replaced

  bool across() const noexcept { return &from != &to; }
  Draft& to_draft() noexcept { return across() ? to_draft_if_other : from_draft; }
};

// Errors in the order of Linux: lookup, the shape of the tree, then permission at both ends, types, contents.
Result<void> DittoFs::check_move(Context& context, Step& step, Move& move) {
  const Guarded from = move.from_draft.guarded(), to = move.to_draft().guarded();
  const bool is_directory = move.source_hit.type == FileType::Directory;
  if (move.across() && is_directory) {
    const auto below = lies_above(step.kv(), move.source->id(), move.to.id(), root_);
    if (!below) return fail(below.error());
    if (*below) return fail(Error::InvalidArgument);
  }
  if (move.across() && move.target && move.target_hit->type == FileType::Directory) {
    const auto above = lies_above(step.kv(), move.target->id(), move.from.id(), root_);
    if (!above) return fail(above.error());
    if (*above) return fail(Error::NotEmpty);
  }
  if (move.source == move.target) {
    move.nothing = true;
    return {};
  }
  if (to.attributes.link_count == 0) return fail(Error::NotFound);
  if (auto loaded = step.load(*move.source, move.moved); !loaded) return loaded;
  if (auto allowed = check_remove(context, from, move.moved.guarded()); !allowed) return allowed;
  if (!move.target) {
    const Access adds = is_directory ? Access::AppendData : Access::WriteData;
    if (auto allowed = check(context, to, adds | Access::Execute); !allowed) return allowed;
    const bool case_only = !move.across() && hash_.entry_chain(move.from_name) == hash_.entry_chain(move.to_name);
    if (!move.free_key && !case_only) return fail(Error::NoSpace);
  } else {
    if (auto loaded = step.load(*move.target, move.replaced); !loaded) return loaded;
    if (auto allowed = check_remove(context, to, move.replaced.guarded()); !allowed) return allowed;
    const bool onto_directory = move.replaced.record.is_directory();
    if (is_directory && !onto_directory) return fail(Error::NotDirectory);
    if (!is_directory && onto_directory) return fail(Error::IsDirectory);
  }
  if (is_directory && move.across()) {
    // Its ".." changes.
    if (auto allowed = check(context, move.moved.guarded(), Access::WriteData); !allowed) return allowed;
    if (!move.target && to.attributes.link_count >= options_.link_max) return fail(Error::TooManyLinks);
  }
  if (move.target && move.replaced.record.entries != 0) return fail(Error::NotEmpty);
  return {};
}

void DittoFs::apply_move(Step& step, Move& move) {
  InodeRecord& from = move.from_draft.record;
  InodeRecord& to = move.to_draft().record;
  const bool is_directory = move.moved.record.is_directory();
  // A replaced entry's key is taken over; a change of case keeps its own.
  const bool keeps_key =
      !move.target && !move.across() && hash_.entry_chain(move.from_name) == hash_.entry_chain(move.to_name);
  const std::uint64_t key = move.target ? move.target_hit->key : keeps_key ? move.source_hit.key : *move.free_key;
  if (!keeps_key) step.erase_entry(move.from.id(), move.source_hit.key);
  move.new_key = key;
  step.put_entry(move.to.id(), key, move.to_name, move.moved.record);
  --from.entries;
  if (!move.target) ++to.entries;
  if (is_directory) --from.attributes.link_count;
  if (is_directory && !move.target) ++to.attributes.link_count;
  if (is_directory) {
    move.moved.record.parent = move.to.id().inode;
    move.moved.record.entry_key = key;
  }
  step.changed(move.moved);
  step.store(move.moved);
  step.modified(move.from_draft);
  step.store(move.from_draft);
  if (move.across()) {
    step.modified(move.to_draft());
    step.store(move.to_draft());
  }
  if (move.target) {
    step.drop_link(move.replaced, move.target_used);
    if (!move.replaced.gone) step.store(move.replaced);
    move.announcement.entry(step, NodeEvent::Removed, move.replaced.record, to, move.to_name, key);
  }
  move.announcement.entry(step, NodeEvent::RenamedFrom, move.moved.record, from, move.from_name, move.source_hit.key);
  move.announcement.entry(step, NodeEvent::RenamedTo, move.moved.record, to, move.to_name, key);
}

Result<void> DittoFs::rename_step(Context& context, Step& step, Move& move) {
  move.moved_on = move.nothing = false;
  if (auto loaded = step.load(move.from, move.from_draft); !loaded) return loaded;
  if (move.across()) {
    if (auto loaded = step.load(move.to, move.to_draft_if_other); !loaded) return loaded;
  }
  if (auto ok = check(context, move.from_draft.guarded(), Access::Execute); !ok) return ok;
  if (auto ok = check(context, move.to_draft().guarded(), Access::Execute); !ok) return ok;
  const auto source = step.search(move.from.id(), move.from_name);
  if (!source) return fail(source.error());
  const auto target = step.search(move.to.id(), move.to_name);
  if (!target) return fail(target.error());
  const auto means = [](const Inode* inode, const std::optional<EntryHit>& hit) {
    return (inode ? inode->id() : NodeId{}) == (hit ? hit->id : NodeId{});
  };
  if (!means(move.source, source->exact) || !means(move.target, target->exact)) {
    move.moved_on = true;
    return {};
  }
  if (!move.source) return fail(Error::NotFound);
  move.source_hit = *source->exact;
  move.target_hit = target->exact;
  move.free_key = target->free_key;
  if (auto allowed = check_move(context, step, move); !allowed) return allowed;
  if (move.nothing) return {};
  move.target_used = move.target && in_use(*move.target);  // before whoever admits pins it as well
  if (!context.admits(*move.source, NameChange::Rename)) return fail(Error::Delay);
  if (move.target && !context.admits(*move.target, NameChange::Unlink)) return fail(Error::Delay);
  apply_move(step, move);
  return move.streams.note(context, step, move.from_draft.record, move.announcement);
}

Result<Renamed> DittoFs::rename(Context& context, Node& from_node, std::string_view from_name, Node& to_node,
                                std::string_view to_name) {
  Inode& from = inode_of(from_node);
  Inode& to = inode_of(to_node);
  for (int attempt = 0; attempt < name_attempts; ++attempt) {
    const auto state = usable(context, from), to_state = usable(context, to);
    for (const auto* each : {&state, &to_state}) {
      if (!*each) return fail(each->error());
      if (!(*each)->record.is_directory()) return fail(Error::NotDirectory);
    }
    // Streams stay with their file (RFC 8881, 18.26.3).
    const bool in_tree = state->record.in_tree() && to_state->record.in_tree();
    if (&from != &to && !in_tree) return fail(Error::CrossDevice);
    if (auto valid = check_entry_name(from_name); !valid) return fail(valid.error());
    if (auto valid = check_entry_name(to_name); !valid) return fail(valid.error());
    const auto source = resolve(context, from, from_name);
    if (!source && source.error() == Error::Stale) continue;
    if (!source) return fail(source.error());
    const auto target = resolve(context, to, to_name);
    if (!target && target.error() == Error::Stale) continue;
    if (!target) return fail(target.error());
    const auto file = file_of(context, state->record);
    if (!file) return fail(file.error());
    const auto pinned = [](const InodePin& pin) { return pin ? &*pin : nullptr; };
    const auto locks = lock(context, {&from, &to, pinned(*source), pinned(*target), pinned(*file)});
    if (!locks && locks.error() == Error::Stale) continue;
    if (!locks) return fail(locks.error());
    Announcement announcement = announce(context);
    Move move{.from = from,
              .from_name = from_name,
              .to = to,
              .to_name = to_name,
              .source = pinned(*source),
              .target = pinned(*target),
              .announcement = announcement,
              .streams = StreamsChange(*file)};
    const auto stamp = transact(context, announcement, [&](Step& step) { return rename_step(context, step, move); });
    if (!stamp) return fail(stamp.error());
    if (move.moved_on) continue;
    Renamed renamed{.from = move.from_draft.change(), .to = move.to_draft().change()};
    if (move.nothing) {
      renamed.node = move.source->state().record.attributes;
      return renamed;
    }
    if (move.target) publish(move.replaced, *stamp), renamed.replaced = move.target->id();
    move.source->note_name(to.id(), move.new_key);
    publish(move.moved, *stamp);
    publish(move.from_draft, *stamp);
    if (move.across()) publish(move.to_draft(), *stamp);
    if (move.streams.file()) publish(move.streams.draft(), *stamp);
    renamed.node = move.moved.record.attributes;
    return renamed;
  }
  return fail(contended(context));
}

}  // namespace ditto::vfs
