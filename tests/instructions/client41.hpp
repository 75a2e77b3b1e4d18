// A client of NFSv4.1 with one session, over a Stack: what it asks for before anything is counted is answered at once,
// and the COMPOUNDs that are counted are encoded as Linux sends them. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "instructions/stack.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/opnum.hpp"
#include "wire/xdr.hpp"

namespace ditto::test {

/// The operations of a COMPOUND behind its SEQUENCE.
class Operations {
 public:
  template <class... Args>
  Operations& add(nfs4::nfs_opnum4 number, const Args&... arguments) {
    writer_(number);
    (writer_(arguments), ...);
    ++count_;
    return *this;
  }
  /// The file that the rest is about.
  Operations& on(const nfs4::nfs_fh4& file);
  /// All that Linux keeps of a file; `changing`: no more than what a WRITE changes.
  Operations& getattr(bool changing = false);
  std::uint32_t count() const noexcept { return count_; }
  BufferChain finish() { return writer_.finish(); }

 private:
  xdr::Writer writer_;
  std::uint32_t count_ = 0;
};

class Client41 {
 public:
  /// Slots that are counted; what is not has one of its own.
  static constexpr std::uint32_t slots = 16;

  /// Introduces itself, and makes the session.
  explicit Client41(Stack& stack);

  /// The next COMPOUND on a slot; `kept`: its reply is to be kept for a retry, as it is of what must not happen twice.
  Buffer compound(std::uint32_t slot, Operations operations, bool kept = false);
  /// Opens an existing file by its name, to read and write.
  nfs4::stateid4 open(const nfs4::nfs_fh4& directory, const std::string& name);
  void add_open(Operations& operations, const std::string& name) const;
  void close(const nfs4::nfs_fh4& file, const nfs4::stateid4& stateid);

 private:
  template <class RES, class ARGS>
  RES alone(nfs4::nfs_opnum4 number, const ARGS& arguments);
  /// The COMPOUND's results.
  BufferChain ask(Operations operations);

  Stack& stack_;
  nfs4::clientid4 id_ = 0;
  nfs4::sessionid4 session_{};
  std::uint32_t xid_ = 0;
  std::array<nfs4::sequenceid4, slots + 1> sequences_{};
};

}  // namespace ditto::test
