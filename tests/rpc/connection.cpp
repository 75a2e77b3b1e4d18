#include "rpc/connection.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "rpc/memory_connection.hpp"
#include "support/manual_durable.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using toy::Number;

namespace {

std::vector<std::uint32_t> xids_of(const std::vector<BufferChain>& replies) {
  std::vector<std::uint32_t> xids;
  for (const BufferChain& reply : replies) xids.push_back(xid_of(reply));
  return xids;
}

}  // namespace

TEST_CASE("A call is answered within received()") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(call(7, toy::ECHO, data_of(5)));
  REQUIRE(client.replies().size() == 1);
  CHECK(xid_of(client.replies()[0]) == 7);
  CHECK(client.connection->calls_in_flight() == 0);
  CHECK(client.connection->bytes_in_flight() == 0);
}

TEST_CASE("Several calls in one piece, a call in many pieces") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::NULL_), call(2, toy::ECHO, data_of(100)), call(3, toy::NULL_)}));
  CHECK(xids_of(client.replies()) == std::vector<std::uint32_t>{1, 2, 3});
  const Buffer pieces = call(4, toy::ECHO, data_of(10));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    CHECK(client.replies().size() == 3);
    client.received(pieces.slice(i, 1));
  }
  REQUIRE(client.replies().size() == 4);
  CHECK(to_hex(client.replies()[3].slice(results_offset, 16)) == "0000000a5a5a5a5a5a5a5a5a5a5a0000");
}

TEST_CASE("A payload is linked from what came to what goes") {
  MemoryHost host;
  MemoryConnection client(host);
  Buffer bytes = call(1, toy::ECHO, data_of(100000));
  const std::byte* payload = bytes.data() + bytes.size() - 100000;
  client.received(std::move(bytes));
  REQUIRE(client.replies().size() == 1);
  bool linked = false;
  for (const Buffer& slice : client.replies()[0].buffers()) linked = linked || slice.data() == payload;
  CHECK(linked);
}

TEST_CASE("Calls are answered as they finish") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::HOLD, Number{11}), call(2, toy::HOLD, Number{22}), call(3, toy::NULL_),
                          call(4, toy::HOLD, Number{44})}));
  CHECK(xids_of(client.replies()) == std::vector<std::uint32_t>{3});
  CHECK(client.connection->calls_in_flight() == 3);
  host.toy.held.release(2);
  host.loop.run();
  host.toy.held.release(0);
  host.loop.run();
  host.toy.held.release(0);
  host.loop.run();
  CHECK(xids_of(client.replies()) == std::vector<std::uint32_t>{3, 4, 1, 2});
  CHECK(number_in(client.replies()[1]) == 44);
  CHECK(number_in(client.replies()[2]) == 11);
  CHECK(client.connection->calls_in_flight() == 0);
}

TEST_CASE("A lost stream ends the connection once, with a reason; what was asked before is answered before") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::NULL_), Buffer::copy_of(hex_bytes("ffffffff")), call(2, toy::NULL_)}));
  CHECK(xids_of(client.replies()) == std::vector<std::uint32_t>{1});
  CHECK(client.transport.closes == 1);
  CHECK(client.transport.close_reason == "announced a fragment that is too long");
  CHECK(client.transport.idles == 1);
  client.received(call(3, toy::NULL_));
  CHECK(client.replies().size() == 1);
  CHECK(client.transport.closes == 1);
}

TEST_CASE("A reply waits until what it rests on is durable") {
  MemoryHost host;
  ManualDurable store;
  host.toy.source = &store;
  host.toy.lsn = 5;
  MemoryConnection client(host);
  client.received(call(1, toy::REST));
  CHECK(client.replies().empty());
  store.advance(4);
  CHECK(host.loop.run() == 0);
  store.advance(5);
  CHECK(client.replies().empty());  // not on the store's thread
  CHECK(host.loop.run() == 1);
  REQUIRE(client.replies().size() == 1);
  CHECK(number_in(client.replies()[0]) == 0);
  // Now it is durable: no suspension.
  client.received(call(2, toy::REST));
  CHECK(client.replies().size() == 2);
}

TEST_CASE("A change that was taken back turns the reply into the procedure's failure, or into SYSTEM_ERR") {
  MemoryHost host;
  ManualDurable store;
  host.toy.source = &store;
  host.toy.lsn = 5;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::REST), call(2, toy::REST_MUTE)}));
  store.take_back(5, Error::NoSpace);
  host.loop.run();
  REQUIRE(client.replies().size() == 2);
  CHECK(accept_stat_of(client.replies()[0]) == 0);
  CHECK(number_in(client.replies()[0]) == toy::io_status);
  CHECK(accept_stat_of(client.replies()[1]) == 5);
  CHECK(client.replies()[1].size() == results_offset);
}

TEST_CASE("A retry of a running call, from another connection of the client, waits and gets the same bytes") {
  MemoryHost host;
  host.toy.make_waits = true;
  MemoryConnection client(host, peer_at(1, 700));
  MemoryConnection again(host, peer_at(1, 701));
  client.received(call(9, toy::MAKE, Number{1}));
  again.received(call(9, toy::MAKE, Number{1}));
  CHECK(host.toy.made == 1);
  CHECK(host.toy.held.count() == 1);
  host.toy.held.release_all();
  host.loop.run();
  REQUIRE(client.replies().size() == 1);
  REQUIRE(again.replies().size() == 1);
  CHECK(client.replies()[0] == again.replies()[0]);
  CHECK(number_in(again.replies()[0]) == 1);
}

TEST_CASE("A retry waits for durability with the first one, also when that one's connection is gone") {
  MemoryHost host;
  ManualDurable store;
  host.toy.source = &store;
  host.toy.lsn = 5;
  MemoryConnection client(host, peer_at(1, 700));
  MemoryConnection again(host, peer_at(1, 701));
  client.received(call(9, toy::MAKE, Number{1}));
  client.destroy();
  again.received(call(9, toy::MAKE, Number{1}));
  CHECK(again.replies().empty());
  store.advance(5);
  host.loop.run();
  CHECK(host.toy.made == 1);
  REQUIRE(again.replies().size() == 1);
  CHECK(number_in(again.replies()[0]) == 1);
  CHECK(client.replies().empty());
}

TEST_CASE("A retry after the answer gets the same bytes and changes nothing; other arguments run") {
  MemoryHost host;
  MemoryConnection client(host, peer_at(1, 700));
  client.received(call(9, toy::MAKE, Number{1}));
  MemoryConnection again(host, peer_at(1, 701));
  again.received(call(9, toy::MAKE, Number{1}));
  CHECK(host.toy.made == 1);
  CHECK(again.replies()[0] == client.replies()[0]);
  again.received(call(9, toy::MAKE, Number{2}));
  CHECK(host.toy.made == 2);
  CHECK(number_in(again.replies()[1]) == 2);
  MemoryConnection stranger(host, peer_at(2, 700));
  stranger.received(call(9, toy::MAKE, Number{1}));
  CHECK(host.toy.made == 3);
}

TEST_CASE("Idempotent procedures never touch the reply cache") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::ECHO, data_of(10)), call(1, toy::ECHO, data_of(10)), call(1, toy::NULL_)}));
  CHECK(client.replies().size() == 3);
  CHECK(host.replies.entries() == 0);
  client.received(call(2, toy::MAKE, Number{1}));
  CHECK(host.replies.entries() == 1);
}

TEST_CASE("A failure that was answered is answered again") {
  MemoryHost host;
  ManualDurable store;
  host.toy.source = &store;
  host.toy.lsn = 5;
  MemoryConnection client(host);
  client.received(call(9, toy::MAKE, Number{1}));
  store.take_back(5, Error::Io);
  host.loop.run();
  REQUIRE(client.replies().size() == 1);
  CHECK(accept_stat_of(client.replies()[0]) == 5);
  client.received(call(9, toy::MAKE, Number{1}));
  REQUIRE(client.replies().size() == 2);
  CHECK(client.replies()[1] == client.replies()[0]);
  CHECK(host.toy.made == 1);
}

TEST_CASE("The connection may go while calls run; their replies are dropped") {
  MemoryHost host;
  ManualDurable store;
  host.toy.source = &store;
  host.toy.lsn = 5;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::HOLD, Number{1}), call(2, toy::FILL, Number{100}), call(3, toy::REST),
                          call(4, toy::MAKE, Number{1}), call(5, toy::MAKE, Number{1})}));
  CHECK(client.connection->calls_in_flight() == 5);
  client.destroy();
  host.toy.held.release_all();
  host.loop.run();
  store.advance(5);
  host.loop.run();
  CHECK(client.replies().empty());
  CHECK(client.transport.idles == 0);
}

TEST_CASE("closed(): replies are dropped, idle() comes with the last call") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(joined({call(1, toy::HOLD, Number{1}), call(2, toy::HOLD, Number{1})}));
  client.connection->closed();
  CHECK(client.transport.idles == 0);
  host.toy.held.release(0);
  host.loop.run();
  CHECK(client.transport.idles == 0);
  host.toy.held.release(0);
  host.loop.run();
  CHECK(client.transport.idles == 1);
  CHECK(client.replies().empty());
  CHECK(client.transport.closes == 0);
}

TEST_CASE("drain(): calls in flight are answered, others are not started") {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(call(1, toy::HOLD, Number{1}));
  client.connection->drain();
  client.received(call(2, toy::NULL_));
  CHECK(client.replies().empty());
  CHECK(client.transport.idles == 0);
  host.toy.held.release_all();
  host.loop.run();
  CHECK(xids_of(client.replies()) == std::vector<std::uint32_t>{1});
  CHECK(client.transport.idles == 1);

  MemoryConnection quiet(host);
  quiet.connection->drain();
  CHECK(quiet.transport.idles == 1);
}

TEST_CASE("ended(): what came whole is answered, what did not is forgotten") {
  MemoryHost host;
  MemoryConnection client(host);
  const Buffer half = call(3, toy::NULL_);
  client.received(joined({call(1, toy::HOLD, Number{1}), call(2, toy::NULL_), half.slice(0, 20)}));
  client.connection->ended();
  CHECK(client.transport.idles == 0);
  host.toy.held.release_all();
  host.loop.run();
  CHECK(xids_of(client.replies()) == std::vector<std::uint32_t>{2, 1});
  CHECK(client.transport.idles == 1);
  CHECK(client.transport.closes == 0);
}
