// What the check of a store makes of damage among named streams.
#include "damaged.hpp"

namespace ditto::test {

using namespace vfs;

namespace {

/// `small` has two streams, and `d` one.
struct DamagedStreams : Damaged {
  NodeId streams, first, second, of_directory;

  DamagedStreams() {
    streams = tree.streams_id(small);
    first = tree.file_id(streams, "first");
    second = tree.file_id(streams, "second");
    must(tree.write(first, 0, "1st"));
    must(tree.write(second, 0, std::string(10'000, '2')));
    of_directory = tree.streams_id(d);
    tree.file_id(of_directory, "first");
    tree.check_clean();
  }
  std::vector<std::string> lost() { return tree.names(tree.look_id(tree.root(), "lost+found")); }
  static std::string number_of(NodeId id) { return "#" + std::to_string(id.inode); }
};

}  // namespace

TEST_CASE("streams are counted like everything else") {
  DamagedStreams healthy;
  CheckSummary summary;
  CHECK(healthy.tree.problems(true, &summary).empty());
  CHECK(summary.inodes == 6 + 5);
  CHECK(summary.entries == 6 + 3);
  CHECK(summary.objects == 2);
}

TEST_CASE("a file that forgot its streams has them again") {
  DamagedStreams damaged;
  damaged.change_inode(damaged.small, [](InodeRecord& record) {
    record.streams = 0;
    record.attributes.has_streams = false;
  });
  damaged.expect("the file whose streams it has does not know it");
  CHECK(must(damaged.tree.streams(damaged.small, false)).id == damaged.streams);
  CHECK(damaged.tree.contents(damaged.tree.look_id(damaged.streams, "first")) == "1st");
}

TEST_CASE("streams whose file is gone become files in lost+found") {
  DamagedStreams damaged;
  damaged.change([&](store::KvTransaction& kv) {
    kv.erase(key::inode(damaged.small));
    kv.erase(key::inline_data(damaged.small));
  });
  damaged.expect("there is no file whose streams it has");
  CHECK(damaged.lost() ==
        std::vector<std::string>{DamagedStreams::number_of(damaged.first), DamagedStreams::number_of(damaged.second)});
  CHECK(damaged.tree.contents(damaged.first) == "1st");
  CHECK(damaged.tree.contents(damaged.second).size() == 10'000);
  CHECK(damaged.tree.attributes(damaged.first).role == NodeRole::InTree);
  CHECK(error_of(damaged.tree.getattr(damaged.streams)) == "Stale");
}

TEST_CASE("a file whose directory of streams is gone has none, and they are found again") {
  DamagedStreams damaged;
  damaged.erase(key::inode(damaged.streams));
  damaged.expect("the directory of its streams is missing");
  CHECK_FALSE(damaged.tree.attributes(damaged.small).has_streams);
  CHECK(damaged.lost().size() == 2);
  CHECK(damaged.tree.contents(damaged.second).size() == 10'000);
}

TEST_CASE("a directory of streams that says another file is its own is given back") {
  DamagedStreams damaged;
  damaged.change_inode(damaged.streams, [&](InodeRecord& record) { record.parent = damaged.large.inode; });
  damaged.expect("is said to be that of another");
  CHECK(must(damaged.tree.lookup(damaged.streams, "..")).id == damaged.small);
}

TEST_CASE("two files cannot have the same streams") {
  DamagedStreams damaged;
  damaged.change_inode(damaged.large, [&](InodeRecord& record) {
    record.streams = damaged.streams.inode;
    record.attributes.has_streams = true;
  });
  damaged.expect("the directory of its streams is missing");
  CHECK_FALSE(damaged.tree.attributes(damaged.large).has_streams);
  CHECK(damaged.tree.names(damaged.streams) == std::vector<std::string>{"first", "second"});
}

TEST_CASE("a stream that is said to be another file's is put right") {
  DamagedStreams damaged;
  damaged.change_inode(damaged.first, [&](InodeRecord& record) { record.streams = damaged.large.inode; });
  damaged.expect("it is said to be a stream of another file");
  CHECK(damaged.tree.contents(damaged.first) == "1st");
}

TEST_CASE("a stream without a name becomes a file in lost+found") {
  DamagedStreams damaged;
  damaged.erase(key::entry(damaged.of_directory, damaged.key_of(damaged.of_directory, "first")));
  damaged.expect("no name leads to it");
  CHECK(damaged.lost().size() == 1);
  CHECK_FALSE(damaged.tree.attributes(damaged.d).has_streams);
}

TEST_CASE("a name in the tree leads to no stream, and none among streams to a file") {
  DamagedStreams damaged;
  damaged.change([&](store::KvTransaction& kv) {
    const auto header = must(decode_header(**kv.get(key::header())));
    const NameHash hash(header.name_key);
    kv.put(key::entry(damaged.d, hash.entry_chain("stream")),
           encode(EntryRecord{damaged.first.inode, FileType::Regular, "stream"}));
    kv.put(key::entry(damaged.streams, hash.entry_chain("file")),
           encode(EntryRecord{damaged.large.inode, FileType::Regular, "file"}));
  });
  damaged.expect("it is beside the tree, and no name may lead to it");
  CHECK(damaged.tree.names(damaged.streams) == std::vector<std::string>{"first", "second"});
  CHECK(damaged.tree.names(damaged.d) == std::vector<std::string>{"large", "small", "sub"});
}

TEST_CASE("a file that is wrong about having streams is put right") {
  DamagedStreams damaged;
  damaged.change_inode(damaged.d, [](InodeRecord& record) { record.attributes.has_streams = false; });
  damaged.expect("its record is wrong about having streams");
  CHECK(damaged.tree.attributes(damaged.d).has_streams);
}

}  // namespace ditto::test
