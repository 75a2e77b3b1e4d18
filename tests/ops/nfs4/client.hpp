// A client of NFSv4 over a World: whole COMPOUNDs as bytes through rpc::answer, and their results decoded one after the
// other. Short words for what these tests do again and again. One thread.
#pragma once

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nfs/v4/attributes.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/names.hpp"
#include "nfs/v4/messages/security.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/opnum.hpp"
#include "nfs/v4/service.hpp"
#include "nfs/v4/sessions.hpp"
#include "ops/world.hpp"
#include "rpc/answer.hpp"
#include "rpc/reply_room.hpp"
#include "wire/xdr.hpp"

namespace ditto::test::v4 {

using nfs4::nfs_opnum4;
using nfs4::nfsstat4;
using Number = nfs_opnum4;

/// The operations of a COMPOUND that is being written.
class Ops {
 public:
  template <class... Args>
  Ops& add(nfs_opnum4 number, const Args&... args) {
    xdr::Writer writer;
    writer(number, args...);
    return add_encoded(writer.finish());
  }
  /// One that is encoded already, its number included.
  Ops& add_encoded(BufferChain operation) {
    encoded_.append(std::move(operation));
    ++count_;
    return *this;
  }
  Ops& root() { return add(nfs_opnum4::OP_PUTROOTFH); }
  Ops& fh(const nfs4::nfs_fh4& handle) { return add(nfs_opnum4::OP_PUTFH, nfs4::PUTFH4args{handle}); }
  Ops& look(std::string_view name) { return add(nfs_opnum4::OP_LOOKUP, nfs4::LOOKUP4args{component(name)}); }
  /// From the root, component by component.
  Ops& go(std::initializer_list<std::string_view> path) {
    root();
    for (const std::string_view name : path) look(name);
    return *this;
  }
  Ops& getfh() { return add(nfs_opnum4::OP_GETFH); }
  Ops& save() { return add(nfs_opnum4::OP_SAVEFH); }
  Ops& getattr(std::initializer_list<std::uint32_t> numbers);

  static nfs4::component4 component(std::string_view name) { return nfs4::component4::copy_of(name); }
  std::uint32_t count() const noexcept { return count_; }
  const BufferChain& encoded() const noexcept { return encoded_; }

 private:
  BufferChain encoded_;
  std::uint32_t count_ = 0;
};

/// A COMPOUND's results, read from the front.
class Results {
 public:
  explicit Results(BufferChain bytes);
  nfsstat4 status{};
  std::string tag;
  std::uint32_t count = 0;
  const BufferChain& bytes() const noexcept { return *bytes_; }

  /// The next result, which must be of `number`.
  template <class Res>
  Res next(nfs_opnum4 number) {
    REQUIRE(next_number() == number);
    Res result{};
    reader_(result);
    REQUIRE(reader_.ok());
    return result;
  }
  /// Passes over results that are no more than a status, and good.
  Results& skip(std::initializer_list<nfs_opnum4> numbers);
  /// Passes over a PUTROOTFH and as many LOOKUPs.
  Results& went(std::size_t lookups);
  std::size_t left() const noexcept { return reader_.remaining(); }

 private:
  nfs_opnum4 next_number();
  std::unique_ptr<const BufferChain> bytes_;
  xdr::Reader reader_;
};

/// SEQUENCE of a session that is always there, with the limits that the test says.
class OneSession final : public nfs4::Sessions, public nfs4::Slot {
 public:
  std::size_t reply_bytes = nfs4::Compound::max_reply_bytes;
  nfsstat4 beyond = nfsstat4::NFS4ERR_REP_TOO_BIG;
  std::optional<BufferChain> kept;  // is what a retry gets
  bool retry = false;
  int taken = 0, ended = 0, lost = 0;
  std::size_t request_bytes = 0;
  std::uint32_t operations = 0;

  nfs4::SEQUENCE4res sequence(nfs4::Compound& compound, const nfs4::SEQUENCE4args& args) override;
  void end(const BufferChain* reply) noexcept override;
};

class Client {
 public:
  explicit Client(World& over, const nfs4::IdMap& ids = nfs4::numeric_ids());

  World& world;
  nfs4::Service service;
  OneSession session;
  std::uint32_t minor = 0;
  /// With which a COMPOUND of version 1 begins; run() counts its number up before.
  nfs4::SEQUENCE4args sequence;
  /// What the connection keeps.
  std::shared_ptr<void> connection;
  std::string tag = "tag";
  std::uint32_t xid = 1;
  /// In whose bytes values lie that a test has asked for.
  std::optional<Results> looked_at;
  rpc::ReplyRoom* room = nullptr;
  /// The way back on the connection; null: there is none.
  rpc::BackchannelSource* backchannel = nullptr;

  /// The arguments of a COMPOUND; in version 1 a SEQUENCE comes first unless `plain`.
  BufferChain arguments(const Ops& ops, bool plain = false) const;
  /// Its reply, a whole message of rpc.
  BufferChain message(const BufferChain& arguments, std::uint32_t procedure = 1);
  /// The message of a call of COMPOUND with those arguments.
  BufferChain call(const BufferChain& arguments) const { return call_message(arguments, 1); }
  /// Answers `call`, which does not have to wait.
  void answer(const BufferChain& call);
  /// Starts a call that may have to wait; `reply` is there once it has ended.
  void start(BufferChain arguments, std::optional<BufferChain>& reply);
  void turn();

  Results run(const Ops& ops);
  Results run_plain(const Ops& ops) { return Results(body(message(arguments(ops, true)))); }
  /// The status of a COMPOUND.
  nfsstat4 status(const Ops& ops) { return run(ops).status; }
  /// What a COMPOUND gives when it is at the end of `path`.
  nfs4::nfs_fh4 handle(std::initializer_list<std::string_view> path);

  /// The results that follow rpc's header.
  static BufferChain body(const BufferChain& message);
  rpc::ReplyCache& replies() noexcept { return replies_; }

 private:
  BufferChain call_message(const BufferChain& arguments, std::uint32_t procedure) const;

  rpc::Programs programs_;
  rpc::ReplyCache replies_{{}, world.random};
  rpc::InFlightPool in_flight_{std::size_t{64} << 20};
  rpc::Host host_{.programs = programs_,
                  .replies = replies_,
                  .in_flight = in_flight_,
                  .pool = world.pool,
                  .clock = world.clock,
                  .log = null_log()};
};

/// Each minor version: 0, and those with sessions, one after the other, over a world of its own each.
template <class F>
void for_both(F test) {
  for (const std::uint32_t minor : {0U, 1U, 2U}) {
    INFO("minor version " << minor);
    World world;
    Client client(world);
    client.minor = minor;
    test(world, client);
  }
}

nfs4::bitmap4 bits(std::initializer_list<std::uint32_t> numbers);
nfs4::nfs_fh4 same_handle(const nfs_fh3& handle);
/// Attributes with the values that `values` encode, in the order of their numbers.
template <class... T>
nfs4::fattr4 fattr(std::initializer_list<std::uint32_t> numbers, const T&... values) {
  xdr::Writer writer;
  writer(values...);
  return {.attrmask = bits(numbers), .attr_vals = nfs4::attrlist4::take(writer.finish().coalesce())};
}
/// Decodes the values of `attributes`, all of them.
template <class... T>
void read_values(const nfs4::fattr4& attributes, T&... values) {
  xdr::Reader reader(attributes.attr_vals.bytes());
  reader(values...);
  REQUIRE(reader.finish());
}
bool same_bits(const nfs4::bitmap4& a, const nfs4::bitmap4& b);
inline nfs4::utf8string text(std::string_view value) { return nfs4::utf8string::copy_of(value); }

inline constexpr nfs4::stateid4 anonymous{};
nfs4::stateid4 bypass();

}  // namespace ditto::test::v4

namespace ditto::nfs4 {
inline std::ostream& operator<<(std::ostream& out, nfsstat4 status) {
  return out << static_cast<std::uint32_t>(status);
}
inline std::ostream& operator<<(std::ostream& out, nfs_opnum4 number) {
  return out << static_cast<std::uint32_t>(number);
}
inline std::ostream& operator<<(std::ostream& out, nfs_ftype4 type) { return out << static_cast<std::uint32_t>(type); }
}  // namespace ditto::nfs4
