// The few operations of NFSv4.1 that the load generator speaks (RFC 8881), in COMPOUNDs as the Linux client forms them,
// and the session that they go by: one over all connections, with a slot for each operation in flight. No sockets;
// filehandles are plain strings of at most 128 bytes. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "workload.hpp"
#include "xdr.hpp"

namespace bench::nfs41 {

inline constexpr std::size_t handle_bytes = 128;

enum class Op : std::uint32_t {
  Access = 3,
  Close = 4,
  Commit = 5,
  Getattr = 9,
  Getfh = 10,
  Lookup = 15,
  Open = 18,
  Putfh = 22,
  Putrootfh = 24,
  Read = 25,
  Write = 38,
  ExchangeId = 42,
  CreateSession = 43,
  Sequence = 53,
  ReclaimComplete = 58,
};

struct Stateid {
  std::string bytes = std::string(16, '\0');  // as they are on the wire
};

/// Sends a COMPOUND alone, and gives what follows its status, which was good.
using Ask = std::function<std::string(const Request& request, const std::string& args)>;

class Session {
 public:
  /// Introduces a client of that name, and makes a session of `slots` slots. Throws Failure.
  Session(Ask ask, std::uint32_t slots, const std::string& name);

  /// Begins the next COMPOUND on a slot with SEQUENCE; `operations` follow. `kept`: its reply is to be kept for a
  /// retry.
  Writer begin(Request& out, std::uint32_t slot, std::uint32_t operations, bool kept = false);
  /// Reads up to the results of those operations.
  static void begin_results(Reader& in);

  /// OPEN of a name in the current filehandle; `mode`: it is made with that, and must not be there.
  void put_open(Writer& out, std::string_view name, std::uint32_t access, const std::uint32_t* mode = nullptr) const;

  /// The filehandle at the end of a path; `from` is the root when it is empty. Throws Failure.
  std::string look_up(const std::string& from, const std::vector<std::string>& path);
  /// Throws Failure.
  Stateid open(const std::string& directory, const std::string& name, std::uint32_t access);

 private:
  Ask ask_;
  const std::string owner_;
  std::uint64_t client_ = 0;
  std::string id_;
  std::vector<std::uint32_t> sequences_;
};

inline constexpr std::uint32_t access_read = 1, access_both = 3;

void put_op(Writer& out, Op op);
void put_handle(Writer& out, const std::string& file);  // PUTFH
/// GETATTR of all that Linux keeps of a file, or of what a WRITE changes.
void put_getattr(Writer& out, bool changing = false);

/// The next result is one of `op`. Throws Unexpected.
void expect(Reader& in, Op op);
/// Attributes of a GETATTR; those of put_getattr() begin with the type.
std::string_view get_attributes(Reader& in);
/// What OPEN and CLOSE give, behind their status.
Stateid get_open(Reader& in);
std::string get_handle(Reader& in);  // GETFH

}  // namespace bench::nfs41
