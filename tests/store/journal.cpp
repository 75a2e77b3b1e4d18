// The journal by itself: what was appended comes back, torn tails are cut and damage is told, segments are used again.
#include "store/journal/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "store/temporary_folder.hpp"
#include "support/seeded_random.hpp"

using namespace ditto;
using namespace ditto::store::journal;
using ditto::test::SeededRandom;
using ditto::test::TemporaryFolder;

namespace {

constexpr JournalOptions small{.segment_bytes = 64 << 10, .max_segments = 8};

std::vector<std::byte> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

void write_at(const std::string& path, std::size_t offset, Bytes bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY);
  REQUIRE(fd >= 0);
  CHECK(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)) == static_cast<ssize_t>(bytes.size()));
  ::close(fd);
}

/// A journal in a folder of its own, opened again and again; each record puts one key, named by its number.
class Log {
 public:
  explicit Log(const JournalOptions& options = small) : options_(options) {}

  void open(Applied applied = {}) {
    journal_.reset();
    found_.clear();
    std::map<Lsn, std::string> looked;
    auto opened = Journal::open(
        path(), space_, options_, applied,
        [&](Lsn lsn, Bytes entries) {
          looked[lsn] = value_of(lsn, entries);
          return Result<void>();
        },
        [&](Lsn lsn, Bytes entries) {
          CHECK(lsn > last_found());
          found_[lsn] = value_of(lsn, entries);
          return Result<void>();
        });
    if (!opened) FAIL(opened.error());
    CHECK(looked == found_);
    journal_ = std::move(*opened);
  }
  void close() { journal_.reset(); }

  void append(Lsn lsn, std::string_view value) {
    journal_->append(lsn, [&](RecordWriter& record) { record.put(bytes_of(std::to_string(lsn)), bytes_of(value)); });
  }
  void append_synced(Lsn lsn, std::string_view value) {
    append(lsn, value);
    REQUIRE(journal_->sync().value() == lsn);
    REQUIRE(journal_->prepare().has_value());
  }

  Journal& journal() { return *journal_; }
  const std::map<Lsn, std::string>& found() const { return found_; }
  Lsn last_found() const { return found_.empty() ? 0 : found_.rbegin()->first; }
  std::string path() const { return folder_ / "journal"; }
  /// The segment that `lsn`, put with a value of its own, lies in, and where in it.
  std::pair<std::string, std::size_t> place_of(std::string_view value) const {
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      const std::vector<std::byte> bytes = read_file(entry.path());
      const auto at = text_of(bytes).find(value);
      if (at != std::string_view::npos) return {entry.path(), at};
    }
    FAIL("no segment holds " << value);
    return {};
  }
  std::size_t segments() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path()), std::filesystem::directory_iterator()));
  }

 private:
  static std::string value_of(Lsn lsn, Bytes entries) {
    const auto entry = next_entry(entries);
    REQUIRE(entry.has_value());
    CHECK(entries.empty());
    CHECK(entry->kind == Entry::Kind::Put);
    CHECK(text_of(entry->key) == std::to_string(lsn));
    return std::string(text_of(entry->value));
  }

  const JournalOptions options_;
  TemporaryFolder folder_;
  store::DiskSpace space_{folder_.path(), system_clock()};
  std::unique_ptr<Journal> journal_;
  std::map<Lsn, std::string> found_;
};

std::string value(Lsn lsn) { return "value-of-" + std::to_string(lsn) + "-end"; }

}  // namespace

TEST_CASE("every kind of entry comes back as it was written", "[journal]") {
  std::vector<std::byte> bytes;
  BufferChain contents(Buffer::copy_of(bytes_of("con")));
  contents.append(Buffer::copy_of(bytes_of("tents")));
  {
    RecordWriter record(bytes);
    record.put(bytes_of("key"), bytes_of("value"));
    record.put(bytes_of("empty"), {});
    record.erase(bytes_of("gone"));
    record.data(7, 1ULL << 40, contents);
    record.synced(7, 99);
    record.finish();
    RecordWriter second(bytes);
    second.finish();
  }
  RecordReader records(bytes);
  auto entries = records.next();
  REQUIRE(entries.has_value());
  auto entry = next_entry(*entries);
  CHECK(text_of(entry->key) == "key");
  CHECK(text_of(entry->value) == "value");
  entry = next_entry(*entries);
  CHECK(text_of(entry->key) == "empty");
  CHECK(entry->value.empty());
  entry = next_entry(*entries);
  CHECK(entry->kind == Entry::Kind::Erase);
  CHECK(text_of(entry->key) == "gone");
  entry = next_entry(*entries);
  CHECK(entry->kind == Entry::Kind::Data);
  CHECK(entry->object == 7);
  CHECK(entry->offset == 1ULL << 40);
  CHECK(text_of(entry->value) == "contents");
  entry = next_entry(*entries);
  CHECK(entry->kind == Entry::Kind::Synced);
  CHECK(entry->up_to == 99);
  CHECK_FALSE(next_entry(*entries).has_value());
  CHECK(entries->empty());
  CHECK(records.next()->empty());
  CHECK_FALSE(records.next().has_value());
  CHECK(records.ok());

  // Cut anywhere, it is refused and not read beyond.
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    RecordReader cut(Bytes(bytes).first(size));
    while (cut.next()) {
    }
    CHECK(cut.ok() == (size == bytes.size() - record_overhead_bytes));
  }
}

TEST_CASE("what was written comes back in order, synced or not", "[journal]") {
  Log log;
  log.open();
  for (Lsn lsn = 1; lsn <= 5; ++lsn) log.append(lsn, value(lsn));
  CHECK(log.journal().written() == 0);
  REQUIRE(log.journal().write_out().has_value());
  CHECK(log.journal().written() == 5);
  log.append(6, value(6));
  REQUIRE(log.journal().write_out().has_value());
  log.append_synced(7, value(7));
  log.append(8, "never written");
  log.open();
  CHECK(log.last_found() == 7);
  CHECK(log.found().size() == 7);
  CHECK(log.found().at(6) == value(6));
  CHECK(log.journal().recovered() == 7);
  CHECK(log.journal().damage().empty());
  // Numbers and log go on, and what was applied is not handed out again.
  log.append_synced(8, value(8));
  log.open({.last = 3});
  CHECK(log.found().size() == 5);
  log.open({.last = 8});
  CHECK(log.found().empty());
  CHECK(log.journal().recovered() == 8);
}

TEST_CASE("a batch behind a sync never shares a block with what was durable", "[journal]") {
  Log log;
  log.open();
  log.append_synced(1, value(1));
  log.append(2, value(2));
  REQUIRE(log.journal().write_out().has_value());
  log.append_synced(3, value(3));
  log.append_synced(4, value(4));
  const auto block = [&](Lsn lsn) { return log.place_of(value(lsn)).second / block_bytes; };
  CHECK(block(1) == 1);
  CHECK(block(2) == 2);
  CHECK(block(3) == 2);
  CHECK(block(4) == 3);
}

TEST_CASE("a torn tail is cut wherever it tears, and the log goes on behind the cut", "[journal]") {
  SeededRandom random(1);
  for (const Lsn torn : {3, 4, 5}) {
    Log log;
    log.open();
    log.append_synced(1, value(1));
    log.append_synced(2, value(2));
    for (Lsn lsn = 3; lsn <= 5; ++lsn) {
      log.append(lsn, value(lsn));
      REQUIRE(log.journal().write_out().has_value());
    }
    log.close();
    const auto [segment, at] = log.place_of(value(torn));
    write_at(segment, at + random.below(8), bytes_of("X"));
    log.open();
    CHECK(log.journal().damage().empty());
    CHECK(log.last_found() == torn - 1);
    log.append_synced(torn, "another");
    log.append_synced(torn + 1, "and more");
    // What was cut off does not come back, not even where it was whole.
    for (int times = 0; times < 2; ++times) {
      log.open();
      CHECK(log.last_found() == torn + 1);
      CHECK(log.found().at(torn) == "another");
      CHECK(log.journal().damage().empty());
    }
  }
}

TEST_CASE("a bad record below what was durable is damage, and nothing is written behind it", "[journal]") {
  Log log;
  log.open();
  for (Lsn lsn = 1; lsn <= 4; ++lsn) log.append_synced(lsn, value(lsn));
  log.close();
  // The last one is not known to be durable: nothing that was written later says so.
  const Lsn hurt = GENERATE(1, 2, 3, 4);
  const auto [segment, at] = log.place_of(value(hurt));
  write_at(segment, at, bytes_of("X"));
  const auto before = read_file(segment);
  log.open();
  CHECK(log.last_found() == hurt - 1);
  CHECK(log.journal().damage().empty() == (hurt == 4));
  if (hurt == 4) return;
  CHECK(log.journal().damage().find("changes " + std::to_string(hurt) + " to 3") != std::string::npos);
  log.close();
  CHECK(read_file(segment) == before);
}

TEST_CASE("a log that ends before what is known to have been durable is damaged", "[journal]") {
  Log log;
  log.open();
  for (Lsn lsn = 1; lsn <= 4; ++lsn) log.append_synced(lsn, value(lsn));
  log.close();
  const Lsn begun = GENERATE(4, 5);
  log.open({.last = 2, .begun = begun});
  CHECK(log.last_found() == 4);
  CHECK(log.journal().damage().empty() == (begun == 4));
}

TEST_CASE("a lost segment in the middle is damage, a lost last one a tail", "[journal]") {
  Log log({.segment_bytes = 16 << 10, .max_segments = 8});
  log.open();
  // One record fills most of a segment's room.
  for (Lsn lsn = 1; lsn <= 4; ++lsn) log.append_synced(lsn, value(lsn) + std::string(9000, 'x'));
  log.close();
  const Lsn lost = GENERATE(2, 4);
  std::filesystem::remove(log.place_of(value(lost)).first);
  log.open();
  CHECK(log.last_found() == lost - 1);
  CHECK(log.journal().damage().empty() == (lost == 4));
}

TEST_CASE("segments are used again once they are released, in place", "[journal]") {
  Log log;
  log.open();
  Lsn lsn = 0;
  const std::string large(20'000, 'x');
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 3; ++i, log.append_synced(lsn, value(lsn) + large)) ++lsn;
    REQUIRE(log.journal().has_room());
    if (round % 2 == 1) log.journal().release(lsn - 3);
  }
  CHECK(log.segments() <= small.max_segments);
  log.open({.last = lsn - 3});
  CHECK(log.found().size() == 3);
  CHECK(log.last_found() == lsn);
  CHECK(log.found().at(lsn).starts_with(value(lsn)));
}

TEST_CASE("without room nothing is admitted, and what was admitted finds its place", "[journal]") {
  Log log;
  log.open();
  Lsn lsn = 0;
  const std::string large(log.journal().max_record_bytes() - 100, 'x');
  while (log.journal().has_room()) {
    log.append(++lsn, large);
    if (lsn % 2 == 0) REQUIRE(log.journal().sync().has_value());
    REQUIRE(log.journal().prepare().has_value());
    REQUIRE(lsn < 1000);
  }
  REQUIRE(log.journal().sync().value() == lsn);
  CHECK(log.journal().size_bytes() <= log.journal().max_size_bytes());
  CHECK_FALSE(log.journal().has_room());
  log.journal().release(lsn);
  CHECK(log.journal().has_room());
  log.open();
  CHECK(log.last_found() == lsn);
}

TEST_CASE("numbers that were taken back are a gap that the log knows", "[journal]") {
  Log log;
  log.open();
  log.append_synced(1, value(1));
  log.append(2, value(2));
  log.append(3, value(3));
  log.journal().discard_unwritten();
  log.append_synced(7, value(7));
  log.append_synced(8, value(8));
  log.open();
  CHECK(log.found().size() == 3);
  CHECK(log.last_found() == 8);
  CHECK(log.journal().damage().empty());
}

TEST_CASE("random histories: what is read back is what was written, up to the cut", "[journal]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    INFO("seed " << seed);
    Log log({.segment_bytes = 32 << 10, .max_segments = 6});
    std::map<Lsn, std::string> expected;
    Lsn lsn = 0, applied = 0;
    for (int round = 0; round < 6; ++round) {
      log.open({.last = applied});
      std::erase_if(expected, [&](const auto& one) { return one.first <= applied; });
      CHECK(log.found() == expected);
      CHECK(log.journal().recovered() == lsn);
      for (int i = 0; i < 40; ++i) {
        if (!log.journal().has_room()) {
          REQUIRE(log.journal().sync().value() == lsn);
          REQUIRE(log.journal().prepare().has_value());
          log.journal().release(applied = lsn);
        }
        const std::string text = value(++lsn) + std::string(random.below(3000), 'x');
        log.append(lsn, text);
        expected[lsn] = text;
        const auto dice = random.below(10);
        if (dice < 3) REQUIRE(log.journal().write_out().has_value());
        if (dice >= 7) REQUIRE(log.journal().sync().value() == lsn);
        REQUIRE(log.journal().prepare().has_value());
      }
      REQUIRE(log.journal().write_out().has_value());
    }
  }
}
