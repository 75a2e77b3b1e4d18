// What the load generator asks a server to do: each workload is a small state machine that writes the requests of one
// operation after the other into slots (one slot is one operation in flight) and reads the replies. It knows nothing of
// sockets or time; the engine drives it. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nfs3.hpp"
#include "xdr.hpp"

namespace bench {

/// One operation in flight. A workload uses the members as it likes between start() and the last reply().
struct Slot {
  std::uint32_t number = 0;      // 0 .. in_flight - 1
  std::uint32_t connection = 0;  // which connection it is on
  std::uint64_t index = 0;
  std::uint64_t cookie = 0, cookie_verifier = 0;
  int step = 0;
};

/// Where a workload writes one request: version and procedure, then the arguments, perhaps with a payload that is
/// linked and bytes that follow it.
class Request {
 public:
  explicit Request(std::string& args) : args_(args) {}
  std::uint32_t version = nfs3::program_version, procedure = 0;
  std::string_view payload;  // follows the arguments, a multiple of four bytes; must outlive the workload's run
  std::string rest;          // follows the payload
  Writer begin(nfs3::Procedure which) { return begin(nfs3::program_version, static_cast<std::uint32_t>(which)); }
  Writer begin(std::uint32_t of_version, std::uint32_t which) {
    version = of_version;
    procedure = which;
    return Writer(args_);
  }

 private:
  std::string& args_;
};

enum class Verdict {
  Done,  // the operation is complete
  More,  // another request of the same operation was written
};

/// The reply was not what the workload asked for.
struct Unexpected {
  std::string what;
};

class Workload {
 public:
  virtual ~Workload() = default;
  /// Writes the first request of another operation. False if there is nothing left to do.
  virtual bool start(Slot& slot, Request& out) = 0;
  /// Reads a reply from behind its accepted header. Throws Unexpected. May write the next request of this operation.
  virtual Verdict reply(Slot& slot, Reader& in, Request& out) = 0;
  /// Requests that close a measurement and count in its time (COMMIT). False if there is none (left).
  virtual bool finish(Request&) { return false; }
  /// What one operation is worth: bytes moved, and things done (entries of a listing) where that is not 1.
  virtual std::uint64_t bytes_per_operation() const { return 0; }
  virtual std::uint64_t units() const { return 0; }  // 0: count operations
};

/// The made-up content of every file of a run; never the same at two offsets of a mebibyte.
std::string_view pattern();
inline constexpr std::size_t pattern_bytes = 1 << 20;

/// What a creation writes into the file that it makes as the one of that number.
std::string_view created_content(std::uint64_t index, std::uint32_t bytes);

enum class ProbeKind { Getattr, Lookup, Access };

/// What exists for the workloads to use.
struct Entry {
  std::string name;
  std::string handle;
  std::uint64_t number = 0;  // as which it was made: what it holds
};
using Entries = std::vector<Entry>;

std::unique_ptr<Workload> make_probe(ProbeKind kind, std::string directory, const Entries& entries);

struct Transfer {
  bool write = false;
  bool random = false;
  bool verify = false;  // compare what was read with the pattern
  nfs3::Stable stable = nfs3::Stable::Unstable;
  std::uint32_t block_bytes = 4096;
  std::uint64_t file_bytes = 0;
  std::uint64_t commit_bytes = 0;    // written to a file, then it is committed; 0: only when all is written
  std::uint64_t limit = UINT64_MAX;  // operations
};
/// File i of `files` is used by connection i.
std::unique_ptr<Workload> make_transfer(const Transfer& transfer, const Entries& files);

struct Creation {
  std::string prefix;
  std::uint64_t limit = UINT64_MAX;
  std::uint32_t write_bytes = 0;  // written FILE_SYNC after the creation
  Entries* made = nullptr;        // what was created is appended here
};
std::unique_ptr<Workload> make_creation(std::vector<std::string> directories, const Creation& creation);

/// Renames each slot's own entry back and forth between two directories.
std::unique_ptr<Workload> make_rename(std::string from, std::string to, const Entries& entries);
/// Removes the entries, each once.
std::unique_ptr<Workload> make_removal(std::string directory, const Entries& entries);
/// Lists the directory again and again; a unit is an entry.
std::unique_ptr<Workload> make_listing(std::string directory);

}  // namespace bench
