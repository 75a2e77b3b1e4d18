#include "gate/share.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "fake_file_system.hpp"

using namespace ditto;

namespace {

std::array<std::uint8_t, 16> ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}

gate::Share make(gate::ShareRules rules, std::uint64_t id = 1, std::string name = "export") {
  auto fs = std::make_shared<test::FakeFileSystem>();
  return {id, std::move(name), fs, fs->root(), std::move(rules)};
}

vfs::Credential user(std::uint32_t uid, std::uint32_t gid, std::initializer_list<std::uint32_t> groups = {}) {
  vfs::Credential who;
  who.uid = uid;
  who.gid = gid;
  for (const auto group : groups) who.add_group(group);
  return who;
}

}  // namespace

TEST_CASE("squash none lets everybody be who they claim to be") {
  const auto share = make({.squash = gate::Squash::None});
  CHECK(share.squash(user(0, 0)).uid == 0);
  CHECK(share.squash(user(1000, 100)).uid == 1000);
}

TEST_CASE("root squash maps root, and group 0 of others") {
  const auto share = make({.squash = gate::Squash::Root, .anonymous_uid = 99, .anonymous_gid = 98});
  CHECK(share.squash(user(0, 0)).uid == 99);
  CHECK(share.squash(user(0, 0)).gid == 98);
  const auto other = share.squash(user(1000, 0, {0, 5}));
  CHECK(other.uid == 1000);
  CHECK(other.gid == 98);
  CHECK_FALSE(other.in_group(0));
  CHECK(other.in_group(5));
}

TEST_CASE("squashed identities keep no group of the caller") {
  const auto share = make({.squash = gate::Squash::All});
  const auto who = share.squash(user(1000, 100, {5, 6}));
  CHECK(who.uid == 65534);
  CHECK(who.group_count == 0);
}

TEST_CASE("networks admit by prefix, and an empty list admits everybody") {
  CHECK(make({}).admits(ipv4(203, 0, 113, 1)));
  const auto share = make({.networks = {{ipv4(192, 0, 2, 0), 96 + 23}}});
  CHECK(share.admits(ipv4(192, 0, 2, 9)));
  CHECK(share.admits(ipv4(192, 0, 3, 9)));
  CHECK_FALSE(share.admits(ipv4(192, 0, 4, 9)));
  CHECK_FALSE(share.admits({}));
}

TEST_CASE("names and ids of shares are unique") {
  gate::Shares shares;
  CHECK(shares.add(std::make_shared<gate::Share>(make({}, 1, "a"))));
  CHECK(shares.add(std::make_shared<gate::Share>(make({}, 1, "b"))).error() == Error::Exists);
  CHECK(shares.add(std::make_shared<gate::Share>(make({}, 2, "a"))).error() == Error::Exists);
  CHECK(shares.add(std::make_shared<gate::Share>(make({}, 2, "b"))));
  REQUIRE(shares.find("b"));
  CHECK(shares.find("b")->id() == 2);
  CHECK(shares.find(std::uint64_t{1})->name() == "a");
  CHECK(shares.find("c") == nullptr);
}

TEST_CASE("what was replaced is there until nobody looks at it any more") {
  gate::Shares shares;
  REQUIRE(shares.add(std::make_shared<gate::Share>(make({}, 1, "a"))));
  while (!shares.settled()) shares.collect();
  std::weak_ptr<const gate::Share> first = shares.all().front();
  const int loop = 0;
  auto reader = std::make_unique<Epochs::Reader>(&shares.epochs(), &loop);
  const gate::Share* seen = shares.find("a");
  REQUIRE(seen);
  shares.replace({seen->with_rules({.read_only = true})});
  CHECK_FALSE(seen->rules().read_only);
  CHECK(shares.find("a")->rules().read_only);
  CHECK(shares.find("a")->id() == 1);
  for (int i = 0; i < 3; ++i) CHECK(shares.collect().empty());
  CHECK_FALSE(first.expired());
  reader.reset();
  CHECK(shares.collect().size() == 1);
  CHECK(first.expired());
  CHECK(shares.settled());
}

TEST_CASE("readers on many threads never see what is gone") {
  gate::Shares shares;
  REQUIRE(shares.add(std::make_shared<gate::Share>(make({}, 1, "a"))));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const Epochs::Reader reader(&shares.epochs(), &reader);
        const gate::Share* share = shares.find("a");
        if (!share || share->name() != "a" || share->rules().networks.size() != 3) {
          if (!share || share->name() != "a" || !share->rules().networks.empty()) ++wrong;
        }
      }
    });
  }
  std::size_t collected = 0;
  for (int i = 0; i < 2000; ++i) {
    gate::ShareRules rules;
    if (i % 2 == 0) rules.networks.resize(3);
    shares.replace({shares.find("a")->with_rules(std::move(rules))});
    collected += shares.collect().size();
  }
  stop = true;
  for (auto& each : readers) each.join();
  while (!shares.settled()) collected += shares.collect().size();
  CHECK(wrong == 0);
  CHECK(collected == 2001);
}
