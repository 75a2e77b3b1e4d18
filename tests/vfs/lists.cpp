// Access control lists in a store: set, inherited, counted, kept over restarts, taken back.
#include "acl/letters.hpp"
#include "power.hpp"
#include "tree.hpp"

namespace ditto::test {

namespace {

struct Kept {
  std::size_t lists = 0;
  std::uint64_t inodes = 0;  // that have them, as counted
};

Kept kept(Tree& tree) {
  Kept all;
  must(tree.stores->kv().view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto list = [&](Bytes, Bytes) { return ++all.lists, true; };
        const auto count = [&](Bytes, Bytes value) { return all.inodes += must(vfs::decode_number(value)), true; };
        must(reader.scan(vfs::Key(vfs::Tag::List), vfs::key::end_of(vfs::Tag::List), list));
        must(reader.scan(vfs::Key(vfs::Tag::ListCount), vfs::key::end_of(vfs::Tag::ListCount), count));
        return {};
      },
      Blocking::Allowed));
  return all;
}

std::string octal(std::uint32_t mode) {
  std::ostringstream text;
  text << std::oct << mode;
  return text.str();
}

/// Mode and list.
std::string permissions(Tree& tree, NodeId id) { return octal(tree.attributes(id).mode) + " " + tree.list_of(id); }

}  // namespace

TEST_CASE("a list is kept with its node, decides its mode, and is there after a restart") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 04755);
  CHECK(permissions(tree, f) == "4755 none");
  const std::uint64_t before = tree.attributes(f).change;
  must(tree.set_list(f, "A::OWNER@:rwaC D::u7:w A::g8:r A::EVERYONE@:r"));
  const std::string now = "4644 A::OWNER@:rwaC D::u7:w A::g8:r A::EVERYONE@:r";
  CHECK(permissions(tree, f) == now);
  CHECK(tree.attributes(f).change > before);
  tree.check_clean();
  tree.reopen();
  CHECK(permissions(tree, f) == now);
  tree.check_clean();
}

TEST_CASE("all of an entry is kept: what nothing here asks about, SIDs, who only other protocols know, flags") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  vfs::Acl list = acl(
      "A:fdn:OWNER@:rwaxnNDtTdcCo D::s4711:w A::CREATOR:r U:S:EVERYONE@:w L:F:g7:d A:I:INTERACTIVE@:r A::SERVICE@:");
  list.aces[1].mask = vfs::Access(0xffffffff);
  list.dacl = vfs::AclFlags::Protected | vfs::AclFlags::AutoInherit;
  list.sacl = vfs::AclFlags::Defaulted;
  must(tree.setattr(d, {.acl = std::make_shared<const vfs::Acl>(list)}));
  tree.reopen();
  const auto read = must(tree.on(d, [&](Context& context, vfs::Node& node) { return tree.fs->getacl(context, node); }));
  REQUIRE(read);
  CHECK(*read == list);
  CHECK(must(vfs::decode_list(vfs::encode(list))) == list);
}

TEST_CASE("a list is stored once for all that have it, and goes with the last of them") {
  Tree tree(ANY_ENGINE);
  std::vector<NodeId> files;
  for (int i = 0; i < 20; ++i) files.push_back(tree.file_id(tree.root(), "f" + std::to_string(i)));
  for (const NodeId f : files) must(tree.set_list(f, "A::u7:r"));
  CHECK(kept(tree).lists == 1);
  CHECK(kept(tree).inodes == 20);
  must(tree.set_list(files[0], "A::u7:r"));
  CHECK(kept(tree).inodes == 20);
  must(tree.set_list(files[0], "A::u8:r"));
  CHECK(kept(tree).lists == 2);
  CHECK(kept(tree).inodes == 20);
  tree.check_clean();
  for (int i = 0; i < 20; ++i) must(tree.remove(tree.root(), "f" + std::to_string(i)));
  tree.maintain();
  CHECK(kept(tree).lists == 0);
  CHECK(kept(tree).inodes == 0);
  tree.check_clean();
}

TEST_CASE("lists of removed files that have an object go when those are reclaimed") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(10'000, 'x')));
  must(tree.set_list(f, "A::u7:r"));
  must(tree.remove(tree.root(), "f"));
  CHECK(kept(tree).inodes == 1);
  tree.maintain();
  CHECK(kept(tree).lists == 0);
  tree.check_clean();
}

TEST_CASE("lists whose hashes collide are kept apart") {
  Tree tree(Engine::Memory, {.name_hash_mask = 0});
  std::vector<NodeId> files;
  for (int i = 0; i < 8; ++i) {
    files.push_back(tree.file_id(tree.root(), "f" + std::to_string(i)));
    must(tree.set_list(files.back(), "A::u" + std::to_string(i) + ":r"));
  }
  // A gap in the chain is filled by another list, whose id is one that was in use.
  must(tree.set_list(files[2], "A::g99:w"));
  must(tree.set_list(files[3], "A::g99:w"));
  CHECK(tree.list_of(files[2]) == "A::g99:w");
  CHECK(tree.list_of(files[4]) == "A::u4:r");
  CHECK(kept(tree).lists == 7);
  tree.check_clean();
  tree.reopen();
  CHECK(tree.list_of(files[3]) == "A::g99:w");
  CHECK(tree.list_of(files[7]) == "A::u7:r");
}

TEST_CASE("a new mode changes the list, one with a mask of the high bits does not") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.set_list(f, "A::u7:rwa A::OWNER@:rwa A::EVERYONE@:r"));
  must(tree.setattr(f, {.mode = 04711, .mode_mask = 07000}));
  CHECK(permissions(tree, f) == "4644 A::u7:rwa A::OWNER@:rwa A::EVERYONE@:r");
  must(tree.setattr(f, {.mode = 0, .mode_mask = 0004}));
  CHECK(octal(tree.attributes(f).mode) == "4640");
  CHECK(tree.list_of(f) == "A::OWNER@:rwanN A::u7:r A::GROUP@:rn");
  must(tree.setattr(f, {.mode = 0}));
  CHECK(permissions(tree, f) == "0 ");
  tree.check_clean();
}

TEST_CASE("what strips set-id bits leaves the list alone") {
  Tree tree(ANY_ENGINE);
  must(tree.setattr(tree.root(), {.mode = 0777}));
  tree.who = user(10, 20);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.set_list(f, "A::u7:rwax A::OWNER@:rwax A::GROUP@:x"));
  must(tree.setattr(f, {.mode = 06000, .mode_mask = 07000}));
  CHECK(permissions(tree, f) == "6710 A::u7:rwax A::OWNER@:rwax A::GROUP@:x");
  must(tree.write(f, 0, "x"));
  CHECK(permissions(tree, f) == "710 A::u7:rwax A::OWNER@:rwax A::GROUP@:x");
}

TEST_CASE("mode and list at once: the mode first, then the list, of which the permission bits come") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.setattr(f, {.mode = 06777, .acl = std::make_shared<const vfs::Acl>(acl("A::OWNER@:r"))}));
  CHECK(permissions(tree, f) == "6400 A::OWNER@:r");
  must(tree.setattr(f, {.mode = 0, .mode_mask = 04000, .acl = std::make_shared<const vfs::Acl>(acl("A::GROUP@:r"))}));
  CHECK(permissions(tree, f) == "2040 A::GROUP@:r");
}

TEST_CASE("new nodes inherit, by type; a file that is made exclusively without a word of its attributes does not") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  must(tree.set_list(d, "A:fd:u7:rwax A:fdi:EVERYONE@:rx A::EVERYONE@:rwaxD"));
  const NodeId sub = must(tree.create(d, "sub", {.type = FileType::Directory})).node.id;
  const NodeId below = must(tree.create(sub, "below", {.type = FileType::Directory})).node.id;
  const NodeId f = must(tree.create(below, "f", {.type = FileType::Regular})).node.id;
  CHECK(permissions(tree, sub) == "555 A:fdI:u7:rwax A:fdI:EVERYONE@:rx");
  CHECK(permissions(tree, below) == permissions(tree, sub));
  CHECK(permissions(tree, f) == "555 A:I:u7:rwax A:I:EVERYONE@:rx");
  CHECK(kept(tree).lists == 3);
  CHECK(kept(tree).inodes == 4);
  const NodeId fifo = must(tree.create(d, "fifo", {.type = FileType::Fifo})).node.id;
  CHECK(tree.list_of(fifo) == tree.list_of(f));
  const NodeId link = must(tree.make_symlink(d, "link", "target")).node.id;
  CHECK(permissions(tree, link) == "777 none");
  const NodeId moded = tree.file_id(d, "moded", 0640);
  CHECK(permissions(tree, moded) == "640 A::OWNER@:rwanN A:I:u7:r A::GROUP@:rn");
  vfs::CreateRequest exclusive{.mode = vfs::CreateMode::Exclusive, .verifier = 1};
  CHECK(permissions(tree, must(tree.create(d, "silent", exclusive)).node.id) == "600 none");
  exclusive.attributes.mode = 0640;
  CHECK(tree.list_of(must(tree.create(d, "said", exclusive)).node.id) == tree.list_of(moded));
  tree.check_clean();
  tree.reopen();
  CHECK(permissions(tree, f) == "555 A:I:u7:rwax A:I:EVERYONE@:rx");
}

TEST_CASE("lists that a node cannot have are refused, and nothing of the change is made") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f"), d = tree.directory_id(tree.root(), "d");
  const NodeId link = must(tree.make_symlink(tree.root(), "link", "target")).node.id;
  CHECK(error_of(tree.set_list(f, "A:d:u7:r")) == "NotSupported");
  CHECK(error_of(tree.set_list(d, "A:i:u7:r")) == "NotSupported");
  CHECK(error_of(tree.set_list(f, "A:S:u7:r")) == "InvalidArgument");
  CHECK(error_of(tree.set_list(link, "A::u7:r")) == "NotSupported");
  std::string many;
  for (int i = 0; i < 128; ++i) many += "A::u" + std::to_string(i) + ":r ";
  must(tree.set_list(f, many));
  CHECK(error_of(tree.set_list(f, many + "A::u128:r")) == "InvalidArgument");
  vfs::CreateRequest request{.type = FileType::Regular};
  request.attributes.acl = std::make_shared<const vfs::Acl>(acl("A:d:u7:r"));
  CHECK(error_of(tree.create(tree.root(), "new", request)) == "NotSupported");
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"d", "f", "link"});
  CHECK(kept(tree).inodes == 1);
  tree.check_clean();
}

TEST_CASE("a full list that is given modes again and again stays within what is kept") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  std::string many;
  for (int i = 0; i < 128; ++i) many += "A:fd:u" + std::to_string(i) + ":rwaxo ";
  must(tree.set_list(d, many));
  NodeId in = d;
  for (int depth = 0; depth < 4; ++depth) {
    for (const std::uint32_t mode : {0750u, 0u, 0777u}) must(tree.setattr(in, {.mode = mode}));
    in = tree.directory_id(in, "sub", 0755);
  }
  tree.reopen();
  CHECK(octal(tree.attributes(in).mode) == "755");
  tree.check_clean();
}

TEST_CASE("a list that is taken back was never there, and neither was its count") {
  auto owned = std::make_unique<PowerStores>();
  PowerKv& kv = owned->power_kv;
  Tree tree(std::move(owned));
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.set_list(f, "A::u7:r"));
  kv.holding = true;
  must(tree.set_list(f, "A::u8:r"));
  const NodeId g = tree.file_id(tree.root(), "g");
  must(tree.set_list(g, "A::u7:r"));
  kv.take_back(Error::NoSpace);
  CHECK(tree.list_of(f) == "A::u7:r");
  kv.holding = false;
  must(tree.setattr(f, {.mode = 0600}));
  CHECK(tree.list_of(f) == "A::OWNER@:rwanN");
  tree.check_clean();
}

TEST_CASE("lists in memory take the room of inodes there") {
  constexpr int files = 2000;
  const auto left = [](bool listed) {
    Tree tree(Engine::Memory, {.nodes_in_memory = 4096});
    for (int i = 0; i < files; ++i) {
      const NodeId f = tree.file_id(tree.root(), "f" + std::to_string(i));
      std::string letters;
      for (int entry = 0; entry < 100; ++entry) letters += "A::u" + std::to_string(i * 1000 + entry) + ":r ";
      if (listed) must(tree.set_list(f, letters));
    }
    return tree.fs->nodes_in_memory();
  };
  CHECK(left(false) >= files);
  // Some 1.7 KB each beside an inode of 0.7 KB: three in ten of what would fit otherwise.
  CHECK(left(true) < 1400);
}

TEST_CASE("listings show the lists of entries, whether they are in memory or not") {
  Tree tree(ANY_ENGINE);
  for (const char* name : {"a", "b", "c"}) must(tree.set_list(tree.file_id(tree.root(), name), "A::u7:r"));
  (void)tree.file_id(tree.root(), "none");
  for (int pass = 0; pass < 2; ++pass) {
    std::map<std::string, std::string> shown;
    const auto visit = [&](const vfs::DirectoryEntry& entry) {
      shown[std::string(entry.name)] = entry.acl ? text_of(*entry.acl) : "none";
      return true;
    };
    must(tree.on(tree.root(),
                 [&](Context& context, vfs::Node& node) { return tree.fs->readdir(context, node, 0, true, visit); }));
    CHECK(shown["a"] == "A::u7:r");
    CHECK(shown["c"] == "A::u7:r");
    CHECK(shown["none"] == "none");
    tree.reopen();
  }
}

}  // namespace ditto::test
