#include "tree.hpp"

#include <algorithm>

#include "acl/letters.hpp"

namespace ditto::test {

Tree::Tree(Engine engine, const vfs::DittoFsOptions& options) : Tree(make_stores(engine), options) {}

Tree::Tree(std::unique_ptr<Stores> over, const vfs::DittoFsOptions& options)
    : stores(std::move(over)), options_(options) {
  options_.inline_limit = inline_limit;
  open();
}

Tree::~Tree() = default;

void Tree::open() {
  auto opened = vfs::DittoFs::open(stores->kv(), stores->data(), clock, random, log, options_);
  INFO("open: " << (opened ? "success" : opened.error()));
  REQUIRE(opened.has_value());
  fs = std::move(*opened);
  root_ = fs->root();
}

void Tree::reopen() {
  fs.reset();
  stores->reopen();
  open();
}

void Tree::change_records(FunctionRef<void(store::KvTransaction&)> body) {
  fs.reset();
  must(stores->kv().transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        body(kv);
        return {};
      },
      Blocking::Allowed));
  reopen();
}

std::vector<std::string> Tree::problems(bool repair, vfs::CheckSummary* summary) {
  std::vector<std::string> lines;
  const auto found = must(fs->check_store(
      {.repair = repair, .contents = true}, [&](std::string_view line) { lines.emplace_back(line); },
      [](const vfs::CheckSummary&) {}));
  if (summary) *summary = found;
  CHECK(lines.size() == found.problems + found.leftovers);
  return lines;
}

void Tree::check_clean() {
  const std::vector<std::string> lines = problems();
  for (const std::string& line : lines) UNSCOPED_INFO(line);
  REQUIRE(lines.empty());
}

Result<Attributes> Tree::getattr(NodeId id) {
  return on(id, [&](Context& context, vfs::Node& node) { return fs->getattr(context, node); });
}

Result<vfs::Entry> Tree::lookup(NodeId directory, std::string_view name, vfs::NameMatch match) {
  return on(directory, [&](Context& context, vfs::Node& node) { return fs->lookup(context, node, name, match); });
}

Result<vfs::Created> Tree::create(NodeId directory, std::string_view name, const vfs::CreateRequest& request) {
  return on(directory, [&](Context& context, vfs::Node& node) { return fs->create(context, node, name, request); });
}

Result<vfs::Created> Tree::make_file(NodeId directory, std::string_view name, std::uint32_t mode) {
  return create(directory, name, {.type = FileType::Regular, .attributes = {.mode = mode}});
}

Result<vfs::Created> Tree::make_directory(NodeId directory, std::string_view name, std::uint32_t mode) {
  return create(directory, name, {.type = FileType::Directory, .attributes = {.mode = mode}});
}

Result<vfs::Created> Tree::make_symlink(NodeId directory, std::string_view name, std::string_view target) {
  return create(directory, name, {.type = FileType::Symlink, .symlink_target = target});
}

Result<vfs::Linked> Tree::link(NodeId node, NodeId directory, std::string_view name) {
  return on(node, [&](Context& context, vfs::Node& from) -> Result<vfs::Linked> {
    auto to = fs->pin(context, directory);
    if (!to) return fail(to.error());
    return fs->link(context, from, **to, name);
  });
}

Result<vfs::Removed> Tree::remove(NodeId directory, std::string_view name, vfs::RemoveKind kind) {
  return on(directory, [&](Context& context, vfs::Node& node) { return fs->remove(context, node, name, kind); });
}

Result<vfs::Renamed> Tree::rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name) {
  return on(from, [&](Context& context, vfs::Node& source) -> Result<vfs::Renamed> {
    auto target = fs->pin(context, to);
    if (!target) return fail(target.error());
    return fs->rename(context, source, from_name, **target, to_name);
  });
}

Result<vfs::Change> Tree::setattr(NodeId id, const vfs::SetAttributes& changes, const std::optional<Timestamp>& guard) {
  return on(id, [&](Context& context, vfs::Node& node) { return fs->setattr(context, node, changes, guard); });
}

std::string Tree::list_of(NodeId id) {
  const auto list = on(id, [&](Context& context, vfs::Node& node) { return fs->getacl(context, node); });
  if (!list) return error_of(list);
  return *list ? text_of(**list) : "none";
}

Result<vfs::Change> Tree::set_list(NodeId id, const std::string& letters) {
  return setattr(id, {.acl = std::make_shared<const vfs::Acl>(acl(letters))});
}

Result<vfs::ReadResult> Tree::read(NodeId id, std::uint64_t offset, std::uint32_t count) {
  return on(id, [&](Context& context, vfs::Node& node) { return fs->read(context, node, offset, count); });
}

Result<vfs::WriteResult> Tree::write(NodeId id, std::uint64_t offset, std::string_view text, vfs::Stability stability) {
  const BufferChain data = chain_of(text);
  return on(id, [&](Context& context, vfs::Node& node) { return fs->write(context, node, offset, data, stability); });
}

Result<vfs::Change> Tree::clone(NodeId from, std::uint64_t from_offset, NodeId to, std::uint64_t to_offset,
                                std::uint64_t length) {
  return on(from, [&](Context& context, vfs::Node& node) -> Result<vfs::Change> {
    auto target = fs->pin(context, to);
    if (!target) return fail(target.error());
    const vfs::CloneSource source{.node = node, .offset = from_offset, .who = who, .rights = rights};
    return fs->clone(context, source, **target, to_offset, length);
  });
}

Result<vfs::Change> Tree::commit(NodeId id) {
  return on(id, [&](Context& context, vfs::Node& node) { return fs->commit(context, node, 0, 0); });
}

Result<std::string> Tree::readlink(NodeId id) {
  return on(id, [&](Context& context, vfs::Node& node) { return fs->readlink(context, node); });
}

Result<vfs::Entry> Tree::streams(NodeId id, bool make) {
  return on(id, [&](Context& context, vfs::Node& node) { return fs->stream_directory(context, node, make); });
}

Result<std::vector<Listed>> Tree::list(NodeId directory, std::uint64_t cookie, std::size_t most) {
  std::vector<Listed> entries;
  const auto visit = [&](const vfs::DirectoryEntry& entry) {
    if (entries.size() == most) return false;
    entries.push_back({std::string(entry.name), entry.id, entry.type, entry.cookie});
    return true;
  };
  const auto listed = on(
      directory, [&](Context& context, vfs::Node& node) { return fs->readdir(context, node, cookie, false, visit); });
  if (!listed) return fail(listed.error());
  return entries;
}

std::string Tree::contents(NodeId id) {
  const auto size = attributes(id).size;
  std::string all;
  while (all.size() < size) {
    const auto part = must(read(id, all.size(), 1 << 20));
    REQUIRE(!part.data.empty());
    all += text_of(part.data);
  }
  return all;
}

std::vector<std::string> Tree::names(NodeId directory) {
  std::vector<std::string> names;
  for (const Listed& entry : must(list(directory))) {
    if (entry.name != "." && entry.name != "..") names.push_back(entry.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ditto::test
