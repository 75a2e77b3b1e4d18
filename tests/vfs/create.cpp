#include "tree.hpp"

namespace ditto::test {

using vfs::CreateMode;
using vfs::CreateRequest;
using vfs::Principal;

TEST_CASE("a new file belongs to its maker and is empty") {
  Tree tree(ANY_ENGINE, {.root_mode = 0777});
  tree.who = user(10, 20);
  tree.clock.advance_seconds(5);
  const auto made = must(tree.make_file(tree.root(), "f", 0640));
  const Attributes& a = made.node.attributes;
  CHECK(a.type == FileType::Regular);
  CHECK(a.mode == 0640);
  CHECK(a.owner == Principal::id(10));
  CHECK(a.group == Principal::id(20));
  CHECK(a.link_count == 1);
  CHECK(a.size == 0);
  CHECK(a.space_used == 0);
  for (const Timestamp& time : {a.access_time, a.modify_time, a.change_time, a.birth_time}) {
    CHECK(time == tree.clock.now());
  }
  CHECK_FALSE(made.existed);
  const Attributes again = tree.attributes(made.node.id);
  CHECK(again.change == a.change);
  CHECK(again.id == made.node.id);
}

TEST_CASE("making a name moves the directory's times and change counter, and tells them before and after") {
  Tree tree(ANY_ENGINE);
  const Attributes before = tree.attributes(tree.root());
  tree.clock.advance_seconds(1);
  const auto made = must(tree.make_file(tree.root(), "f"));
  CHECK(made.directory.before.change == before.change);
  CHECK(made.directory.before.modify_time == before.modify_time);
  CHECK(made.directory.before.size == before.size);
  CHECK(made.directory.after.change == before.change + 1);
  CHECK(made.directory.after.modify_time == tree.clock.now());
  CHECK(made.directory.after.change_time == tree.clock.now());
  CHECK(made.directory.after.size > before.size);
  CHECK(made.directory.after.link_count == 2);
  CHECK(tree.attributes(tree.root()).change == made.directory.after.change);
}

TEST_CASE("a directory counts its subdirectories as links") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.directory_id(tree.root(), "a");
  tree.directory_id(tree.root(), "b");
  tree.file_id(tree.root(), "f");
  CHECK(tree.attributes(tree.root()).link_count == 4);
  CHECK(tree.attributes(a).link_count == 2);
  must(tree.remove(tree.root(), "b"));
  CHECK(tree.attributes(tree.root()).link_count == 3);
}

TEST_CASE("every type of node is made with what belongs to it") {
  Tree tree(ANY_ENGINE);
  const auto link = must(tree.make_symlink(tree.root(), "l", "some/where"));
  CHECK(link.node.attributes.type == FileType::Symlink);
  CHECK(link.node.attributes.mode == 0777);
  CHECK(link.node.attributes.size == 10);
  CHECK(must(tree.readlink(link.node.id)) == "some/where");
  for (const FileType type : {FileType::BlockDevice, FileType::CharDevice}) {
    const auto made = must(tree.create(tree.root(), type == FileType::BlockDevice ? "b" : "c",
                                       {.type = type, .attributes = {.mode = 0600}, .device = {8, 17}}));
    CHECK(made.node.attributes.type == type);
    CHECK(made.node.attributes.device == vfs::Device{8, 17});
  }
  for (const FileType type : {FileType::Fifo, FileType::Socket}) {
    const auto made = must(tree.create(tree.root(), type == FileType::Fifo ? "p" : "s", {.type = type}));
    CHECK(made.node.attributes.type == type);
    CHECK(made.node.attributes.device == vfs::Device{});
  }
  tree.reopen();
  CHECK(tree.attributes(tree.look_id(tree.root(), "b")).device == vfs::Device{8, 17});
  CHECK(tree.attributes(tree.look_id(tree.root(), "p")).type == FileType::Fifo);
  tree.check_clean();
}

TEST_CASE("device nodes are root's to make") {
  Tree tree(ANY_ENGINE, {.root_mode = 0777});
  tree.file_id(tree.root(), "there");
  tree.who = user(10, 20);
  for (const FileType type : {FileType::BlockDevice, FileType::CharDevice}) {
    CHECK(error_of(tree.create(tree.root(), "d", {.type = type})) == "NotPermitted");
    CHECK(error_of(tree.create(tree.root(), "there", {.type = type})) == "Exists");
  }
  CHECK(error_of(tree.create(tree.root(), "p", {.type = FileType::Fifo})) == "success");
}

TEST_CASE("a symlink's target is 1 to 4095 bytes without NUL") {
  Tree tree(ANY_ENGINE);
  CHECK(error_of(tree.make_symlink(tree.root(), "a", "")) == "InvalidArgument");
  CHECK(error_of(tree.make_symlink(tree.root(), "a", "x\0y"sv)) == "InvalidArgument");
  CHECK(error_of(tree.make_symlink(tree.root(), "a", std::string(4096, 't'))) == "NameTooLong");
  const std::string longest(4095, 't');
  CHECK(must(tree.readlink(must(tree.make_symlink(tree.root(), "a", longest)).node.id)) == longest);
  CHECK(error_of(tree.readlink(tree.root())) == "NotSymlink");
}

TEST_CASE("a guarded create refuses a name that is taken, before it asks for permission") {
  Tree tree(ANY_ENGINE, {.root_mode = 0755});
  tree.file_id(tree.root(), "f");
  tree.who = user(10, 20);
  CHECK(error_of(tree.make_file(tree.root(), "f")) == "Exists");
  CHECK(error_of(tree.make_directory(tree.root(), "f")) == "Exists");
  CHECK(error_of(tree.make_file(tree.root(), "g")) == "AccessDenied");
}

TEST_CASE("without search permission nothing is told about a name") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d", 0666);
  tree.file_id(d, "f");
  tree.who = user(10, 20);
  CHECK(error_of(tree.make_file(d, "f")) == "AccessDenied");
  CHECK(error_of(tree.lookup(d, "f")) == "AccessDenied");
  CHECK(error_of(tree.remove(d, "f")) == "AccessDenied");
  CHECK(must(tree.list(d)).size() == 3);
}

TEST_CASE("names are made in directories only") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  CHECK(error_of(tree.make_file(f, "x")) == "NotDirectory");
  CHECK(error_of(tree.lookup(f, "x")) == "NotDirectory");
  CHECK(error_of(tree.list(f)) == "NotDirectory");
}

TEST_CASE("an unchecked create takes the file that is there, as it is") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 0600);
  must(tree.write(f, 0, "contents"));
  const auto kept = must(tree.create(tree.root(), "f", {.mode = CreateMode::Unchecked, .attributes = {.mode = 0777}}));
  CHECK(kept.existed);
  CHECK(kept.node.id == f);
  CHECK(kept.node.attributes.mode == 0600);
  CHECK(kept.directory.before.change == kept.directory.after.change);
  CHECK(tree.contents(f) == "contents");
  const auto whole = must(tree.create(tree.root(), "f", {.mode = CreateMode::Unchecked, .attributes = {.size = 0}}));
  CHECK(whole.existed);
  CHECK(whole.node.attributes.size == 8);
  CHECK(tree.contents(f) == "contents");
}

TEST_CASE("an unchecked create does not take what is no file") {
  Tree tree(ANY_ENGINE);
  tree.directory_id(tree.root(), "d");
  tree.make_symlink(tree.root(), "l", "t").value();
  CHECK(error_of(tree.create(tree.root(), "d", {.mode = CreateMode::Unchecked})) == "Exists");
  CHECK(error_of(tree.create(tree.root(), "l", {.mode = CreateMode::Unchecked})) == "Exists");
}

TEST_CASE("a repeated exclusive create finds its own file, another's does not") {
  Tree tree(ANY_ENGINE);
  const CreateRequest mine{.mode = CreateMode::Exclusive, .verifier = 0x1234};
  const auto made = must(tree.create(tree.root(), "f", mine));
  CHECK_FALSE(made.existed);
  const auto again = must(tree.create(tree.root(), "f", mine));
  CHECK(again.existed);
  CHECK(again.node.id == made.node.id);
  CHECK(error_of(tree.create(tree.root(), "f", {.mode = CreateMode::Exclusive, .verifier = 0x1235})) == "Exists");
}

TEST_CASE("an exclusive create is recognised after a restart") {
  Tree tree(ANY_ENGINE);
  const CreateRequest mine{.mode = CreateMode::Exclusive, .verifier = 0};
  const auto made = must(tree.create(tree.root(), "f", mine));
  tree.reopen();
  CHECK(must(tree.create(tree.root(), "f", mine)).node.id == made.node.id);
}

TEST_CASE("the first SETATTR ends an exclusive create") {
  Tree tree(ANY_ENGINE);
  const CreateRequest mine{.mode = CreateMode::Exclusive, .verifier = 77};
  const NodeId f = must(tree.create(tree.root(), "f", mine)).node.id;
  must(tree.setattr(f, {.mode = 0644}));
  CHECK(error_of(tree.create(tree.root(), "f", mine)) == "Exists");
  tree.reopen();
  CHECK(error_of(tree.create(tree.root(), "f", mine)) == "Exists");
}

TEST_CASE("in a set-group-id directory new nodes get its group, and directories its bit") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d", 0777);
  must(tree.setattr(d, {.mode = 02777, .group = Principal::id(55)}));
  tree.who = user(10, 20);
  const Attributes f = must(tree.make_file(d, "f", 0644)).node.attributes;
  CHECK(f.group == Principal::id(55));
  CHECK(f.mode == 0644);
  const Attributes sub = must(tree.make_directory(d, "sub", 0755)).node.attributes;
  CHECK(sub.group == Principal::id(55));
  CHECK(sub.mode == 02755);
  // Not a member of that group: no program that runs with its rights.
  CHECK(must(tree.make_file(d, "g", 02755)).node.attributes.mode == 0755);
  tree.who = user(10, 55);
  CHECK(must(tree.make_file(d, "h", 02755)).node.attributes.mode == 02755);
}

TEST_CASE("only root makes files for others; a maker may give a group of its own") {
  Tree tree(ANY_ENGINE, {.root_mode = 0777});
  const CreateRequest for_other{.attributes = {.owner = Principal::id(1)}};
  CHECK(must(tree.create(tree.root(), "a", for_other)).node.attributes.owner == Principal::id(1));
  tree.who = user(10, 20, {21});
  CHECK(error_of(tree.create(tree.root(), "b", for_other)) == "NotPermitted");
  CHECK(must(tree.create(tree.root(), "c", {.attributes = {.group = Principal::id(21)}})).node.attributes.group ==
        Principal::id(21));
  CHECK(error_of(tree.create(tree.root(), "d", {.attributes = {.group = Principal::id(22)}})) == "NotPermitted");
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"a", "c"});
}

TEST_CASE("times and size can come with the create") {
  Tree tree(ANY_ENGINE);
  const Timestamp then{1'000'000, 5};
  const auto small = must(tree.create(
      tree.root(), "s",
      {.attributes = {
           .size = 10, .access_time = vfs::SetTime{.value = then}, .modify_time = vfs::SetTime{.value = then}}}));
  CHECK(small.node.attributes.access_time == then);
  CHECK(small.node.attributes.modify_time == then);
  CHECK(small.node.attributes.birth_time == tree.clock.now());
  CHECK(tree.contents(small.node.id) == std::string(10, '\0'));
  const auto large = must(tree.create(tree.root(), "l", {.attributes = {.size = 1 << 20}}));
  CHECK(large.node.attributes.size == 1 << 20);
  CHECK(tree.contents(large.node.id) == std::string(1 << 20, '\0'));
  CHECK(error_of(tree.create(tree.root(), "x", {.attributes = {.size = limits::file_size + 1}})) == "FileTooBig");
  CHECK(error_of(tree.create(tree.root(), "x", {.type = FileType::Directory, .attributes = {.size = 1}})) ==
        "InvalidArgument");
  CHECK(error_of(tree.create(tree.root(), "x",
                             {.attributes = {.modify_time = vfs::SetTime{.value = {0, 1'000'000'000}}}})) ==
        "InvalidArgument");
  tree.check_clean();
}

TEST_CASE("a directory takes subdirectories up to the link limit") {
  Tree tree(ANY_ENGINE, {.link_max = 4});
  tree.directory_id(tree.root(), "a");
  tree.directory_id(tree.root(), "b");
  CHECK(error_of(tree.make_directory(tree.root(), "c")) == "TooManyLinks");
  tree.file_id(tree.root(), "c");
  CHECK(tree.fs->limits().link_max == 4);
}

TEST_CASE("inode numbers are never reused, not by removal and not by restart") {
  Tree tree(ANY_ENGINE);
  std::vector<std::uint64_t> seen;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) {
      seen.push_back(tree.file_id(tree.root(), "f").inode);
      must(tree.remove(tree.root(), "f"));
    }
    tree.reopen();
  }
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("a creation that comes to nothing leaves no node in memory") {
  Tree tree(ANY_ENGINE);
  tree.file_id(tree.root(), "f");
  const std::size_t before = tree.fs->nodes_in_memory();
  for (int i = 0; i < 100; ++i) {
    CHECK(tree.make_file(tree.root(), "f").error() == Error::Exists);
    CHECK_FALSE(tree.make_file(tree.root(), std::string(limits::name_bytes + 1, 'n')));
  }
  CHECK(tree.fs->nodes_in_memory() == before);
}

TEST_CASE("more nodes than one reservation holds can be made") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const std::uint64_t first = tree.file_id(d, "f").inode;
  for (std::uint64_t i = 0; i < vfs::IdPool::block + 10; ++i) {
    (void)tree.make_file(d, "f");  // refused, but a number is spent
  }
  must(tree.remove(d, "f"));
  CHECK(tree.file_id(d, "g").inode > first + vfs::IdPool::block);
}

}  // namespace ditto::test
