// StoreDirectory: the folder that a store on disk lives in. It says whose the folder is and in which format: a `format`
// file, a `lock` file that one process holds, and the places of the metadata file, the journal and the objects. It
// opens none of the three. The lock ends with the object. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "store/descriptor.hpp"

namespace ditto::store {

/// Why a store cannot be opened, in words for whoever started the program.
struct OpenError {
  enum class Reason : std::uint8_t {
    InUse,         // another process has it
    NotPermitted,  // the folder may not be read or written
    NotAStore,     // a file, or a folder with something else in it
    NewerFormat,   // written by a later version of Ditto
    Damaged,       // part of it is missing or unreadable
    System,        // anything else that the system said
  };
  Reason reason;
  std::string message;
};

class StoreDirectory {
 public:
  /// Opens the store in `path`, or prepares the folder for one where there is nothing yet; its parent must exist.
  /// `program` is what others are told who has it.
  static std::expected<StoreDirectory, OpenError> open(const std::string& path, const std::string& program);
  StoreDirectory(StoreDirectory&&) noexcept = default;
  StoreDirectory& operator=(StoreDirectory&&) noexcept = default;

  const std::string& path() const noexcept { return path_; }
  std::string metadata_path() const { return path_ + "/metadata.mdb"; }
  std::string journal_path() const { return path_ + "/journal"; }
  std::string objects_path() const { return path_ + "/objects"; }

  /// The store is being made: it counts as one only after finish().
  bool is_new() const noexcept { return is_new_; }
  /// Everything in the folder is there: writes the format file, durably.
  std::expected<void, OpenError> finish();

 private:
  StoreDirectory(std::string path, Descriptor directory, bool is_new) noexcept
      : path_(std::move(path)), directory_(std::move(directory)), is_new_(is_new) {}
  std::expected<void, OpenError> take_lock(const std::string& program);
  std::expected<void, OpenError> check_format();
  std::expected<void, OpenError> prepare();

  std::string path_;
  Descriptor directory_;
  Descriptor lock_;
  bool is_new_;
};

}  // namespace ditto::store
