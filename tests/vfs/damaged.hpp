// A store that is damaged on purpose, and what its check is expected to make of that.
#pragma once

#include "tree.hpp"
#include "vfs/keys.hpp"
#include "vfs/records.hpp"

namespace ditto::test {

/// A tree with something of everything, closed, so that records can be changed under it.
struct Damaged {
  Tree tree;
  NodeId d, sub, small, large, link;

  Damaged() {
    d = tree.directory_id(tree.root(), "d");
    sub = tree.directory_id(d, "sub");
    small = tree.file_id(d, "small");
    large = tree.file_id(d, "large");
    must(tree.write(small, 0, "contents"));
    must(tree.write(large, 0, std::string(10'000, 'x')));
    link = must(tree.make_symlink(sub, "link", "target")).node.id;
    must(tree.link(small, sub, "second"));
    must(tree.on(large, [&](Context& context, vfs::Node& node) {
      return tree.fs->setxattr(context, node, "name", bytes_of("value"), vfs::XattrMode::Either);
    }));
    tree.check_clean();
  }

  void change(FunctionRef<void(store::KvTransaction&)> body) { tree.change_records(body); }
  void change_inode(NodeId id, FunctionRef<void(vfs::InodeRecord&)> edit) {
    change([&](store::KvTransaction& kv) {
      vfs::InodeRecord record = must(vfs::decode_inode(**kv.get(vfs::key::inode(id)), id));
      edit(record);
      kv.put(vfs::key::inode(id), vfs::encode(record));
    });
  }
  void erase(Bytes key) {
    change([&](store::KvTransaction& kv) { kv.erase(key); });
  }
  std::uint64_t key_of(NodeId directory, std::string_view name) {
    for (const Listed& entry : must(tree.list(directory))) {
      if (entry.name == name) return entry.cookie;
    }
    FAIL("no entry " << name);
    return 0;
  }

  // The problems are told, contain `words`, and are gone after the repair.
  void expect(std::string_view words) {
    vfs::CheckSummary told, mended;
    const auto lines = tree.problems(false, &told);
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    INFO(all);
    CHECK(all.find(words) != std::string::npos);
    CHECK(told.problems > 0);
    CHECK(told.repaired == 0);
    // A check that does not repair changes nothing.
    CHECK(tree.problems() == lines);
    for (const std::string& line : tree.problems(true, &mended)) UNSCOPED_INFO(line);
    CHECK(mended.repaired > 0);
    CHECK(mended.repaired == mended.problems);
    tree.check_clean();
    tree.reopen();
    tree.check_clean();
  }
};

}  // namespace ditto::test
