#include "store/journal/format.hpp"

#include "base/crc32c.hpp"

namespace ditto::store::journal {
namespace {

constexpr std::uint64_t segment_magic = 0x444954544f4a4e4c;  // "DITTOJNL"
constexpr std::uint32_t format_version = 1;

// Offsets of a segment's header: magic, checksum of what follows it, then the rest.
constexpr std::size_t segment_checksum_at = 8, segment_version_at = 12, segment_sequence_at = 16, segment_epoch_at = 24,
                      segment_previous_at = 32, segment_size_at = 40;

// Offsets of a batch's header.
constexpr std::size_t batch_checksum_at = 4, batch_payload_at = 8, batch_records_at = 12, batch_epoch_at = 16,
                      batch_previous_at = 24, batch_first_at = 32, batch_durable_at = 40;

}  // namespace

void SegmentHeader::encode(MutableBytes into) const noexcept {
  std::byte* at = into.data();
  store_be(at, segment_magic);
  store_be(at + segment_version_at, format_version);
  store_be(at + segment_sequence_at, sequence);
  store_be(at + segment_epoch_at, epoch);
  store_be(at + segment_epoch_at + 4, std::uint32_t{0});
  store_be(at + segment_previous_at, previous);
  store_be(at + segment_size_at, size_bytes);
  store_be(at + segment_checksum_at, crc32c(into.subspan(segment_version_at, encoded_bytes - segment_version_at)));
}

std::optional<SegmentHeader> SegmentHeader::decode(Bytes bytes) noexcept {
  if (bytes.size() < encoded_bytes || load_be<std::uint64_t>(bytes.data()) != segment_magic) return std::nullopt;
  const std::byte* at = bytes.data();
  const std::uint32_t checksum = crc32c(bytes.subspan(segment_version_at, encoded_bytes - segment_version_at));
  if (load_be<std::uint32_t>(at + segment_checksum_at) != checksum) return std::nullopt;
  if (load_be<std::uint32_t>(at + segment_version_at) != format_version) return std::nullopt;
  return SegmentHeader{.sequence = load_be<std::uint64_t>(at + segment_sequence_at),
                       .epoch = load_be<std::uint32_t>(at + segment_epoch_at),
                       .previous = load_be<Lsn>(at + segment_previous_at),
                       .size_bytes = load_be<std::uint64_t>(at + segment_size_at)};
}

void BatchHeader::encode(MutableBytes batch) const noexcept {
  std::byte* at = batch.data();
  store_be(at, batch_magic);
  store_be(at + batch_payload_at, payload_bytes);
  store_be(at + batch_records_at, records);
  store_be(at + batch_epoch_at, epoch);
  store_be(at + batch_epoch_at + 4, std::uint32_t{0});
  store_be(at + batch_previous_at, previous);
  store_be(at + batch_first_at, first);
  store_be(at + batch_durable_at, durable);
  store_be(at + batch_checksum_at,
           crc32c(batch.subspan(batch_payload_at, encoded_bytes - batch_payload_at + payload_bytes)));
}

std::optional<BatchHeader> BatchHeader::decode(Bytes bytes) noexcept {
  if (bytes.size() < encoded_bytes || load_be<std::uint32_t>(bytes.data()) != batch_magic) return std::nullopt;
  const BatchHeader header = claimed(bytes);
  if (header.payload_bytes > bytes.size() - encoded_bytes) return std::nullopt;
  const std::uint32_t checksum =
      crc32c(bytes.subspan(batch_payload_at, encoded_bytes - batch_payload_at + header.payload_bytes));
  if (load_be<std::uint32_t>(bytes.data() + batch_checksum_at) != checksum) return std::nullopt;
  if (header.records == 0 || header.first <= header.previous || header.durable > header.previous) return std::nullopt;
  return header;
}

BatchHeader BatchHeader::claimed(Bytes bytes) noexcept {
  const std::byte* at = bytes.data();
  return {.payload_bytes = load_be<std::uint32_t>(at + batch_payload_at),
          .records = load_be<std::uint32_t>(at + batch_records_at),
          .epoch = load_be<std::uint32_t>(at + batch_epoch_at),
          .previous = load_be<Lsn>(at + batch_previous_at),
          .first = load_be<Lsn>(at + batch_first_at),
          .durable = load_be<Lsn>(at + batch_durable_at)};
}

}  // namespace ditto::store::journal
