// One remote procedure call while it is being answered: who called, from where, and what the answer will rest on. It
// lives in the call's coroutine, from the decoded header until the reply has been handed to the transport, on the
// connection's loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/durable.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"

namespace ditto::rpc {

/// RFC 5531, 8.2 and appendix A.
enum class AuthFlavor : std::uint32_t { None = 0, Sys = 1, Short = 2, RpcsecGss = 6 };

/// The caller's address; IPv4 is kept as a mapped IPv6 address (::ffff:a.b.c.d).
struct Peer {
  std::array<std::uint8_t, 16> address{};
  std::uint16_t port = 0;
  bool is_loopback() const noexcept;
};

/// "192.0.2.1" or "2001:db8::1".
std::string address_text(const Peer& peer);

/// "192.0.2.1:834" or "[2001:db8::1]:834".
std::string to_string(const Peer& peer);

/// What AUTH_SYS claims (RFC 5531, appendix A); with AUTH_NONE uid and gid are 65534 and there are no groups.
struct Caller {
  static constexpr std::size_t max_groups = 16;
  std::uint32_t uid = 65534, gid = 65534;
  std::uint32_t group_count = 0;
  std::array<std::uint32_t, max_groups> group_list{};
  std::span<const std::uint32_t> groups() const noexcept { return {group_list.data(), group_count}; }
};

class BackchannelSource;
class ReplyRoom;

struct Call {
  std::uint32_t xid = 0;
  std::uint32_t program = 0, version = 0, procedure = 0;
  AuthFlavor flavor = AuthFlavor::None;
  Caller caller;
  Peer peer;

  Executor& loop;  // the connection's; handlers run on it
  Executor& pool;  // for what blocks
  const Clock& clock;
  Log& log;

  /// The reply leaves once all of it is durable; a part that was taken back turns the reply into the procedure's I/O
  /// error.
  CommitTokens rests_on;

  /// Of a call that goes through the reply cache: false when it did nothing that must not happen twice, so that its
  /// reply need not be kept for a retry.
  bool keep_reply = true;

  /// Where handlers get room for large replies (rpc/reply_room.hpp), and how much this one has asked for. Null: there
  /// is no connection.
  ReplyRoom* reply_room = nullptr;
  std::size_t expected_reply_bytes = 0;

  /// Where handlers get a way to call the peer on the connection that this call came by (rpc/remote.hpp). Null: there
  /// is no connection.
  BackchannelSource* backchannel_source = nullptr;

  /// What a program keeps with the connection; it goes when the connection does, on its loop. Null: there is none.
  std::shared_ptr<void>* attachment = nullptr;
};

}  // namespace ditto::rpc
