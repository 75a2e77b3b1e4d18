#pragma once

// What a server has promised to a client, and so what must be there after a crash: names and attributes as they were
// after some operation, not before the last one that was promised, and of the bytes of each file those that
// FileHistory allows. A plain value, one thread.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/durable.hpp"
#include "nfs/v3/types.hpp"
#include "support/power_cut/file_history.hpp"

namespace ditto::test {

/// A file of the model, whatever its names are.
using FileNumber = unsigned;

/// By name; the letters of a value are all the same.
using Xattrs = std::map<std::string, std::string>;

struct FileFacts {
  std::uint64_t size = 0;
  nfs3::nfstime3 modified;
  Xattrs xattrs;
};

/// All names, and what files they are, at one moment.
struct Listing {
  std::map<std::string, FileNumber> entries;
  std::map<FileNumber, FileFacts> files;

  unsigned links(FileNumber file) const;
  /// The name goes, and its file with its last one.
  void drop(const std::string& name);
};

/// A file as a client sees it.
struct Seen {
  std::uint64_t fileid = 0;
  unsigned links = 0;
  FileFacts facts;
  nfs3::nfs_fh3 handle;
  std::string contents;
};
using SeenNames = std::map<std::string, Seen>;

class Promises {
 public:
  /// Nothing but `seen` counts from here on; no crash takes it.
  explicit Promises(const SeenNames& seen = {});

  bool asynchronous = false;  // a power cut may take whatever was answered
  Listing names;              // after every step so far
  std::map<FileNumber, FileHistory> histories;

  /// The next operation begins; what it does to names and histories follows.
  Step begin();
  struct Answer {
    bool ready = false;
    Lsn token = 0;        // it is given once this is durable
    Step reaches = 0;     // the last step whose names and attributes it rests on
    bool stable = false;  // a power cut may not take them either
  };
  void answered(Step step, const Answer& answer) { answers_[step - 1] = answer; }
  /// Everything up to it has become durable.
  void durable(Lsn lsn) { durable_ = std::max(durable_, lsn); }

  FileNumber new_file() { return ++last_file_; }
  /// The last step that wrote to the file, or 0.
  Step last_write(FileNumber file) const;
  void wrote(FileNumber file, Step step) { last_writes_[file] = step; }

  /// Why a client cannot see this after a crash; empty: it can. `lost`: how many of the last steps are gone.
  std::string mismatch(const SeenNames& seen, Crash crash, Step& lost);

 private:
  bool promised(Step step, Crash crash) const;
  Step least(Crash crash) const;
  std::string mismatch_after(Step last, const SeenNames& seen, Crash crash) const;

  std::vector<Listing> past_;    // before each step: [0] before step 1
  std::vector<Answer> answers_;  // [0] is step 1's
  std::map<FileNumber, Step> last_writes_;
  FileNumber last_file_ = 0;
  Lsn durable_ = 0;
};

}  // namespace ditto::test
