// Record marking: whatever the stream is and however it comes in pieces, the records are those of a plain reading of
// the whole, and the limits hold. The first byte chooses the pieces.
#include <vector>

#include "fuzz/decoder.hpp"
#include "rpc/record.hpp"

using namespace ditto;
using rpc::RecordReader;

namespace {

struct Outcome {
  std::vector<std::vector<std::byte>> records;
  RecordReader::Next end = RecordReader::Next::More;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// RFC 5531, 11 read in the simplest way, from bytes that are all there.
Outcome read_plainly(Bytes stream) {
  Outcome outcome;
  std::vector<std::byte> record;
  std::size_t fragments = 0;
  while (stream.size() >= 4) {
    const auto mark = load_be<std::uint32_t>(stream.data());
    const std::size_t length = mark & 0x7fffffff;
    const bool last = (mark & 0x80000000) != 0;
    stream = stream.subspan(4);
    const auto lost = [&](RecordReader::Next why) {
      outcome.end = why;
      return outcome;
    };
    if (++fragments > rpc::max_fragments) return lost(RecordReader::Next::TooManyFragments);
    if (length > rpc::max_fragment_bytes) return lost(RecordReader::Next::FragmentTooLong);
    if (length + record.size() > rpc::max_record_bytes) return lost(RecordReader::Next::RecordTooLong);
    if (last && length + record.size() == 0) return lost(RecordReader::Next::Empty);
    if (stream.size() < length) break;
    record.insert(record.end(), stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(length));
    stream = stream.subspan(length);
    if (!last) continue;
    outcome.records.push_back(std::exchange(record, {}));
    fragments = 0;
  }
  return outcome;
}

Outcome read_in_pieces(const BufferChain& pieces, bool joined) {
  Outcome outcome;
  RecordReader reader;
  const auto take_records = [&] {
    BufferChain record;
    while (outcome.end == RecordReader::Next::More) {
      const RecordReader::Next next = reader.next(record);
      if (next == RecordReader::Next::More) {
        DITTO_ASSERT(reader.wanted() <= rpc::max_fragment_bytes);
        return;
      }
      if (next != RecordReader::Next::Record) {
        outcome.end = next;
        DITTO_ASSERT(!rpc::reason_of(next).empty());
        return;
      }
      std::vector<std::byte> bytes(record.size());
      record.copy_to(0, bytes);
      outcome.records.push_back(std::move(bytes));
    }
  };
  // Either each piece is memory of its own, or all are slices of one.
  const Buffer whole = pieces.coalesce();
  std::size_t at = 0;
  for (const Buffer& piece : pieces.buffers()) {
    reader.append(joined ? whole.slice(at, piece.size()) : piece);
    at += piece.size();
    take_records();
  }
  return outcome;
}

}  // namespace

void fuzz::one(Bytes input) {
  if (input.empty()) return;
  const auto how = std::to_integer<std::uint8_t>(input[0]);
  const Bytes stream = input.subspan(1);
  const Outcome expected = read_plainly(stream);
  const BufferChain pieces = cut(stream, how);
  DITTO_ASSERT(read_in_pieces(pieces, false) == expected);
  DITTO_ASSERT(read_in_pieces(pieces, true) == expected);
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  std::vector<std::byte> input{static_cast<std::byte>(number)};
  for (std::size_t fragments = 1 + draw.below(6); fragments > 0; --fragments) {
    const auto size = static_cast<std::uint32_t>(draw.below(40));
    std::byte mark[4];
    store_be(mark, draw.coin() || fragments == 1 ? size | 0x80000000 : size);
    input.insert(input.end(), std::begin(mark), std::end(mark));
    for (std::uint32_t i = 0; i < size; ++i) input.push_back(static_cast<std::byte>(draw.next()));
  }
  return input;
}
