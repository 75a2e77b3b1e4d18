// Where a node is, for people to read.
#include <ranges>

#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/way_up.hpp"

namespace ditto::vfs {
namespace {

std::string text_of(const std::vector<NamedIn>& nearest_first) {
  std::string text;
  for (const NamedIn& step : nearest_first | std::views::reverse) text.append("/").append(step.name);
  return text.empty() ? "/" : text;
}

}  // namespace

Result<std::string> DittoFs::path(Context& context, Node& node, NodeId top) {
  const auto state = usable(context, inode_of(node));
  if (!state) return fail(state.error());
  NodeId at = node.id();
  if (!state->record.in_tree()) at = state->record.file_id();
  const auto pin = pin_inode(context, at);
  if (!pin) return fail(pin.error());
  const auto file = usable(context, **pin);
  if (!file) return fail(file.error());
  const bool is_directory = file->record.is_directory();
  const NameSeen seen = (*pin)->name_seen();
  if (!is_directory && seen.directory == 0) return fail(Error::NotFound);
  std::vector<NamedIn> steps;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        steps.clear();
        NodeId directory = at;
        if (!is_directory) {
          auto named = name_of(reader, {at.subvolume, seen.directory}, seen.entry_key, at);
          if (!named) return fail(named.error());
          if (!*named) return fail(Error::NotFound);
          directory = (*named)->directory;
          steps.push_back(*std::move(*named));
        }
        return climb(reader, directory, top, max_depth, steps) == Climbed::ToTop ? Result<void>()
                                                                                 : fail(Error::NotFound);
      },
      context.blocking);
  if (!read) return fail(read.error());
  return text_of(steps);
}

}  // namespace ditto::vfs
