// What a check of a store says of access control lists, and makes of what is wrong with them.
#include "acl/letters.hpp"
#include "tree.hpp"

namespace ditto::test {

using namespace vfs;

namespace {

struct WithLists {
  Tree tree;
  NodeId f, g;
  std::uint64_t list = 0;

  WithLists() {
    f = tree.file_id(tree.root(), "f");
    g = tree.file_id(tree.root(), "g");
    for (const NodeId id : {f, g}) must(tree.set_list(id, "A::OWNER@:rwa D::u7:r A::EVERYONE@:r"));
    list = tree.attributes(f).acl;
    tree.check_clean();
  }
  void change(FunctionRef<void(store::KvTransaction&)> body) { tree.change_records(body); }
  /// Told, mended, and gone.
  void expect(std::string_view words) {
    std::string all;
    for (const std::string& line : tree.problems()) all += line + "\n";
    INFO(all);
    CHECK(all.find(words) != std::string::npos);
    (void)tree.problems(true);
    tree.check_clean();
    tree.reopen();
    tree.check_clean();
  }
};

}  // namespace

TEST_CASE("a wrong count of a list is told and mended") {
  WithLists damaged;
  damaged.change([&](store::KvTransaction& kv) { kv.put(key::list_count(damaged.list), encode_number(7)); });
  damaged.expect("its count is 7, inodes found: 2");
  must(damaged.tree.remove(damaged.tree.root(), "f"));
  must(damaged.tree.remove(damaged.tree.root(), "g"));
  damaged.tree.check_clean();
}

TEST_CASE("a list without a count gets one") {
  WithLists damaged;
  damaged.change([&](store::KvTransaction& kv) { kv.erase(key::list_count(damaged.list)); });
  damaged.expect("it has no count");
}

TEST_CASE("a count that is too low takes the list from nobody") {
  WithLists damaged;
  damaged.change([&](store::KvTransaction& kv) { kv.put(key::list_count(damaged.list), encode_number(0)); });
  must(damaged.tree.remove(damaged.tree.root(), "f"));
  CHECK(damaged.tree.list_of(damaged.g) == "A::OWNER@:rwa D::u7:r A::EVERYONE@:r");
  damaged.expect("its count is 0, inodes found: 1");
}

TEST_CASE("a list that no inode has goes, and its count") {
  WithLists damaged;
  const Acl list = acl("A::u1:r");
  damaged.change([&](store::KvTransaction& kv) {
    kv.put(key::list(1 << 16), encode(list));
    kv.put(key::list_count(1 << 16), encode_number(1));
  });
  damaged.expect("no inode has it");
}

TEST_CASE("nodes whose list is missing are left to their owners") {
  WithLists damaged;
  damaged.change([&](store::KvTransaction& kv) { kv.erase(key::list(damaged.list)); });
  CHECK(error_of(damaged.tree.getattr(damaged.f)) == "Corrupt");
  damaged.expect("is missing, or cannot be read");
  CHECK(damaged.tree.attributes(damaged.f).mode == 0600);
  CHECK(damaged.tree.list_of(damaged.g) == "none");
}

TEST_CASE("a list that cannot be read is told, and decides nothing any more") {
  WithLists damaged;
  damaged.change([&](store::KvTransaction& kv) { kv.put(key::list(damaged.list), bytes_of("?")); });
  std::string all;
  for (const std::string& line : damaged.tree.problems(true)) all += line + "\n";
  INFO(all);
  CHECK(all.find("it cannot be read") != std::string::npos);
  CHECK(damaged.tree.attributes(damaged.f).mode == 0600);
  CHECK(damaged.tree.attributes(damaged.g).mode == 0600);
}

TEST_CASE("a record of a list is read only if it is one") {
  const Acl list = acl("A:fd:u7:r D::EVERYONE@:w");
  const std::vector<std::byte> good = encode(list);
  CHECK(must(decode_list(good)) == list);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const bool whole = size == 3 || size == 14;  // shorter lists
    CHECK(decode_list(Bytes(good).first(size)).has_value() == whole);
  }
  for (const auto& [at, value] :
       std::initializer_list<std::pair<std::size_t, int>>{{0, 2}, {1, 8}, {2, 0x80}, {3, 4}, {4, 0x40}, {5, 15}}) {
    std::vector<std::byte> bad = good;
    bad[at] = static_cast<std::byte>(value);
    CAPTURE(at);
    CHECK(error_of(decode_list(bad)) == "Corrupt");
  }
  Acl long_one;
  long_one.aces.resize(Acl::max_kept + 1);
  CHECK(error_of(decode_list(encode(long_one))) == "Corrupt");
}

}  // namespace ditto::test
