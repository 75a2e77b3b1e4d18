// Named streams: where they are, what they have of their file, what is refused among them, and that they go with it.
#include "acl/letters.hpp"
#include "damaged.hpp"

namespace ditto::test {

using vfs::CreateMode;
using vfs::DittoFs;
using vfs::NodeRole;
using vfs::RemoveKind;

namespace {

void hold(Tree& tree, NodeId id) {
  must(tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->hold(context, node); }));
}
void release(Tree& tree, NodeId id) {
  must(tree.on(id, [&](Context&, vfs::Node& node) -> Result<void> {
    tree.fs->release(node);
    return {};
  }));
}

vfs::UsageRecord usage(Tree& tree) {
  vfs::UsageRecord record;
  must(tree.stores->kv().view(
      [&](store::KvReader& reader) -> Result<void> {
        record = must(vfs::decode_usage(**reader.get(vfs::key::usage())));
        return {};
      },
      Blocking::Allowed));
  return record;
}

std::size_t objects(Tree& tree) {
  std::size_t count = 0;
  must(tree.stores->data().for_each([&](store::ObjectId, std::uint64_t) { return ++count, true; }));
  return count;
}

}  // namespace

TEST_CASE("files and directories have streams, that are made, written, listed, renamed and removed") {
  Tree tree(ANY_ENGINE);
  for (const NodeId id : {tree.file_id(tree.root(), "f"), tree.directory_id(tree.root(), "d")}) {
    CHECK(error_of(tree.streams(id, false)) == "NotFound");
    const NodeId streams = tree.streams_id(id);
    CHECK(tree.attributes(streams).role == NodeRole::StreamDirectory);
    // It is empty still: nobody has any streams.
    CHECK(error_of(tree.streams(id, false)) == "NotFound");
    CHECK_FALSE(tree.attributes(id).has_streams);
    CHECK(tree.streams_id(id) == streams);

    const NodeId a = tree.file_id(streams, "a"), b = tree.file_id(streams, "b");
    CHECK(tree.attributes(id).has_streams);
    CHECK(tree.attributes(a).role == NodeRole::Stream);
    CHECK(tree.attributes(a).type == FileType::Regular);
    CHECK(must(tree.streams(id, false)).id == streams);
    must(tree.write(a, 0, "small"));
    must(tree.write(b, 0, std::string(20'000, 'b')));
    CHECK(tree.contents(a) == "small");
    CHECK(tree.contents(b) == std::string(20'000, 'b'));
    CHECK(tree.names(streams) == std::vector<std::string>{"a", "b"});
    must(tree.rename(streams, "a", streams, "b"));
    CHECK(tree.names(streams) == std::vector<std::string>{"b"});
    CHECK(tree.look_id(streams, "b") == a);
    CHECK(tree.contents(a) == "small");
    tree.reopen();
    CHECK(tree.contents(a) == "small");
    CHECK(must(tree.lookup(streams, "..")).id == id);
    CHECK(tree.attributes(a).role == NodeRole::Stream);
    must(tree.remove(streams, "b"));
    CHECK_FALSE(tree.attributes(id).has_streams);
    CHECK(error_of(tree.streams(id, false)) == "NotFound");
    CHECK(tree.streams_id(id) == streams);
    tree.maintain();
    tree.check_clean();
  }
  CHECK(objects(tree) == 0);
}

TEST_CASE("streams are nowhere in the tree") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  tree.file_id(tree.streams_id(d), "s");
  CHECK(tree.names(d).empty());
  CHECK(error_of(tree.lookup(d, "s")) == "NotFound");
  CHECK(tree.attributes(d).link_count == 2);
  // A directory that has nothing but streams is empty.
  CHECK(error_of(tree.remove(tree.root(), "d", RemoveKind::Directory)) == "success");
}

TEST_CASE("links of a file have the same streams") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const NodeId s = tree.file_id(tree.streams_id(f), "s");
  must(tree.link(f, tree.root(), "g"));
  must(tree.remove(tree.root(), "f"));
  CHECK(tree.look_id(tree.streams_id(tree.look_id(tree.root(), "g")), "s") == s);
}

TEST_CASE("only files and directories have streams, and streams have none") {
  Tree tree(ANY_ENGINE);
  const NodeId link = must(tree.make_symlink(tree.root(), "l", "t")).node.id;
  CHECK(error_of(tree.streams(link, true)) == "NotSupported");
  const NodeId streams = tree.streams_id(tree.file_id(tree.root(), "f"));
  const NodeId s = tree.file_id(streams, "s");
  for (const NodeId id : {streams, s}) {
    CHECK(error_of(tree.streams(id, true)) == "WrongType");
    CHECK(error_of(tree.on(id, [&](Context& context, vfs::Node& node) {
            return tree.fs->setxattr(context, node, "x", bytes_of("v"sv), vfs::XattrMode::Either);
          })) == "NotPermitted");
  }
}

TEST_CASE("nothing but regular files is made among streams, and nothing moves or is linked in or out") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f"), g = tree.file_id(tree.root(), "g");
  const NodeId streams = tree.streams_id(f), others = tree.streams_id(g);
  const NodeId s = tree.file_id(streams, "s");
  for (const FileType type : {FileType::Directory, FileType::Fifo, FileType::Socket, FileType::BlockDevice}) {
    CHECK(error_of(tree.create(streams, "new", {.type = type})) == "WrongType");
  }
  CHECK(error_of(tree.make_symlink(streams, "new", "t")) == "WrongType");
  CHECK(error_of(tree.create(streams, "new", {.mode = CreateMode::Exclusive})) == "InvalidArgument");
  CHECK(error_of(tree.create(streams, "s", {.mode = CreateMode::Guarded})) == "Exists");
  CHECK(must(tree.create(streams, "s", {.mode = CreateMode::Unchecked})).existed);

  CHECK(error_of(tree.rename(streams, "s", others, "s")) == "CrossDevice");
  CHECK(error_of(tree.rename(streams, "s", tree.root(), "s")) == "CrossDevice");
  CHECK(error_of(tree.rename(tree.root(), "g", streams, "g")) == "CrossDevice");
  CHECK(error_of(tree.link(s, others, "s2")) == "CrossDevice");
  CHECK(error_of(tree.link(s, tree.root(), "s2")) == "CrossDevice");
  CHECK(error_of(tree.link(g, streams, "g")) == "CrossDevice");
  CHECK(error_of(tree.link(s, streams, "s2")) == "NotSupported");
  CHECK(tree.names(streams) == std::vector<std::string>{"s"});
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"f", "g"});
  tree.check_clean();
}

TEST_CASE("a stream that is made, removed or renamed moves its file's change time; its contents do not") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const NodeId streams = tree.streams_id(f);
  Attributes last = tree.attributes(f);
  const auto moved = [&] {
    const Attributes now = tree.attributes(f);
    const bool changed = now.change == last.change + 1 && now.change_time == tree.clock.now();
    CHECK((changed || (now.change == last.change && now.change_time == last.change_time)));
    CHECK(now.modify_time == last.modify_time);
    last = now;
    tree.clock.advance_seconds(1);
    return changed;
  };
  CHECK_FALSE(moved());
  const NodeId s = tree.file_id(streams, "s");
  CHECK(moved());
  CHECK(error_of(tree.make_file(streams, "s")) == "Exists");
  CHECK_FALSE(moved());
  must(tree.write(s, 0, "contents"));
  CHECK_FALSE(moved());
  must(tree.rename(streams, "s", streams, "t"));
  CHECK(moved());
  must(tree.remove(streams, "t"));
  CHECK(moved());
}

TEST_CASE("streams have owner and permissions of their file, whatever becomes of those") {
  Tree tree(ANY_ENGINE, {.nodes_in_memory = GENERATE(1u, 65536u)});
  const NodeId f = tree.file_id(tree.root(), "f", 04754);
  must(tree.setattr(f, {.owner = vfs::Principal::id(10), .group = vfs::Principal::id(20)}));
  const NodeId streams = tree.streams_id(f);
  const NodeId s = tree.file_id(streams, "s", 0777);
  must(tree.write(s, 0, "contents"));
  const auto same = [&](const Attributes& a, std::uint32_t mode) {
    CHECK(a.owner == tree.attributes(f).owner);
    CHECK(a.group == tree.attributes(f).group);
    CHECK(a.mode == mode);
  };
  must(tree.setattr(f, {.mode = 0640}));
  same(tree.attributes(s), 0640);
  same(tree.attributes(streams), 0750);
  must(tree.setattr(f, {.owner = vfs::Principal::id(11)}));
  same(tree.attributes(s), 0640);
  must(tree.on(streams, [&](Context& context, vfs::Node& node) {
    return tree.fs->readdir(context, node, 2, true, [&](const vfs::DirectoryEntry& entry) {
      CHECK(entry.attributes->size == 8);
      same(*entry.attributes, 0640);
      return true;
    });
  }));
  CHECK(error_of(tree.setattr(s, {.mode = 0777})) == "NotSupported");
  CHECK(error_of(tree.setattr(s, {.owner = vfs::Principal::id(1)})) == "NotSupported");
  CHECK(error_of(tree.setattr(streams, {.mode = 0777})) == "NotSupported");
  tree.reopen();
  same(tree.attributes(s), 0640);
  CHECK(must(tree.setattr(s, {.size = 2})).after.mode == 0640);
  same(tree.attributes(s), 0640);
}

TEST_CASE("who may read a file reads its streams, who may write it makes and removes them") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 0640);
  must(tree.setattr(f, {.owner = vfs::Principal::id(10), .group = vfs::Principal::id(20)}));
  const Credential owner = user(10, 10), group = user(11, 20), other = user(12, 12);
  tree.who = group;
  CHECK(error_of(tree.streams(f, true)) == "AccessDenied");
  tree.who = owner;
  const NodeId streams = tree.streams_id(f);
  const NodeId s = tree.file_id(streams, "s");
  must(tree.write(s, 0, "contents"));

  tree.who = group;
  CHECK(must(tree.streams(f, false)).id == streams);
  CHECK(tree.look_id(streams, "s") == s);
  CHECK(tree.names(streams) == std::vector<std::string>{"s"});
  CHECK(tree.contents(s) == "contents");
  CHECK(error_of(tree.write(s, 0, "!")) == "AccessDenied");
  CHECK(error_of(tree.truncate(s, 0)) == "AccessDenied");
  CHECK(error_of(tree.make_file(streams, "t")) == "AccessDenied");
  CHECK(error_of(tree.remove(streams, "s")) == "AccessDenied");
  CHECK(error_of(tree.rename(streams, "s", streams, "t")) == "AccessDenied");

  tree.who = other;
  CHECK(error_of(tree.streams(f, false)) == "AccessDenied");
  CHECK(error_of(tree.lookup(streams, "s")) == "AccessDenied");
  CHECK(error_of(tree.list(streams)) == "AccessDenied");
  CHECK(error_of(tree.read(s, 0, 10)) == "AccessDenied");

  // What chmod of the file says holds at once, also for what is in memory.
  tree.who = Credential::root();
  must(tree.setattr(f, {.mode = 0606}));
  tree.who = group;
  CHECK(error_of(tree.read(s, 0, 10)) == "AccessDenied");
  CHECK(error_of(tree.write(s, 0, std::string(10'000, '!'))) == "AccessDenied");
  tree.who = other;
  must(tree.write(s, 0, "Contents"));
  CHECK(tree.contents(s) == "Contents");
  must(tree.remove(streams, "s"));
}

TEST_CASE("the list of a file decides of its streams, too") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 0644);
  const NodeId streams = tree.streams_id(f);
  const NodeId s = tree.file_id(streams, "s");
  must(tree.write(s, 0, "contents"));
  const auto set = [&](const char* list) {
    tree.who = Credential::root();
    must(tree.setattr(f, {.acl = std::make_shared<const vfs::Acl>(acl(list))}));
  };
  const Credential bob = user(7, 7);
  set("D::u7:rn A::EVERYONE@:rn");
  CHECK(tree.list_of(s) == tree.list_of(f));
  tree.who = bob;
  CHECK(error_of(tree.streams(f, false)) == "AccessDenied");
  CHECK(error_of(tree.lookup(streams, "s")) == "AccessDenied");
  CHECK(error_of(tree.read(s, 0, 10)) == "AccessDenied");
  tree.who = user(8, 8);
  CHECK(tree.contents(s) == "contents");
  CHECK(error_of(tree.make_file(streams, "t")) == "AccessDenied");
  set("A::u7:rwanN A::EVERYONE@:rn");
  tree.who = bob;
  must(tree.write(s, 0, "Contents"));
  tree.file_id(streams, "t");
  must(tree.remove(streams, "t"));
  tree.who = Credential::root();
  CHECK(error_of(tree.setattr(s, {.acl = std::make_shared<const vfs::Acl>(acl("A::EVERYONE@:r"))})) == "NotSupported");
  tree.check_clean();
  tree.reopen();
  CHECK(tree.list_of(s) == tree.list_of(f));
  // The list is the file's alone, and goes with it.
  must(tree.remove(tree.root(), "f"));
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("a file has so many streams and no more, with names of up to 255 bytes") {
  Tree tree(Engine::Memory);
  const NodeId streams = tree.streams_id(tree.file_id(tree.root(), "f"));
  CHECK(error_of(tree.make_file(streams, std::string(256, 'n'))) == "NameTooLong");
  CHECK(error_of(tree.make_file(streams, std::string(255, 'n'))) == "success");
  for (std::size_t i = 1; i < DittoFs::stream_count_limit; ++i) tree.file_id(streams, std::to_string(i));
  CHECK(error_of(tree.make_file(streams, "one more")) == "NoSpace");
  must(tree.remove(streams, "1"));
  CHECK(error_of(tree.make_file(streams, "one more")) == "success");
  tree.check_clean();
  must(tree.remove(tree.root(), "f"));
  tree.maintain();
  CHECK(usage(tree).inodes == 1);
  tree.check_clean();
}

TEST_CASE("streams go with the last name of their file, and give everything back") {
  Tree tree(ANY_ENGINE);
  for (const bool directory : {false, true}) {
    const NodeId f = directory ? tree.directory_id(tree.root(), "f") : tree.file_id(tree.root(), "f");
    const NodeId streams = tree.streams_id(f);
    const NodeId s = tree.file_id(streams, "s"), t = tree.file_id(streams, "t");
    must(tree.write(s, 0, std::string(20'000, 's')));
    must(tree.write(t, 0, "small"));
    CHECK(usage(tree).inodes == 5);
    CHECK(usage(tree).bytes == 20'005);
    must(tree.remove(tree.root(), "f"));
    for (const NodeId id : {f, streams, s, t}) CHECK(error_of(tree.getattr(id)) == "Stale");
    CHECK(error_of(tree.read(t, 0, 1)) == "Stale");
    CHECK(error_of(tree.make_file(streams, "u")) == "Stale");
    tree.check_clean();
    tree.maintain();
    CHECK(usage(tree).inodes == 1);
    CHECK(usage(tree).bytes == 0);
    CHECK(objects(tree) == 0);
    tree.check_clean();
  }
}

TEST_CASE("a stream that is open outlives its file's names, and its file with it") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const NodeId streams = tree.streams_id(f);
  const NodeId s = tree.file_id(streams, "s"), t = tree.file_id(streams, "t");
  must(tree.write(s, 0, std::string(20'000, 's')));
  hold(tree, s);
  must(tree.remove(tree.root(), "f"));
  tree.maintain();
  CHECK(tree.contents(s) == std::string(20'000, 's'));
  must(tree.write(s, 0, "still"));
  CHECK(error_of(tree.getattr(t)) == "Stale");
  CHECK(error_of(tree.getattr(streams)) == "Stale");
  CHECK(usage(tree).inodes == 5);
  release(tree, s);
  CHECK(error_of(tree.getattr(s)) == "Stale");
  tree.maintain();
  CHECK(usage(tree).inodes == 1);
  CHECK(objects(tree) == 0);
  tree.check_clean();
}

TEST_CASE("streams of a file that is open without names are there until it is closed") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const NodeId streams = tree.streams_id(f);
  const NodeId s = tree.file_id(streams, "s");
  hold(tree, f);
  must(tree.remove(tree.root(), "f"));
  tree.maintain();
  must(tree.write(s, 0, "still"));
  const NodeId t = tree.file_id(streams, "t");
  CHECK(tree.names(streams) == std::vector<std::string>{"s", "t"});
  must(tree.remove(streams, "s"));
  release(tree, f);
  CHECK(error_of(tree.getattr(t)) == "Stale");
  tree.maintain();
  CHECK(usage(tree).inodes == 1);
  tree.check_clean();
}

TEST_CASE("a stream that is removed while it is open stays until it is closed, also when its file goes first") {
  Tree tree(ANY_ENGINE);
  const bool whole = GENERATE(false, true);
  const NodeId f = tree.file_id(tree.root(), "f", 0640);
  const NodeId streams = tree.streams_id(f);
  const NodeId s = tree.file_id(streams, "s");
  must(tree.write(s, 0, "contents"));
  hold(tree, s);
  must(tree.remove(streams, "s"));
  if (whole) must(tree.remove(tree.root(), "f"));
  tree.maintain();
  CHECK(usage(tree).inodes == (whole ? 2 : 4));
  CHECK(tree.contents(s) == "contents");
  CHECK(tree.attributes(s).mode == 0640);
  tree.check_clean();
  release(tree, s);
  tree.maintain();
  CHECK(usage(tree).inodes == (whole ? 1 : 3));
  tree.check_clean();
}

TEST_CASE("after a restart, what was removed while streams were open is reclaimed") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const NodeId s = tree.file_id(tree.streams_id(f), "s");
  must(tree.write(s, 0, std::string(20'000, 's')));
  hold(tree, s);
  must(tree.remove(tree.root(), "f"));
  release(tree, s);
  tree.reopen();
  CHECK(error_of(tree.getattr(s)) == "Stale");
  tree.maintain();
  CHECK(usage(tree).inodes == 1);
  CHECK(objects(tree) == 0);
  tree.check_clean();
}

TEST_CASE("a name that is replaced takes its streams along; one that moves keeps them") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f"), g = tree.file_id(tree.root(), "g");
  const NodeId of_f = tree.file_id(tree.streams_id(f), "s"), of_g = tree.file_id(tree.streams_id(g), "s");
  must(tree.rename(tree.root(), "f", tree.root(), "g"));
  CHECK(tree.look_id(tree.streams_id(f), "s") == of_f);
  CHECK(error_of(tree.getattr(of_g)) == "Stale");
  tree.maintain();
  CHECK(usage(tree).inodes == 4);
  tree.check_clean();
}

}  // namespace ditto::test
