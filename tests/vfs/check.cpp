// The check of a whole store: every kind of damage is planted, told, and repaired where that can be. What it says of
// streams is in check_streams.cpp.
#include "damaged.hpp"

namespace ditto::test {

using namespace vfs;

TEST_CASE("a healthy store has no problems, and its parts are counted") {
  Damaged healthy;
  CheckSummary summary;
  CHECK(healthy.tree.problems(true, &summary).empty());
  CHECK(summary.inodes == 6);
  CHECK(summary.entries == 6);
  CHECK(summary.objects == 1);
  CHECK(summary.problems == 0);
}

TEST_CASE("an entry whose inode is missing is removed") {
  Damaged damaged;
  damaged.change([&](store::KvTransaction& kv) {
    kv.erase(key::inode(damaged.link));
    kv.erase(key::inline_data(damaged.link));
  });
  damaged.expect("there is no inode");
  CHECK(damaged.tree.names(damaged.sub) == std::vector<std::string>{"second"});
}

TEST_CASE("entries of a directory that is missing are removed, and what they named is found again") {
  Damaged damaged;
  damaged.erase(key::inode(damaged.sub));
  damaged.expect("there is no such directory");
  const NodeId home = damaged.tree.look_id(damaged.tree.root(), "lost+found");
  CHECK(must(damaged.tree.readlink(damaged.tree.look_id(home, "#" + std::to_string(damaged.link.inode)))) == "target");
  CHECK(damaged.tree.attributes(damaged.small).link_count == 1);
}

TEST_CASE("an inode without a name gets one in lost+found") {
  Damaged damaged;
  damaged.erase(key::entry(damaged.d, damaged.key_of(damaged.d, "large")));
  damaged.expect("no name leads to it");
  const NodeId home = damaged.tree.look_id(damaged.tree.root(), "lost+found");
  CHECK(damaged.tree.attributes(home).mode == 0700);
  CHECK(damaged.tree.look_id(home, "#" + std::to_string(damaged.large.inode)) == damaged.large);
  CHECK(damaged.tree.contents(damaged.large).size() == 10'000);
}

TEST_CASE("a directory without a name gets one in lost+found, with all that is below it") {
  Damaged damaged;
  damaged.erase(key::entry(damaged.tree.root(), damaged.key_of(damaged.tree.root(), "d")));
  damaged.expect("no name leads to it");
  const NodeId home = damaged.tree.look_id(damaged.tree.root(), "lost+found");
  CHECK(damaged.tree.look_id(home, "#" + std::to_string(damaged.d.inode)) == damaged.d);
  CHECK(must(damaged.tree.lookup(damaged.d, "..")).id == home);
  CHECK(damaged.tree.look_id(damaged.d, "sub") == damaged.sub);
}

TEST_CASE("directories in a circle are brought back to the root") {
  Damaged damaged;
  const std::uint64_t key_d = damaged.key_of(damaged.tree.root(), "d");
  damaged.change([&](store::KvTransaction& kv) {
    // d moves into its own subdirectory, as no rename would have it.
    kv.erase(key::entry(damaged.tree.root(), key_d));
    InodeRecord d = must(decode_inode(**kv.get(key::inode(damaged.d)), damaged.d));
    d.parent = damaged.sub.inode;
    d.entry_key = key_d;
    kv.put(key::inode(damaged.d), encode(d));
    kv.put(key::entry(damaged.sub, key_d), encode(EntryRecord{damaged.d.inode, FileType::Directory, "d"}));
  });
  damaged.expect("no way leads up from it to the root");
  CHECK(damaged.tree.look_id(damaged.d, "sub") == damaged.sub);
}

TEST_CASE("wrong link counts are corrected") {
  Damaged damaged;
  NodeId Damaged::* const one = GENERATE(&Damaged::small, &Damaged::large, &Damaged::d, &Damaged::sub);
  const NodeId which = damaged.*one;
  damaged.change_inode(which, [](InodeRecord& record) { ++record.attributes.link_count; });
  damaged.expect("link count");
}

TEST_CASE("a link count of nothing with names is corrected") {
  Damaged damaged;
  damaged.change([&](store::KvTransaction& kv) {
    InodeRecord small = must(decode_inode(**kv.get(key::inode(damaged.small)), damaged.small));
    small.attributes.link_count = 0;
    kv.put(key::inode(damaged.small), encode(small));
    kv.put(key::orphan_inode(damaged.small), encode_number(0));
  });
  damaged.expect("listed as an orphan and has names");
  damaged.tree.maintain();
  CHECK(damaged.tree.contents(damaged.small) == "contents");
  CHECK(damaged.tree.attributes(damaged.small).link_count == 2);
}

TEST_CASE("wrong entry counts are corrected") {
  Damaged damaged;
  damaged.change_inode(damaged.d, [](InodeRecord& record) { record.entries = 77; });
  damaged.expect("claims 77 entries");
}

TEST_CASE("a directory whose record knows another parent is moved to where its record says or loses its name") {
  Damaged damaged;
  damaged.change_inode(damaged.sub, [&](InodeRecord& record) { record.parent = damaged.tree.root().inode; });
  damaged.expect("has its name elsewhere");
  CHECK(damaged.tree.look_id(damaged.sub, "link") == damaged.link);
}

TEST_CASE("a second name of a directory is removed") {
  Damaged damaged;
  damaged.change([&](store::KvTransaction& kv) {
    const auto header = must(decode_header(**kv.get(key::header())));
    const NameHash hash(header.name_key);
    kv.put(key::entry(damaged.tree.root(), hash.entry_chain("again")),
           encode(EntryRecord{damaged.sub.inode, FileType::Directory, "again"}));
  });
  damaged.expect("has its name elsewhere");
  CHECK(damaged.tree.names(damaged.tree.root()) == std::vector<std::string>{"d"});
  CHECK(damaged.tree.look_id(damaged.d, "sub") == damaged.sub);
}

TEST_CASE("an entry that is not where its name belongs is removed") {
  Damaged damaged;
  damaged.change([&](store::KvTransaction& kv) {
    kv.put(key::entry(damaged.d, NameHash::first_key),
           encode(EntryRecord{damaged.small.inode, FileType::Regular, "misplaced"}));
  });
  damaged.expect("not where its name belongs");
}

TEST_CASE("a name that is there twice is there once after the repair") {
  Damaged damaged;
  const std::uint64_t there = damaged.key_of(damaged.d, "large");
  damaged.change([&](store::KvTransaction& kv) {
    kv.put(key::entry(damaged.d, there + 1), encode(EntryRecord{damaged.small.inode, FileType::Regular, "large"}));
  });
  damaged.expect("the name is there twice");
  CHECK(damaged.tree.look_id(damaged.d, "large") == damaged.large);
}

TEST_CASE("an entry of the wrong type is corrected") {
  Damaged damaged;
  const std::uint64_t there = damaged.key_of(damaged.d, "large");
  damaged.change([&](store::KvTransaction& kv) {
    kv.put(key::entry(damaged.d, there), encode(EntryRecord{damaged.large.inode, FileType::Fifo, "large"}));
  });
  damaged.expect("another type");
  CHECK(must(damaged.tree.list(damaged.d)).size() == 5);
}

TEST_CASE("inline contents that nobody has are removed, missing ones are told") {
  Damaged damaged;
  SECTION("of no inode") {
    damaged.change([](store::KvTransaction& kv) { kv.put(key::inline_data({0, 4711}), bytes_of("stray")); });
    damaged.expect("inline contents that it does not have");
  }
  SECTION("of a file with an object") {
    damaged.change([&](store::KvTransaction& kv) { kv.put(key::inline_data(damaged.large), bytes_of("stray")); });
    damaged.expect("inline contents that it does not have");
  }
  SECTION("missing") {
    damaged.erase(key::inline_data(damaged.small));
    damaged.expect("its contents are missing");
    CHECK(damaged.tree.contents(damaged.small).empty());
  }
  SECTION("of another size") {
    damaged.change(
        [&](store::KvTransaction& kv) { kv.put(key::inline_data(damaged.small), bytes_of("longer contents")); });
    damaged.expect("its inline contents have 15 bytes");
    CHECK(damaged.tree.contents(damaged.small) == "longer contents");
  }
}

TEST_CASE("extended attributes are compared with their inode") {
  Damaged damaged;
  SECTION("of no inode") {
    damaged.change([](store::KvTransaction& kv) {
      kv.put(key::xattr({0, 4711}, NameHash::first_key), encode(XattrRecord{"n", bytes_of("v")}));
    });
    damaged.expect("there is no such inode");
  }
  SECTION("where they do not belong") {
    damaged.change([&](store::KvTransaction& kv) {
      kv.put(key::xattr(damaged.large, NameHash::first_key), encode(XattrRecord{"n", bytes_of("v")}));
    });
    damaged.expect("not where its name belongs");
  }
  SECTION("that the record does not know of") {
    damaged.change_inode(damaged.large, [](InodeRecord& record) { record.has_xattrs = false; });
    damaged.expect("wrong about having extended attributes");
  }
  SECTION("that the record claims") {
    damaged.change_inode(damaged.small, [](InodeRecord& record) { record.has_xattrs = true; });
    damaged.expect("wrong about having extended attributes");
  }
}

TEST_CASE("orphans are compared with their inode") {
  Damaged damaged;
  SECTION("an entry for nothing") {
    damaged.change([](store::KvTransaction& kv) { kv.put(key::orphan_inode({0, 4711}), encode_number(0)); });
    damaged.expect("only an orphan entry");
  }
  SECTION("an inode that nothing will reclaim") {
    must(damaged.tree.remove(damaged.d, "large"));
    damaged.erase(key::orphan_inode(damaged.large));
    damaged.expect("not listed as an orphan");
    damaged.tree.maintain();
    CheckSummary summary;
    CHECK(damaged.tree.problems(false, &summary).empty());
    CHECK(summary.objects == 0);
  }
  SECTION("an object that is a file's") {
    store::ObjectId object = 0;
    must(damaged.tree.stores->data().for_each([&](store::ObjectId id, std::uint64_t) { return object = id, true; }));
    damaged.change([&](store::KvTransaction& kv) { kv.put(key::orphan_object(object), encode_number(0)); });
    damaged.expect("listed as an orphan and belongs to a file");
    damaged.tree.maintain();
    CHECK(damaged.tree.contents(damaged.large).size() == 10'000);
  }
}

TEST_CASE("wrong usage counters are corrected") {
  Damaged damaged;
  damaged.change([](store::KvTransaction& kv) { kv.put(key::usage(), encode(UsageRecord{1, 2})); });
  damaged.expect("the usage counters say 1 inodes with 2 bytes");
}

TEST_CASE("an object that no file has is a leftover, and goes") {
  Damaged damaged;
  must(damaged.tree.stores->data().write(999'999, 0, chain_of("left"), Blocking::Allowed));
  CheckSummary summary;
  CHECK(damaged.tree.problems(false, &summary).size() == 1);
  CHECK(summary.problems == 0);
  CHECK(summary.leftovers == 1);
  damaged.tree.problems(true, &summary);
  CHECK(summary.leftovers == 1);
  damaged.tree.check_clean();
}

TEST_CASE("an object that two files claim is told, and not repaired") {
  Damaged damaged;
  store::ObjectId object = 0;
  must(damaged.tree.stores->data().for_each([&](store::ObjectId id, std::uint64_t) { return object = id, true; }));
  const NodeId other = damaged.tree.file_id(damaged.d, "other");
  damaged.change_inode(other, [&](InodeRecord& record) { record.object = object; });
  CheckSummary summary;
  damaged.tree.problems(true, &summary);
  CHECK(summary.problems == 1);
  CHECK(summary.repaired == 0);
}

TEST_CASE("records that cannot be read are told and left alone, with all that belongs to them") {
  Damaged damaged;
  CheckSummary summary;
  SECTION("an inode") {
    damaged.change([&](store::KvTransaction& kv) { kv.put(key::inode(damaged.large), bytes_of("garbage")); });
    const auto lines = damaged.tree.problems(true, &summary);
    CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
      return line.find("its record cannot be read") != std::string::npos;
    }));
    CHECK(damaged.tree.names(damaged.d) == std::vector<std::string>{"large", "small", "sub"});
    std::size_t objects = 0;
    must(damaged.tree.stores->data().for_each([&](store::ObjectId, std::uint64_t) { return ++objects, true; }));
    CHECK(objects == 1);
    CHECK(error_of(damaged.tree.getattr(damaged.large)) == "Corrupt");
    CHECK(error_of(damaged.tree.lookup(damaged.d, "large")) == "Corrupt");
  }
  SECTION("an entry") {
    const std::uint64_t there = damaged.key_of(damaged.d, "large");
    damaged.change([&](store::KvTransaction& kv) { kv.put(key::entry(damaged.d, there), bytes_of("garbage")); });
    damaged.tree.problems(true, &summary);
    CHECK(error_of(damaged.tree.lookup(damaged.d, "large")) == "Corrupt");
    CHECK(error_of(damaged.tree.lookup(damaged.d, "small")) == "success");
    CHECK(error_of(damaged.tree.list(damaged.d)) == "Corrupt");
  }
  CHECK(summary.problems > summary.repaired);
}

TEST_CASE("the progress of a check is told") {
  Damaged damaged;
  int heard = 0;
  must(damaged.tree.fs->check_store({}, [](std::string_view) {}, [&](const CheckSummary&) { ++heard; }));
  CHECK(heard > 0);
}

}  // namespace ditto::test
