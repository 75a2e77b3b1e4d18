#include <map>
#include <set>

#include "tree.hpp"

namespace ditto::test {

namespace {

// All entries, `step` at a time, with something done between the steps.
template <class Between>
std::vector<Listed> list_in_steps(Tree& tree, NodeId directory, std::size_t step, Between between) {
  std::vector<Listed> all;
  std::uint64_t cookie = 0;
  for (;;) {
    const auto part = must(tree.list(directory, cookie, step));
    all.insert(all.end(), part.begin(), part.end());
    if (part.size() < step) return all;
    cookie = part.back().cookie;
    between(all.size());
  }
}

}  // namespace

TEST_CASE("an empty directory lists dot and dot-dot, with cookies 1 and 2") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const auto entries = must(tree.list(d));
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == ".");
  CHECK(entries[0].id == d);
  CHECK(entries[0].cookie == 1);
  CHECK(entries[1].name == "..");
  CHECK(entries[1].id == tree.root());
  CHECK(entries[1].cookie == 2);
  CHECK(must(tree.list(d, 1)).size() == 1);
  CHECK(must(tree.list(d, 2)).empty());
}

TEST_CASE("cookies grow, stay below 2^63 and continue behind their entry") {
  Tree tree(ANY_ENGINE);
  for (int i = 0; i < 300; ++i) tree.file_id(tree.root(), "f" + std::to_string(i));
  const auto all = must(tree.list(tree.root()));
  REQUIRE(all.size() == 302);
  for (std::size_t i = 1; i < all.size(); ++i) {
    CHECK(all[i].cookie > all[i - 1].cookie);
    CHECK(all[i].cookie < std::uint64_t{1} << 63);
  }
  for (const std::size_t i : {0u, 1u, 2u, 64u, 65u, 66u, 130u, 300u, 301u}) {
    const auto rest = must(tree.list(tree.root(), all[i].cookie));
    REQUIRE(rest.size() == all.size() - i - 1);
    if (!rest.empty()) CHECK(rest[0].name == all[i + 1].name);
  }
}

TEST_CASE("cookies that cannot have been given out are bad") {
  Tree tree(ANY_ENGINE);
  for (const std::uint64_t cookie :
       {std::uint64_t{3}, std::uint64_t{65535}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    CHECK(error_of(tree.list(tree.root(), cookie)) == "BadCookie");
  }
  CHECK(error_of(tree.list(tree.root(), 65536)) == "success");
}

TEST_CASE("a listing that had enough continues with the entry that was refused") {
  Tree tree(ANY_ENGINE);
  for (int i = 0; i < 100; ++i) tree.file_id(tree.root(), std::to_string(i));
  for (const std::size_t step : {1u, 2u, 3u, 63u, 64u, 65u}) {
    std::set<std::string> names;
    for (const Listed& entry : list_in_steps(tree, tree.root(), step, [](std::size_t) {})) {
      CHECK(names.insert(entry.name).second);
    }
    CHECK(names.size() == 102);
  }
}

TEST_CASE("the end is told exactly once it is reached") {
  Tree tree(ANY_ENGINE);
  for (int i = 0; i < 64; ++i) tree.file_id(tree.root(), std::to_string(i));
  const auto end_after = [&](int most) {
    int seen = 0;
    const auto visit = [&](const vfs::DirectoryEntry&) { return seen++ < most; };
    return must(tree.on(tree.root(), [&](Context& context,
                                         vfs::Node& node) { return tree.fs->readdir(context, node, 0, false, visit); }))
        .end;
  };
  CHECK_FALSE(end_after(65));
  CHECK(end_after(66));
  CHECK(end_after(67));
}

TEST_CASE("attributes of entries are those of their nodes, pending changes included") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  for (int i = 0; i < 150; ++i) must(tree.write(tree.file_id(d, std::to_string(i)), 0, std::string(i, 'x')));
  tree.reopen();
  const NodeId pending = tree.look_id(d, "7");
  must(tree.write(pending, 0, std::string(70'000, 'x'), vfs::Stability::Unstable));
  std::map<std::string, Attributes> seen;
  const auto visit = [&](const vfs::DirectoryEntry& entry) {
    REQUIRE(entry.attributes);
    CHECK(entry.attributes->id == entry.id);
    CHECK(entry.attributes->type == entry.type);
    seen.emplace(entry.name, *entry.attributes);
    return true;
  };
  must(tree.on(d, [&](Context& context, vfs::Node& node) { return tree.fs->readdir(context, node, 0, true, visit); }));
  CHECK(seen.size() == 152);
  CHECK(seen.at("7").size == 70'000);
  CHECK(seen.at("100").size == 100);
  CHECK(seen.at(".").id == d);
  CHECK(seen.at("..").id == tree.root());
  CHECK(seen.at("..").link_count == 3);
}

TEST_CASE("of 10,000 entries each that stays is listed once while others come and go") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const int count = 10'000;
  for (int i = 0; i < count; ++i) tree.file_id(d, "stays" + std::to_string(i));
  for (int i = 0; i < 500; ++i) tree.file_id(d, "goes" + std::to_string(i));
  int round = 0;
  const auto all = list_in_steps(tree, d, 97, [&](std::size_t) {
    for (int i = 0; i < 5; ++i) {
      if (round < 500) must(tree.remove(d, "goes" + std::to_string(round)));
      tree.file_id(d, "comes" + std::to_string(round++));
    }
  });
  std::map<std::string, int> seen;
  for (const Listed& entry : all) ++seen[entry.name];
  for (const auto& [name, times] : seen) CHECK(times == 1);
  for (int i = 0; i < count; ++i) CHECK(seen.count("stays" + std::to_string(i)) == 1);
  tree.check_clean();
}

TEST_CASE("listing asks read permission") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d", 0711);
  tree.who = user(10, 20);
  CHECK(error_of(tree.list(d)) == "AccessDenied");
}

TEST_CASE("a directory's size grows with its entries") {
  Tree tree(ANY_ENGINE);
  const auto before = tree.attributes(tree.root()).size;
  CHECK(before == vfs::directory_size(0));
  for (int i = 0; i < 10; ++i) tree.file_id(tree.root(), std::to_string(i));
  CHECK(tree.attributes(tree.root()).size == vfs::directory_size(10));
  CHECK(tree.attributes(tree.root()).space_used == vfs::directory_size(10));
  tree.reopen();
  CHECK(tree.attributes(tree.root()).size == vfs::directory_size(10));
}

}  // namespace ditto::test
