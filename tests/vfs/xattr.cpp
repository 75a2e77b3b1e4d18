#include "tree.hpp"

namespace ditto::test {

using vfs::DittoFs;
using vfs::XattrMode;

namespace {

Result<vfs::Change> set(Tree& tree, NodeId id, std::string_view name, std::string_view value,
                        XattrMode mode = XattrMode::Either) {
  return tree.on(id, [&](Context& context, vfs::Node& node) {
    return tree.fs->setxattr(context, node, name, bytes_of(value), mode);
  });
}
Result<std::string> get(Tree& tree, NodeId id, std::string_view name) {
  return tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->getxattr(context, node, name); });
}
Result<vfs::Change> erase(Tree& tree, NodeId id, std::string_view name) {
  return tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->removexattr(context, node, name); });
}
Result<std::vector<std::string>> list(Tree& tree, NodeId id) {
  return tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->listxattr(context, node); });
}

}  // namespace

TEST_CASE("extended attributes are set, read, listed and removed, on files and directories") {
  Tree tree(ANY_ENGINE);
  for (const NodeId id : {tree.file_id(tree.root(), "f"), tree.directory_id(tree.root(), "d")}) {
    CHECK(must(list(tree, id)).empty());
    CHECK(error_of(get(tree, id, "a")) == "NoAttribute");
    must(set(tree, id, "a", "1"));
    must(set(tree, id, "A", ""));
    must(set(tree, id, "b", std::string(DittoFs::xattr_value_limit, 'v')));
    CHECK(must(get(tree, id, "a")) == "1");
    CHECK(must(get(tree, id, "A")).empty());
    CHECK(must(get(tree, id, "b")).size() == DittoFs::xattr_value_limit);
    CHECK(must(list(tree, id)) == std::vector<std::string>{"A", "a", "b"});
    must(erase(tree, id, "a"));
    CHECK(error_of(get(tree, id, "a")) == "NoAttribute");
    CHECK(error_of(erase(tree, id, "a")) == "NoAttribute");
  }
  tree.reopen();
  CHECK(must(list(tree, tree.look_id(tree.root(), "f"))) == std::vector<std::string>{"A", "b"});
  tree.check_clean();
}

TEST_CASE("create refuses what is there, replace what is not") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  CHECK(error_of(set(tree, f, "a", "1", XattrMode::Replace)) == "NoAttribute");
  CHECK(error_of(set(tree, f, "a", "1", XattrMode::Create)) == "success");
  CHECK(error_of(set(tree, f, "a", "2", XattrMode::Create)) == "Exists");
  CHECK(error_of(set(tree, f, "a", "3", XattrMode::Replace)) == "success");
  CHECK(must(get(tree, f, "a")) == "3");
}

TEST_CASE("limits of extended attributes") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  CHECK(error_of(set(tree, f, "", "v")) == "InvalidArgument");
  CHECK(error_of(set(tree, f, "a\0b"sv, "v")) == "InvalidArgument");
  CHECK(error_of(set(tree, f, std::string(256, 'n'), "v")) == "NameTooLong");
  CHECK(error_of(set(tree, f, std::string(255, 'n'), "v")) == "success");
  CHECK(error_of(set(tree, f, "a", std::string(DittoFs::xattr_value_limit + 1, 'v'))) == "FileTooBig");
  for (std::size_t i = 1; i < DittoFs::xattr_count_limit; ++i) must(set(tree, f, std::to_string(i), "v"));
  CHECK(error_of(set(tree, f, "one more", "v")) == "NoSpace");
  CHECK(error_of(set(tree, f, "1", "w")) == "success");
}

TEST_CASE("extended attributes move the change time, and ask for permission") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 0644);
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(1);
  const auto change = must(set(tree, f, "a", "1"));
  CHECK(change.before.change == before.change);
  CHECK(change.after.change == before.change + 1);
  CHECK(change.after.change_time == tree.clock.now());
  CHECK(change.after.modify_time == before.modify_time);
  tree.who = user(10, 20);
  CHECK(error_of(set(tree, f, "a", "2")) == "AccessDenied");
  CHECK(error_of(erase(tree, f, "a")) == "AccessDenied");
  CHECK(must(get(tree, f, "a")) == "1");
  tree.who = Credential::root();
  must(tree.setattr(f, {.mode = 0600}));
  tree.who = user(10, 20);
  CHECK(error_of(get(tree, f, "a")) == "AccessDenied");
  CHECK(error_of(list(tree, f)) == "AccessDenied");
}

TEST_CASE("symlinks and devices have no extended attributes of users") {
  Tree tree(ANY_ENGINE);
  CHECK(error_of(set(tree, must(tree.make_symlink(tree.root(), "l", "t")).node.id, "a", "1")) == "NotPermitted");
}

TEST_CASE("extended attributes with colliding hashes are told apart") {
  Tree tree(ANY_ENGINE, {.name_hash_mask = 0});
  const NodeId f = tree.file_id(tree.root(), "f");
  for (int i = 0; i < 20; ++i) must(set(tree, f, std::to_string(i), std::to_string(i)));
  for (int i = 0; i < 20; i += 2) must(erase(tree, f, std::to_string(i)));
  for (int i = 1; i < 20; i += 2) CHECK(must(get(tree, f, std::to_string(i))) == std::to_string(i));
  CHECK(must(list(tree, f)).size() == 10);
  tree.check_clean();
}

}  // namespace ditto::test
