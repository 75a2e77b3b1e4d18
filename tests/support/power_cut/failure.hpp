#pragma once

// What shall fail, where, when and how: given to WatchedFolder::fail(). A plain value.

#include <cerrno>
#include <cstddef>
#include <string>

namespace ditto::test {

/// A kind of call that changes files.
enum class Call {
  Write,     // write, pwrite, writev, pwritev, copy_file_range, FICLONERANGE
  Sync,      // fsync, fdatasync
  Allocate,  // fallocate, posix_fallocate
  Resize,    // ftruncate, truncate
  Create,    // open that makes a file, mkdir, link
  Rename,
  Remove,  // unlink, rmdir
};

struct Failure {
  enum class Effect {
    None,           // it fails before it has any effect
    HalfThenError,  // a write writes its first half, then fails
    Half,           // a write writes its first half and says so, without an error
  };

  Call call = Call::Write;
  std::string prefix = {};  // of the path below the watched folder
  std::string suffix = {};
  std::size_t nth = 1;  // which call that matches, counted from now on
  int error = EIO;
  Effect effect = Effect::None;
  bool from_then_on = false;  // and every later one
};

}  // namespace ditto::test
