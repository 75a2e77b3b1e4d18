#include "server/net/send_queue.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using namespace ditto;
using server::SendQueue;

namespace {

/// All that is queued, taken `step` bytes at a time.
std::string drain(SendQueue& queue, std::size_t step) {
  std::string text;
  while (!queue.empty()) {
    SendQueue::Scratch scratch;
    std::string gathered;
    for (const asio::const_buffer& each : queue.gather(scratch)) {
      gathered.append(static_cast<const char*>(each.data()), each.size());
    }
    const std::size_t taken = std::min(step, gathered.size());
    text += gathered.substr(0, taken);
    queue.remove(taken);
  }
  return text;
}

Buffer text(std::string_view bytes) { return Buffer::copy_of(bytes_of(bytes)); }

}  // namespace

TEST_CASE("What goes in comes out in order, however much is taken at a time") {
  for (const std::size_t step : {97, 1000, 100000}) {
    SendQueue queue;
    std::string expected;
    for (int i = 0; i < 400; ++i) {
      const std::string part(static_cast<std::size_t>(i % 7 == 0 ? 3000 : i % 5), static_cast<char>('a' + i % 26));
      BufferChain chain(text(part));
      if (i % 3 == 0) chain.append(text("-"));
      expected += part + (i % 3 == 0 ? "-" : "");
      queue.push(std::move(chain));
    }
    REQUIRE(queue.size() == expected.size());
    CHECK(drain(queue, step) == expected);
    CHECK(queue.size() == 0);
  }
}

TEST_CASE("Small replies share a chunk, large ones are linked") {
  SendQueue queue;
  for (int i = 0; i < 100; ++i) queue.push(text("0123456789"));
  SendQueue::Scratch scratch;
  const auto small = queue.gather(scratch);
  CHECK(small.end() - small.begin() == 1);
  CHECK(small.size_bytes() == 1000);

  const Buffer large = text(std::string(100000, 'x'));
  queue.push(large);
  queue.push(text("behind"));
  const auto mixed = queue.gather(scratch);
  REQUIRE(mixed.end() - mixed.begin() == 3);
  CHECK(mixed.begin()[1].data() == large.data());
}

TEST_CASE("Nothing is written into memory that somebody else holds") {
  SendQueue queue;
  const Buffer shared = text("held");
  queue.push(shared);
  queue.push(text("mine"));
  SendQueue::Scratch scratch;
  const auto gathered = queue.gather(scratch);
  CHECK(gathered.end() - gathered.begin() == 2);
  CHECK(drain(queue, 100) == "heldmine");
}

TEST_CASE("At most so many slices are gathered for one call") {
  SendQueue queue;
  for (int i = 0; i < 200; ++i) queue.push(text(std::string(3000, 'x')));
  SendQueue::Scratch scratch;
  const auto gathered = queue.gather(scratch);
  CHECK(gathered.end() - gathered.begin() == SendQueue::max_gathered);
  CHECK(gathered.size_bytes() == 3000 * SendQueue::max_gathered);
}
