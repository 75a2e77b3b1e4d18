// Ditto's bytes as LMDB's, and LMDB's codes as Ditto's errors. Nothing here owns memory.
#pragma once

#include <lmdb.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace ditto::store {

/// LMDB does not write through it: its interface merely lacks the const.
inline MDB_val to_lmdb(Bytes bytes) noexcept { return {bytes.size(), const_cast<std::byte*>(bytes.data())}; }
inline Bytes from_lmdb(const MDB_val& value) noexcept {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

/// For codes of reads other than MDB_NOTFOUND.
inline Error read_error(int code) noexcept {
  switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL: return Error::Corrupt;
    default: return Error::Io;
  }
}

}  // namespace ditto::store
