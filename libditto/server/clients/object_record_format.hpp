// How the record of a promise is written into the server's store (docs/formats/server.md). Pure functions, any thread.
#pragma once

#include <array>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "state/recovery/object_record.hpp"

namespace ditto::server {

using ObjectKey = std::array<std::byte, 1 + sizeof(state::Incarnation) + sizeof(std::uint64_t)>;

ObjectKey object_record_key(const state::ObjectRecord& record);
std::vector<std::byte> encode_object_record(const state::ObjectRecord& record);
/// Corrupt: another version, a field that cannot be, or the checksum is wrong.
Result<state::ObjectRecord> decode_object_record(Bytes key, Bytes value);

/// Keys from `begin` on, before `end`.
struct ObjectRange {
  ObjectKey begin, end;
};
ObjectRange every_object_record();
/// Of incarnations before that one.
ObjectRange object_records_before(state::Incarnation incarnation);

}  // namespace ditto::server
