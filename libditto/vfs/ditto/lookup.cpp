// LOOKUP, and the search for a name outside a transaction.
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/names.hpp"

namespace ditto::vfs {

Result<std::optional<EntryHit>> DittoFs::find_entry(Context& context, Inode& directory, std::string_view name,
                                                    SearchFor what) {
  std::optional<EntryHit> hit;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto found = search_entries(reader, hash_, directory.id(), name, what);
        if (!found) return fail(found.error());
        hit = found->exact ? found->exact : found->folded;
        seen = reader.seen();
        return {};
      },
      context.blocking);
  if (!read) return fail(read.error());
  context.depend(seen);
  return hit;
}

Result<InodePin> DittoFs::resolve(Context& context, Inode& directory, std::string_view name) {
  const auto hit = find_entry(context, directory, name);
  if (!hit) return fail(hit.error());
  if (!*hit) return InodePin{};
  return pin_inode(context, (*hit)->id);
}

Result<Entry> DittoFs::lookup(Context& context, Node& node, std::string_view name, NameMatch match) {
  Inode& directory = inode_of(node);
  for (int attempt = 0; attempt < name_attempts; ++attempt) {
    const auto state = usable(context, directory);
    if (!state) return fail(state.error());
    if (!state->record.is_directory()) return fail(Error::NotDirectory);
    if (auto allowed = check(context, state->guarded(), Access::Execute); !allowed) {
      return fail(allowed.error());
    }
    if (auto valid = check_name(name); !valid) return fail(valid.error());
    NodeId id;
    std::uint64_t entry_key = 0;
    if (is_dot(name)) {
      id = directory.id();
    } else if (is_dot_dot(name)) {
      id = state->record.parent_id();
    } else {
      const auto what = match == NameMatch::CaseFolded ? SearchFor::FoldedName : SearchFor::ExactName;
      const auto hit = find_entry(context, directory, name, what);
      if (!hit) return fail(hit.error());
      if (!*hit) return fail(Error::NotFound);
      id = (*hit)->id;
      entry_key = (*hit)->key;
    }
    const auto pin = pin_inode(context, id);
    if (!pin && pin.error() == Error::Stale) continue;
    if (!pin) return fail(pin.error());
    const auto target = usable(context, **pin);
    if (!target && target.error() == Error::Stale) continue;
    if (!target) return fail(target.error());
    if (entry_key != 0) (*pin)->note_name(directory.id(), entry_key);
    return Entry{id, target->record.attributes};
  }
  return fail(contended(context));
}

}  // namespace ditto::vfs
