#include "rules.hpp"

namespace ditto::sim::rules {
namespace {

vfs::Context context_of(World& world) {
  return {.who = world.root,
          .now = world.clock.now(),
          .blocking = vfs::Blocking::Allowed,
          .rights = vfs::IoRights::Checked};
}

Value stored(World& world, vfs::Node& node, std::size_t cell) {
  vfs::Context context = context_of(world);
  const auto read = world.fs().under().read(context, node, cell * cell_bytes, cell_bytes);
  if (!read || read->data.size() != cell_bytes) return 0;
  std::string text(cell_bytes, '\0');
  read->data.copy_to(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return value_of(text);
}

}  // namespace

/// What a power cut may take, it takes, or not.
void lose_what_is_unstable(World& world) {
  for (auto& [inode, file] : world.truth.files) {
    vfs::Context context = context_of(world);
    const auto pin = world.fs().under().pin(context, {0, inode});
    if (!pin) continue;
    for (std::size_t i = 0; i < file.cells.size(); ++i) {
      Truth::Cell& cell = file.cells[i];
      if (cell.value == cell.durable || world.dice.chance(1, 3)) continue;
      const BufferChain old(Buffer::copy_of(bytes_of(text_of_value(cell.durable))));
      if (world.fs().under().write(context, **pin, i * cell_bytes, old, vfs::Stability::FileSync)) {
        world.tally.event("unstable writes that a crash took");
      }
    }
  }
}

void survived(World& world) {
  vfs::Context context = context_of(world);
  for (const auto& [place, inode] : world.truth.names) {
    const auto directory = world.fs().under().pin(context, {0, place.first});
    const auto found = directory ? world.fs().under().lookup(context, **directory, place.second, vfs::NameMatch::Exact)
                                 : Result<vfs::Entry>(fail(Error::Stale));
    if (!found || found->id.inode != inode) world.violated(Rule::Stable, "a name is gone with the crash");
  }
  for (auto& [inode, file] : world.truth.files) {
    const auto pin = world.fs().under().pin(context, {0, inode});
    if (!pin) continue;  // it had no name any more
    const auto attributes = world.fs().under().getattr(context, **pin);
    if (!attributes || attributes->size != file.cells.size() * cell_bytes) {
      world.violated(Rule::Stable, "a file has another size after the crash");
    }
    for (std::size_t i = 0; i < file.cells.size(); ++i) {
      Truth::Cell& cell = file.cells[i];
      const Value now = stored(world, **pin, i);
      if (!cell.may_be(now)) {
        world.note("cell ", i, " of ", inode, " is ", now, ", was ", cell.value, ", stable ", cell.durable);
        for (const Truth::Written& may : cell.candidates) world.note("it might be ", may.value);
        world.violated(Rule::Stable, "a stable write is gone with the crash");
      }
      cell.is(now);
    }
  }
}

}  // namespace ditto::sim::rules
