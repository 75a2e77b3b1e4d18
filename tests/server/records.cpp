// The records of clients and of promises in the server's store: their bytes, what is Corrupt, and what a change of the
// state does to them.
#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "base/crc32c.hpp"
#include "base/pool.hpp"
#include "server/clients/client_records.hpp"
#include "server/clients/object_record_format.hpp"
#include "store/store.hpp"

using namespace ditto;
using namespace ditto::server;
using state::ObjectRecord;
using state::Persist;

namespace {

const ObjectRecord sample{.kind = ObjectRecord::Kind::Handle,
                          .incarnation = 0x01020304,
                          .number = 0x1112131415161718,
                          .file = {.store = 0x21, .inode = 0x22, .subvolume = 0x23, .stream = 0x24},
                          .who = {{state::Protocol::Smb, "client"}, "owner"},
                          .mode = {state::Share::Both, state::Share::Write},
                          .range = {.first = 0x31, .last = 0x32, .empty = true},
                          .lock = state::LockKind::Exclusive,
                          .caching = state::caching::rwh,
                          .key = {0x41, 0x42},
                          .principal = "user",
                          .timeout_ms = 0x51};

std::string hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[static_cast<std::size_t>(byte) >> 4U];
    text += digits[static_cast<std::size_t>(byte) & 15U];
  }
  return text;
}

Persist change_of(Persist::What what, const ObjectRecord& object) {
  Persist change;
  change.what = what;
  change.object = object;
  return change;
}
Persist change_of(Persist::What what, const state::ClientRecord& record) {
  Persist change;
  change.what = what;
  change.record = record;
  return change;
}

struct World {
  std::unique_ptr<store::Store> store = store::memory_store();
  BlockingPool pool{1};
  ClientRecords records{store->kv, pool};

  bool apply(const Persist& change) {
    std::promise<bool> durable;
    records.apply(change, [&](bool is) { durable.set_value(is); });
    return durable.get_future().get();
  }
};

state::ClientRecord client(state::Incarnation incarnation, std::string owner) {
  return {.id = state::ClientId{incarnation} << 32 | 1, .key = {state::Protocol::Nfs41, std::move(owner)}};
}

}  // namespace

TEST_CASE("the record of a promise has the bytes that its format says") {
  const ObjectKey key = object_record_key(sample);
  CHECK(hex(key) == "83010203041112131415161718");
  const std::vector<std::byte> bytes = encode_object_record(sample);
  const Bytes front = Bytes(bytes).first(bytes.size() - 4);
  CHECK(hex(front) ==
        "0104030302070100"
        "0000000000000021"
        "0000000000000022"
        "00000023"
        "0000000000000024"
        "0000000000000031"
        "0000000000000032"
        "01"
        "0000000000000041"
        "0000000000000042"
        "00000051"
        "0006636c69656e74"
        "00056f776e6572"
        "000475736572");
  CHECK(load_be<std::uint32_t>(bytes.data() + front.size()) == crc32c(front, crc32c(key)));
  const auto back = decode_object_record(key, bytes);
  REQUIRE(back);
  CHECK(*back == sample);
}

TEST_CASE("a record with any bit changed, or of another length, is Corrupt") {
  ObjectKey key = object_record_key(sample);
  std::vector<std::byte> bytes = encode_object_record(sample);
  for (std::size_t bit = 0; bit < (key.size() - 1) * 8; ++bit) {
    const auto mask = std::byte{1} << (bit % 8);
    key[1 + bit / 8] ^= mask;
    CHECK_FALSE(decode_object_record(key, bytes));
    key[1 + bit / 8] ^= mask;
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = std::byte{1} << (bit % 8);
    bytes[bit / 8] ^= mask;
    CHECK_FALSE(decode_object_record(key, bytes));
    bytes[bit / 8] ^= mask;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_object_record(key, Bytes(bytes).first(size)));
  CHECK_FALSE(decode_object_record(Bytes(key).first(key.size() - 1), bytes));
}

TEST_CASE("a field that cannot be is Corrupt, whatever its checksum says") {
  const ObjectKey key = object_record_key(sample);
  for (const auto& [at, value] : {std::pair{0, 2}, {1, 5}, {2, 4}, {3, 8}, {4, 8}, {5, 8}, {6, 2}, {7, 1}, {52, 2}}) {
    CAPTURE(at);
    std::vector<std::byte> bytes = encode_object_record(sample);
    bytes[static_cast<std::size_t>(at)] = std::byte(value);
    const Bytes front = Bytes(bytes).first(bytes.size() - 4);
    store_be(bytes.data() + front.size(), crc32c(front, crc32c(key)));
    CHECK_FALSE(decode_object_record(key, bytes));
  }
}

TEST_CASE("what is put is there again, in place of what had its key, until it is removed") {
  World world;
  CHECK(world.records.load_objects()->empty());
  ObjectRecord second = sample;
  ++second.number;
  REQUIRE(world.apply(change_of(Persist::What::PutObject, sample)));
  REQUIRE(world.apply(change_of(Persist::What::PutObject, second)));
  ObjectRecord less = sample;
  less.mode.deny = state::Share::None;
  REQUIRE(world.apply(change_of(Persist::What::PutObject, less)));
  CHECK(*world.records.load_objects() == std::vector{less, second});
  REQUIRE(world.apply(change_of(Persist::What::RemoveObject, sample)));
  CHECK(*world.records.load_objects() == std::vector{second});
  CHECK(world.records.load()->empty());
}

TEST_CASE("the end of grace removes what is of earlier incarnations, clients and promises") {
  World world;
  const state::ClientRecord before = client(3, "before"), now = client(4, "now");
  state::ClientRecord cut_off = client(4, "cut off");
  cut_off.id += 1;
  ObjectRecord old = sample, current = sample;
  old.incarnation = 3;
  current.incarnation = 4;
  for (const auto& record : {before, now, cut_off}) REQUIRE(world.apply(change_of(Persist::What::Put, record)));
  for (const auto& record : {old, current}) REQUIRE(world.apply(change_of(Persist::What::PutObject, record)));
  cut_off.cut_off = true;
  Persist end;
  end.what = Persist::What::EndGrace;
  end.keep_from = 4;
  end.cut_off = {cut_off};
  REQUIRE(world.apply(end));
  CHECK(*world.records.load() == std::vector{now, cut_off});
  CHECK(*world.records.load_objects() == std::vector{current});
}

TEST_CASE("after close() nothing is durable any more") {
  World world;
  world.records.close();
  CHECK_FALSE(world.apply(change_of(Persist::What::PutObject, sample)));
  CHECK(world.records.load_objects()->empty());
}
