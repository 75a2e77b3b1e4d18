#include "rpc/record.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::RecordReader;
using Next = rpc::RecordReader::Next;

namespace {

Buffer mark(std::uint32_t word) {
  Buffer buffer = Buffer::allocate(4);
  store_be(buffer.data(), word);
  return buffer;
}

/// All records in `stream`, which comes in pieces that end at `cuts`.
std::vector<std::string> records_in(const Buffer& stream, const std::vector<std::size_t>& cuts) {
  RecordReader reader;
  std::vector<std::string> records;
  std::size_t from = 0;
  std::vector<std::size_t> ends = cuts;
  ends.push_back(stream.size());
  for (const std::size_t end : ends) {
    reader.append(stream.slice(from, end - from));
    from = end;
    BufferChain record;
    Next next;
    while ((next = reader.next(record)) == Next::Record) records.push_back(to_hex(record));
    REQUIRE(next == Next::More);
  }
  CHECK_FALSE(reader.in_record());
  CHECK(reader.wanted() == 0);
  return records;
}

}  // namespace

TEST_CASE("Records of one and of several fragments, cut at every two places") {
  // Three records: of one fragment; of three, one of them empty; of two, the last empty.
  const Buffer stream =
      Buffer::copy_of(hex_bytes("80000005 0102030405"
                                "00000002 0a0b 00000000 80000001 0c"
                                "00000003 212223 80000000"));
  const std::vector<std::string> expected{"0102030405", "0a0b0c", "212223"};
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      REQUIRE(records_in(stream, {first, second}) == expected);
    }
  }
}

TEST_CASE("A record links what came, and pieces that lie side by side become one slice") {
  RecordReader reader;
  Buffer chunk = Buffer::copy_of(hex_bytes("80000008 0102030405060708"));
  BufferChain record;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    REQUIRE(reader.next(record) == Next::More);
    reader.append(chunk.slice(i, 1));
  }
  REQUIRE(reader.next(record) == Next::Record);
  REQUIRE(record.buffers().size() == 1);
  CHECK(record.buffers()[0].data() == chunk.data() + 4);
  CHECK(to_hex(record) == "0102030405060708");
}

TEST_CASE("Slices of different chunks stay apart") {
  RecordReader reader;
  reader.append(Buffer::copy_of(hex_bytes("80000004 0102")));
  reader.append(Buffer::copy_of(hex_bytes("0304")));
  BufferChain record;
  REQUIRE(reader.next(record) == Next::Record);
  CHECK(record.buffers().size() == 2);
  CHECK(to_hex(record) == "01020304");
}

TEST_CASE("What a fragment lacks is told, for the transport to read in one piece") {
  RecordReader reader;
  BufferChain record;
  CHECK(reader.wanted() == 0);
  reader.append(mark(0x80000000 | 1000000));
  CHECK(reader.next(record) == Next::More);
  CHECK(reader.wanted() == 1000000);
  CHECK(reader.in_record());
  reader.append(Buffer::allocate(400000));
  CHECK(reader.next(record) == Next::More);
  CHECK(reader.wanted() == 600000);
  reader.append(Buffer::allocate(600000));
  CHECK(reader.next(record) == Next::Record);
  CHECK(record.size() == 1000000);
  CHECK(reader.wanted() == 0);
  CHECK_FALSE(reader.in_record());
  reader.append(Buffer::copy_of(hex_bytes("80")));
  CHECK(reader.next(record) == Next::More);
  CHECK(reader.in_record());
}

TEST_CASE("Half a fragment that waits for its turn is not wanted from the transport") {
  RecordReader reader;
  BufferChain record;
  reader.append(mark(0x80000010));
  CHECK(reader.next(record) == Next::More);
  CHECK(reader.wanted() == 16);
  reader.append(Buffer::allocate(10));
  CHECK(reader.wanted() == 6);
  reader.append(Buffer::allocate(10));
  CHECK(reader.wanted() == 0);
}

TEST_CASE("The longest record passes, one byte more does not") {
  RecordReader reader;
  BufferChain record;
  reader.append(mark(0x80000000 | rpc::max_record_bytes));
  reader.append(Buffer::allocate(rpc::max_record_bytes));
  CHECK(reader.next(record) == Next::Record);
  CHECK(record.size() == rpc::max_record_bytes);

  reader.append(mark(0x80000000 | (rpc::max_record_bytes + 1)));
  CHECK(reader.next(record) == Next::FragmentTooLong);
  CHECK(rpc::reason_of(Next::FragmentTooLong) == "announced a fragment that is too long");
}

TEST_CASE("Lengths up to 4 GiB are refused as soon as they are announced") {
  for (const std::uint32_t word : {0x7fffffffU, 0xffffffffU, 0x04000000U, 0x84000000U}) {
    RecordReader reader;
    BufferChain record;
    reader.append(mark(word));
    CHECK(reader.next(record) == Next::FragmentTooLong);
    CHECK(reader.wanted() == 0);
    // Lost is lost.
    reader.append(Buffer::copy_of(hex_bytes("80000001 00")));
    CHECK(reader.next(record) == Next::FragmentTooLong);
  }
}

TEST_CASE("The limit of a record holds for the sum of its fragments") {
  RecordReader reader;
  BufferChain record;
  reader.append(mark(limits::io_bytes));
  reader.append(Buffer::allocate(limits::io_bytes));
  reader.append(mark(4096));
  reader.append(Buffer::allocate(4096));
  CHECK(reader.next(record) == Next::More);
  reader.append(mark(0x80000001));
  CHECK(reader.next(record) == Next::RecordTooLong);
}

TEST_CASE("100,000 fragments end after 256, whether they carry a byte or none") {
  for (const bool empty : {false, true}) {
    RecordReader reader;
    BufferChain record;
    const Buffer piece = Buffer::copy_of(hex_bytes(empty ? "00000000" : "00000001 41"));
    std::size_t taken = 0;
    Next next = Next::More;
    for (int i = 0; i < 100000 && next == Next::More; ++i) {
      reader.append(piece);
      next = reader.next(record);
      ++taken;
    }
    CHECK(next == Next::TooManyFragments);
    CHECK(taken == rpc::max_fragments + 1);
  }
  // As many as are allowed.
  RecordReader reader;
  BufferChain record;
  for (std::size_t i = 1; i < rpc::max_fragments; ++i) reader.append(Buffer::copy_of(hex_bytes("00000001 41")));
  reader.append(Buffer::copy_of(hex_bytes("80000001 42")));
  CHECK(reader.next(record) == Next::Record);
  CHECK(record.size() == rpc::max_fragments);
}

TEST_CASE("A record without bytes is refused") {
  for (const std::string stream : {"80000000", "00000000 80000000"}) {
    RecordReader reader;
    BufferChain record;
    reader.append(Buffer::copy_of(hex_bytes(stream)));
    CHECK(reader.next(record) == Next::Empty);
  }
}
