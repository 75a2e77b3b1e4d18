// Many slices that read as one run of bytes, checked against a plain string.
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/buffer.hpp"

using ditto::Buffer;
using ditto::BufferChain;

namespace {

BufferChain chain_of(std::initializer_list<std::string_view> parts) {
  BufferChain chain;
  for (auto part : parts) chain.append(Buffer::copy_of(ditto::bytes_of(part)));
  return chain;
}

std::string text(const BufferChain& chain) {
  std::string all;
  for (const Buffer& buffer : chain.buffers()) all += ditto::text_of(buffer.bytes());
  return all;
}

}  // namespace

TEST_CASE("a chain is the sum of its slices", "[base]") {
  const BufferChain chain = chain_of({"one", "", "two", "three"});
  CHECK(chain.size() == 11);
  CHECK(chain.buffers().size() == 3);
  CHECK(text(chain) == "onetwothree");
  CHECK(BufferChain{}.empty());
  CHECK(BufferChain(Buffer{}).buffers().empty());
}

TEST_CASE("appending links and does not copy", "[base]") {
  Buffer middle = Buffer::copy_of(ditto::bytes_of("middle"));
  BufferChain chain = chain_of({"start"});
  chain.append(middle);
  CHECK(chain.buffers()[1].data() == middle.data());
  CHECK(!middle.unique());

  BufferChain other = chain_of({"<", ">"});
  other.append(chain);
  CHECK(text(other) == "<>startmiddle");
  CHECK(other.buffers()[3].data() == middle.data());
  other.append(std::move(chain));
  CHECK(chain.empty());  // NOLINT(bugprone-use-after-move): a moved-from chain is empty
  CHECK(text(other) == "<>startmiddlestartmiddle");
  other.append(other);
  CHECK(other.size() == 48);

  BufferChain fresh;
  fresh.append(std::move(other));
  CHECK(fresh.size() == 48);
  CHECK(other.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("chains move and copy, short and long", "[base]") {
  for (int slices : {0, 1, 3, 4, 20}) {
    INFO(slices << " slices");
    BufferChain chain;
    for (int i = 0; i < slices; ++i) chain.append(Buffer::copy_of(ditto::bytes_of("ab")));
    BufferChain copy = chain;
    CHECK(copy == chain);
    BufferChain moved = std::move(chain);
    CHECK(chain.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(chain.buffers().empty());
    CHECK(moved == copy);
    chain = std::move(moved);
    CHECK(chain == copy);
    copy = chain_of({"x"});
    CHECK(text(copy) == "x");
    copy = chain;
    CHECK(copy.size() == static_cast<std::size_t>(2 * slices));
  }
}

TEST_CASE("equality looks at bytes, not at slices", "[base]") {
  CHECK(chain_of({"ab", "cde"}) == chain_of({"a", "bcd", "e"}));
  CHECK(!(chain_of({"abc"}) == chain_of({"abd"})));
  CHECK(!(chain_of({"abc"}) == chain_of({"ab"})));
  CHECK(BufferChain{} == BufferChain{});
}

TEST_CASE("coalesce gives one slice, its own when there is only one", "[base]") {
  const BufferChain one = chain_of({"alone"});
  CHECK(one.coalesce().data() == one.buffers()[0].data());
  CHECK(ditto::text_of(chain_of({"to", "ge", "ther"}).coalesce().bytes()) == "together");
  CHECK(BufferChain{}.coalesce().empty());
}

TEST_CASE("slices, prefixes and tails agree with a string", "[base]") {
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  for (int round = 0; round < 2000; ++round) {
    BufferChain chain;
    std::string model;
    for (std::size_t parts = below(8); parts > 0; --parts) {
      const std::string part(1 + below(9), static_cast<char>('a' + below(26)));
      chain.append(Buffer::copy_of(ditto::bytes_of(part)));
      model += part;
    }
    for (int step = 0; step < 4; ++step) {
      const std::size_t offset = below(model.size() + 1);
      const std::size_t length = below(model.size() - offset + 1);
      switch (below(4)) {
        case 0:
          chain = chain.slice(offset, length);
          model = model.substr(offset, length);
          break;
        case 1:
          chain.remove_prefix(offset);
          model.erase(0, offset);
          break;
        case 2:
          chain.truncate(offset);
          model.resize(offset);
          break;
        default: {
          std::string copied(length, '?');
          chain.copy_to(offset, std::as_writable_bytes(std::span(copied)));
          REQUIRE(copied == model.substr(offset, length));
        }
      }
      REQUIRE(chain.size() == model.size());
      REQUIRE(text(chain) == model);
    }
  }
}

TEST_CASE("truncating shared slices leaves the others alone", "[base]") {
  BufferChain chain = chain_of({"abc", "def"});
  const BufferChain copy = chain;
  chain.truncate(4);
  CHECK(text(chain) == "abcd");
  CHECK(text(copy) == "abcdef");
}
