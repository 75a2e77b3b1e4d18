#include "observed.hpp"

#include <algorithm>

#include "rules/rules.hpp"
#include "world.hpp"

namespace ditto::sim {
namespace {

std::string text_of(const BufferChain& chain) {
  std::string text(chain.size(), '\0');
  chain.copy_to(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return text;
}

}  // namespace

/// Who is admitted to what a call finds, and what it meets there.
class ObservedFileSystem::Asked final : public vfs::Admission {
 public:
  Asked(World& world, vfs::Context& context) noexcept : world_(world), context_(context), under_(context.admission) {
    context.admission = this;
  }
  ~Asked() { context_.admission = under_; }

  bool admit(vfs::Node& node, vfs::NameChange change) noexcept override {
    const bool unlinks = change == vfs::NameChange::Unlink;
    const state::Operation operation = unlinks ? state::Operation::Unlink : state::Operation::ChangeLinks;
    const state::Actor* actor = world_.request_of(context_);
    const state::Holder as = actor ? actor->holder : state::Holder{};
    world_.meets(operation, node.id().inode, as);
    if (world_.truth.directories.contains(node.id().inode)) meets_directory(node.id().inode, as, unlinks);
    return !under_ || under_->admit(node, change);
  }

 private:
  void meets_directory(Inode inode, const state::Holder& as, bool unlinks) {
    const auto of_others = [&](const state::Grant& grant) { return grant.holder != as; };
    world_.with_state(inode, [&](const state::FileState& file) {
      if (std::ranges::none_of(file.grants().all(), of_others)) return;
      world_.tally.event(unlinks ? "directories removed from under a grant" : "directories moved from under a grant");
    });
  }

  World& world_;
  vfs::Context& context_;
  vfs::Admission* const under_;
};

std::optional<Error> ObservedFileSystem::obstacle(const vfs::Context& context) {
  if (dead_) return Error::Io;
  if (context.blocking == vfs::Blocking::Never && world_.dice.chance(1, 4)) return Error::WouldBlock;
  return std::nullopt;
}

Result<vfs::NodePin> ObservedFileSystem::pin(vfs::Context& context, vfs::NodeId id) {
  if (dead_) return fail(Error::Io);
  if (context.blocking == vfs::Blocking::Never && world_.dice.chance(1, 32)) return fail(Error::WouldBlock);
  return under_->pin(context, id);
}

Result<vfs::Attributes> ObservedFileSystem::getattr(vfs::Context& context, vfs::Node& node) {
  if (auto why = obstacle(context)) return fail(*why);
  auto attributes = under_->getattr(context, node);
  if (!attributes || attributes->type != vfs::FileType::Regular) return attributes;
  const auto file = world_.truth.files.find(node.id().inode);
  const std::size_t cells = file == world_.truth.files.end() ? 0 : file->second.cells.size();
  if (attributes->size != cells * cell_bytes) world_.violated(Rule::LastWrite, "GETATTR tells another size");
  return attributes;
}

Result<vfs::Change> ObservedFileSystem::setattr(vfs::Context& context, vfs::Node& node,
                                                const vfs::SetAttributes& changes,
                                                const std::optional<Timestamp>& guard) {
  if (auto why = obstacle(context)) return fail(*why);
  auto change = under_->setattr(context, node, changes, guard);
  if (change) ++world_.changes;
  if (!change || !changes.size) return change;
  const std::size_t cells = *changes.size / cell_bytes;
  rules::writes(world_, context, node.id(), {0, state::ByteRange::end_of_file});
  world_.truth.resize(node.id().inode, cells);
  return change;
}

Result<vfs::Entry> ObservedFileSystem::lookup(vfs::Context& context, vfs::Node& directory, std::string_view name,
                                              vfs::NameMatch match) {
  if (auto why = obstacle(context)) return fail(*why);
  return under_->lookup(context, directory, name, match);
}

Result<vfs::Created> ObservedFileSystem::create(vfs::Context& context, vfs::Node& directory, std::string_view name,
                                                const vfs::CreateRequest& request) {
  if (auto why = obstacle(context)) return fail(*why);
  auto created = under_->create(context, directory, name, request);
  if (!created) return created;
  const Inode made = created->node.id.inode;
  // What was there stays as it is, whatever its size was to be.
  if (created->existed) return created;
  ++world_.changes;
  world_.truth.names[{directory.id().inode, std::string(name)}] = made;
  if (request.type == vfs::FileType::Directory) {
    world_.truth.directories.insert(made);
  } else {
    world_.truth.resize(made, request.attributes.size.value_or(0) / cell_bytes);
  }
  return created;
}

Result<vfs::Linked> ObservedFileSystem::link(vfs::Context& context, vfs::Node& node, vfs::Node& directory,
                                             std::string_view name) {
  if (auto why = obstacle(context)) return fail(*why);
  auto linked = under_->link(context, node, directory, name);
  if (!linked) return linked;
  ++world_.changes;
  world_.truth.names[{directory.id().inode, std::string(name)}] = node.id().inode;
  return linked;
}

Result<vfs::Removed> ObservedFileSystem::remove(vfs::Context& context, vfs::Node& directory, std::string_view name,
                                                vfs::RemoveKind kind) {
  if (auto why = obstacle(context)) return fail(*why);
  const Asked asked(world_, context);
  auto removed = under_->remove(context, directory, name, kind);
  if (!removed) return removed;
  rules::conflicts_of_names(world_, context, removed->node.id, state::Operation::Unlink);
  ++world_.changes;
  world_.truth.names.erase({directory.id().inode, std::string(name)});
  if (world_.truth.directories.contains(removed->node.id.inode)) world_.tally.event("directories removed");
  return removed;
}

Result<vfs::Renamed> ObservedFileSystem::rename(vfs::Context& context, vfs::Node& from, std::string_view from_name,
                                                vfs::Node& to, std::string_view to_name) {
  if (auto why = obstacle(context)) return fail(*why);
  const Asked asked(world_, context);
  auto renamed = under_->rename(context, from, from_name, to, to_name);
  if (!renamed) return renamed;
  ++world_.changes;
  auto& names = world_.truth.names;
  const std::pair source{from.id().inode, std::string(from_name)}, target{to.id().inode, std::string(to_name)};
  const Inode moved = names[source];
  // POSIX: two names of one file, and nothing happens.
  if (source == target || (names.contains(target) && names[target] == moved)) return renamed;
  rules::conflicts_of_names(world_, context, renamed->node.id, state::Operation::ChangeLinks);
  if (renamed->replaced) rules::conflicts_of_names(world_, context, *renamed->replaced, state::Operation::Unlink);
  names.erase(source);
  names[target] = moved;
  return renamed;
}

Result<vfs::ReadResult> ObservedFileSystem::read(vfs::Context& context, vfs::Node& node, std::uint64_t offset,
                                                 std::uint32_t count) {
  if (auto why = obstacle(context)) return fail(*why);
  auto read = under_->read(context, node, offset, count);
  if (!read) return read;
  const std::string text = text_of(read->data);
  rules::reads(world_, context, node.id(), offset, count, text);
  return read;
}

Result<vfs::WriteResult> ObservedFileSystem::write(vfs::Context& context, vfs::Node& node, std::uint64_t offset,
                                                   const BufferChain& data, vfs::Stability stability) {
  if (auto why = obstacle(context)) return fail(*why);
  auto written = under_->write(context, node, offset, data, stability);
  if (!written) return written;
  ++world_.changes;
  rules::writes(world_, context, node.id(), {offset, offset + data.size() - 1});
  // Small files would always be stable, and nothing could be lost: here they are no more than was asked for.
  written->committed = stability;
  world_.truth.write(node.id().inode, offset / cell_bytes, value_of(text_of(data)),
                     stability != vfs::Stability::Unstable);
  return written;
}

Result<vfs::Change> ObservedFileSystem::commit(vfs::Context& context, vfs::Node& node, std::uint64_t offset,
                                               std::uint64_t count) {
  if (auto why = obstacle(context)) return fail(*why);
  auto change = under_->commit(context, node, offset, count);
  if (change) world_.truth.commit(node.id().inode);
  return change;
}

}  // namespace ditto::sim
