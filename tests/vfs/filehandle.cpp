#include "vfs/filehandle.hpp"

#include "tree.hpp"

namespace ditto::test {

using vfs::Filehandle;

namespace {
const crypto::SipHashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
const Filehandle sample{
    .share = 0x1112131415161718, .store = 0x2122232425262728, .node = {0x31323334, 0x4142434445464748}};
}  // namespace

TEST_CASE("a filehandle has the bytes that its format says") {
  const auto wire = sample.seal(key);
  const std::string_view expected =
      "\x01\x00\x00\x00\x11\x12\x13\x14\x15\x16\x17\x18\x21\x22\x23\x24\x25\x26\x27\x28\x41\x42\x43\x44\x45\x46\x47\x48"
      "\x31\x32\x33\x34"sv;
  CHECK(ditto::text_of(Bytes(wire).first(32)) == expected);
  CHECK(load_be<std::uint64_t>(wire.data() + 32) == crypto::siphash(key, Bytes(wire).first(32)));
}

TEST_CASE("a filehandle that was sealed is parsed and verified") {
  const auto wire = sample.seal(key);
  const Filehandle parsed = must(Filehandle::parse(wire));
  CHECK(parsed.share == sample.share);
  CHECK(parsed.store == sample.store);
  CHECK(parsed.node == sample.node);
  CHECK(Filehandle::verify(wire, key));
}

TEST_CASE("a filehandle with any bit changed is not ours") {
  const auto wire = sample.seal(key);
  for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
    auto forged = wire;
    forged[bit / 8] ^= std::byte(1 << bit % 8);
    CHECK_FALSE(Filehandle::verify(forged, key));
  }
}

TEST_CASE("a filehandle sealed with another key is not ours") {
  CHECK_FALSE(Filehandle::verify(sample.seal({key[0], key[1] + 1}), key));
  CHECK_FALSE(Filehandle::verify(sample.seal({key[1], key[0]}), key));
}

TEST_CASE("a filehandle of another length or version is not ours") {
  const auto wire = sample.seal(key);
  for (std::size_t size = 0; size < wire.size(); ++size) {
    CHECK(error_of(Filehandle::parse(Bytes(wire).first(size))) == "BadHandle");
    CHECK_FALSE(Filehandle::verify(Bytes(wire).first(size), key));
  }
  std::vector<std::byte> longer(wire.begin(), wire.end());
  longer.push_back(std::byte{0});
  CHECK(error_of(Filehandle::parse(longer)) == "BadHandle");
  for (const std::byte version : {std::byte{0}, std::byte{2}, std::byte{255}}) {
    auto other = wire;
    other[0] = version;
    CHECK(error_of(Filehandle::parse(other)) == "BadHandle");
  }
}

TEST_CASE("the key of filehandles stays with the store, and another store has another") {
  Tree tree(ANY_ENGINE);
  const auto before = tree.fs->filehandle_key();
  const auto store = tree.fs->store_id();
  tree.reopen();
  CHECK(tree.fs->filehandle_key() == before);
  CHECK(tree.fs->store_id() == store);
  CHECK(store != 0);
  const auto stores = make_stores(Engine::Memory);
  SeededRandom random(7);
  const auto other = vfs::DittoFs::open(stores->kv(), stores->data(), tree.clock, random, null_log());
  REQUIRE(other.has_value());
  CHECK((*other)->store_id() != store);
  CHECK((*other)->filehandle_key() != before);
}

TEST_CASE("a node of another subvolume or with a number nobody has is stale") {
  Tree tree(ANY_ENGINE);
  CHECK(error_of(tree.getattr({1, tree.root().inode})) == "Stale");
  CHECK(error_of(tree.getattr({0, 0})) == "Stale");
  CHECK(error_of(tree.getattr({0, 999'999'999})) == "Stale");
}

}  // namespace ditto::test
