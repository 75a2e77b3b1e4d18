// The overlay: what a pinned list shows while others publish, freeze, drop and take back.
#include "store/kv/overlay.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace ditto;
using namespace ditto::store;

namespace {

Lsn publish(Overlay& overlay, std::string_view key, std::string_view value) {
  WriteSet writes;
  writes.put(bytes_of(key), bytes_of(value));
  const Lsn lsn = overlay.last() + 1;
  overlay.publish(writes, lsn);
  return lsn;
}

/// What a reader of `pinned` finds for `key`, or "".
std::string find(const Overlay::Pinned& pinned, std::string_view key) {
  for (const auto& generation : pinned.generations) {
    if (const Version* version = generation->table().find(bytes_of(key), pinned.ceiling)) {
      return std::string(text_of(version->value()));
    }
  }
  return {};
}

}  // namespace

TEST_CASE("numbers continue and what is published shows", "[overlay]") {
  Overlay overlay(41);
  CHECK(overlay.last() == 41);
  CHECK(overlay.freeze() == nullptr);
  CHECK(publish(overlay, "a", "1") == 42);
  const auto pinned = overlay.pin(0);
  CHECK(pinned.ceiling == 42);
  CHECK(find(pinned, "a") == "1");
  overlay.unpin(0);
}

TEST_CASE("a pinned list stands still", "[overlay]") {
  Overlay overlay(0);
  publish(overlay, "a", "1");
  const auto pinned = overlay.pin(5);
  publish(overlay, "a", "2");
  const auto frozen = overlay.freeze();
  REQUIRE(frozen != nullptr);
  CHECK(frozen->last() == 2);
  publish(overlay, "a", "3");
  CHECK(find(pinned, "a") == "1");
  CHECK(find(overlay.pin(6), "a") == "3");
  overlay.unpin(6);
  overlay.drop(*frozen);
  CHECK(find(pinned, "a") == "1");
  overlay.discard_after(0);
  CHECK(find(pinned, "a") == "1");
  overlay.unpin(5);
  CHECK(find(overlay.pin(5), "a").empty());
  overlay.unpin(5);
  CHECK(overlay.last() == 3);
  CHECK(publish(overlay, "a", "4") == 4);
}

TEST_CASE("the backlog is what has been published and not dropped", "[overlay]") {
  Overlay overlay(0);
  CHECK(overlay.backlog().size_bytes == 0);
  WriteSet writes;
  writes.put(bytes_of("a"), bytes_of(std::string(10'000, 'x')));
  writes.erase(bytes_of("b"));
  overlay.publish(writes, 1);
  CHECK(overlay.backlog().size_bytes >= 10'000);
  CHECK(overlay.backlog().entries == 2);
  const auto frozen = overlay.freeze();
  publish(overlay, "c", "1");
  CHECK(overlay.backlog().entries == 3);
  overlay.drop(*frozen);
  CHECK(overlay.backlog().entries == 1);
  CHECK(overlay.backlog().size_bytes < 10'000);
  overlay.discard_after(0);
  CHECK(overlay.backlog().entries == 0);
  CHECK(overlay.backlog().size_bytes == 0);
}

TEST_CASE("what is taken back goes, what came before stays, whichever generation has it", "[overlay]") {
  Overlay overlay(0);
  publish(overlay, "a", "1");
  publish(overlay, "b", "2");
  const auto frozen = overlay.freeze();
  publish(overlay, "a", "3");
  publish(overlay, "c", "4");
  overlay.discard_after(3);
  const auto shows = [&](std::string_view key) {
    const std::string value = find(overlay.pin(0), key);
    overlay.unpin(0);
    return value;
  };
  CHECK(shows("a") == "3");
  CHECK(shows("b") == "2");
  CHECK(shows("c").empty());
  CHECK(overlay.backlog().entries == 3);
  // The frozen one is not listed any more: that it was applied changes nothing here.
  overlay.drop(*frozen);
  CHECK(overlay.backlog().entries == 3);
  overlay.discard_after(1);
  CHECK(shows("a") == "1");
  CHECK(shows("b").empty());
  CHECK(publish(overlay, "c", "5") == 5);
  CHECK(overlay.freeze()->last() == 5);
}

TEST_CASE("readers are never left with a list that is gone", "[overlay]") {
  Overlay overlay(0);
  std::atomic<bool> running = true;
  std::atomic<int> wrong = 0, pins = 0;
  publish(overlay, "n", std::to_string(overlay.last() + 1));
  std::vector<std::thread> readers;
  for (std::size_t slot = 0; slot < 3; ++slot) {
    readers.emplace_back([&, slot] {
      Lsn before = 0;
      while (running) {
        const auto pinned = overlay.pin(slot);
        // Each number is published as the value of "n": the list shows the one of its ceiling, or it has been dropped.
        const std::string value = find(pinned, "n");
        if (!value.empty() && value != std::to_string(pinned.ceiling)) ++wrong;
        if (pinned.ceiling < before) ++wrong;
        before = pinned.ceiling;
        overlay.unpin(slot);
        ++pins;
      }
    });
  }
  while (pins == 0) std::this_thread::yield();  // a busy machine starts them when all is over
  for (int i = 0; i < 3000; ++i) {
    publish(overlay, "n", std::to_string(overlay.last() + 1));
    if (i % 2 == 0) {
      const auto frozen = overlay.freeze();
      publish(overlay, "n", std::to_string(overlay.last() + 1));
      if (i % 10 == 0) {
        overlay.discard_after(0);
      } else {
        overlay.drop(*frozen);
      }
    }
  }
  running = false;
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
  CHECK(pins > 0);
}

TEST_CASE("slots are one reader's each, and the last one is waited for", "[overlay]") {
  ReaderSlots slots;
  std::vector<bool> taken(max_reader_slots);
  std::size_t last = 0;
  for (std::size_t i = 0; i < max_reader_slots; ++i) {
    last = slots.take();
    CHECK_FALSE(taken.at(last));
    taken.at(last) = true;
  }
  CHECK_FALSE(slots.try_take().has_value());
  std::atomic<std::size_t> got = max_reader_slots;
  std::thread waiter([&] { got = slots.take(); });
  slots.give_back(last);
  waiter.join();
  CHECK(got == last);
  CHECK_FALSE(slots.try_take().has_value());
}
