#pragma once

// A watched folder at one moment: what is durable, and every change that is not. From it, folders are built that a disk
// might hold if the power went just then, different ones by seed, the same one for the same seed. It says nothing about
// the folder later and may outlive its WatchedFolder. Any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace ditto::test {

class Record;

/// What becomes of changes that were not synced.
enum class Unsynced {
  Nothing,     // none is there
  Everything,  // all are there: as after kill -9
  Prefix,      // those before some point in time are there, whatever file they concern
  Subset,      // some are there, in any combination
  Any,         // one of these, for all files or for each file by itself
};

/// What makes a name durable: a file's creation, renaming, removal.
enum class Names {
  SyncedFolder,  // only an fsync of the folder that it is in
  AnySync,       // any later sync, since a journaling file system commits its journal with it
  Any,           // one of these
};

struct Damage {
  Unsynced unsynced = Unsynced::Any;
  Names names = Names::Any;
  bool torn = true;  // a write may be there in some of its 512-byte sectors
};

class Moment {
 public:
  explicit Moment(std::shared_ptr<const Record> record) noexcept;

  /// Makes `folder`, or fills it if it is empty. Throws std::runtime_error when it cannot.
  ///
  /// A file has all that was made durable of it. Of the rest, each write is there or not, and so are changes of its
  /// size, by themselves: a file may be longer than what was written, with zeros, or shorter. Names that are not
  /// durable are there in order: when one is missing, so are all later ones.
  void build_image(const std::string& folder, std::uint64_t seed, const Damage& damage = {}) const;

  /// How many changes, of contents and names, could be missing.
  std::size_t unsynced() const;

 private:
  std::shared_ptr<const Record> record_;
};

}  // namespace ditto::test
