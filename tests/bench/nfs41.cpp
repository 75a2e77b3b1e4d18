#include "nfs41.hpp"

#include <algorithm>

#include "connection.hpp"

namespace bench::nfs41 {

namespace {

constexpr std::uint32_t program_version = 4, compound = 1, minor_version = 1;
constexpr std::uint32_t session_bytes = 16, stateid_bytes = 16;
constexpr std::uint32_t longest_message = (1u << 20) + (1u << 16), kept_bytes = 4096, most_operations = 16;
constexpr std::uint32_t opaque_limit = 1024;
constexpr std::uint32_t bits_of_mode[] = {0, 1u << 1};  // attribute 33

// Words of a bitmap4. All: type, change, size, fsid, fileid; mode, numlinks, owner, owner_group, rawdev, space_used,
// time_access, time_metadata, time_modify, mounted_on_fileid. Changing: change, size; space_used, time_metadata,
// time_modify.
constexpr std::uint32_t all_attributes[] = {0x0010011a, 0x00b0a23a}, changing_attributes[] = {0x00000018, 0x00302000};

void put_bitmap(Writer& out, const std::uint32_t (&words)[2]) {
  out.u32(2);
  for (std::uint32_t word : words) out.u32(word);
}

/// A COMPOUND of one operation without a session.
Writer begin_alone(Request& out, Op op) {
  Writer writer = out.begin(program_version, compound);
  writer.opaque("").u32(minor_version).u32(1);
  put_op(writer, op);
  return writer;
}

void skip_header(Reader& in) {
  in.opaque(opaque_limit);  // tag
  in.u32();
}

void put_channel(Writer& out, std::uint32_t slots) {
  out.u32(0).u32(longest_message).u32(longest_message).u32(kept_bytes).u32(most_operations).u32(slots).u32(0);
}

void skip_delegation(Reader& in) {
  constexpr std::uint32_t none = 0, none_ext = 3, contention = 1, resource = 2;
  std::uint32_t type = in.u32();
  if (type == none) return;
  if (type != none_ext) throw Unexpected{"OPEN gave a delegation, which cannot be recalled"};
  std::uint32_t why = in.u32();
  if (why == contention || why == resource) in.u32();
}

}  // namespace

void put_op(Writer& out, Op op) { out.u32(static_cast<std::uint32_t>(op)); }

void put_handle(Writer& out, const std::string& file) {
  put_op(out, Op::Putfh);
  out.opaque(file);
}

void put_getattr(Writer& out, bool changing) {
  put_op(out, Op::Getattr);
  put_bitmap(out, changing ? changing_attributes : all_attributes);
}

void expect(Reader& in, Op op) {
  std::uint32_t number = in.u32(), status = in.u32();
  if (!in.ok() || number != static_cast<std::uint32_t>(op)) {
    throw Unexpected{"operation " + std::to_string(number) + " in place of " +
                     std::to_string(static_cast<std::uint32_t>(op))};
  }
  if (status != 0) throw Unexpected{"status " + std::to_string(status)};
}

std::string_view get_attributes(Reader& in) {
  for (std::uint32_t words = std::min(in.u32(), 8u); words > 0; --words) in.u32();
  return in.opaque(opaque_limit);
}

Stateid get_open(Reader& in) {
  Stateid stateid{std::string(in.fixed(stateid_bytes))};
  in.skip(4 + 8 + 8 + 4);  // change_info4, rflags
  for (std::uint32_t words = std::min(in.u32(), 8u); words > 0; --words) in.u32();
  skip_delegation(in);
  return stateid;
}

std::string get_handle(Reader& in) { return std::string(in.opaque(handle_bytes)); }

Session::Session(Ask ask, std::uint32_t slots, const std::string& name)
    : ask_(std::move(ask)), owner_("open id: " + name), sequences_(slots) {
  std::string args;
  Request introduction(args);
  begin_alone(introduction, Op::ExchangeId).u64(0).opaque(name).u32(0).u32(0).u32(0);
  std::string reply = ask_(introduction, args);
  Reader known(reply);
  skip_header(known);
  expect(known, Op::ExchangeId);
  client_ = known.u64();
  std::uint32_t sequence = known.u32();

  args.clear();
  Request creation(args);
  Writer writer = begin_alone(creation, Op::CreateSession);
  writer.u64(client_).u32(sequence).u32(0);
  put_channel(writer, slots);
  put_channel(writer, slots);
  writer.u32(0).u32(1).u32(0);  // no callback program; AUTH_NONE
  reply = ask_(creation, args);
  Reader made(reply);
  skip_header(made);
  expect(made, Op::CreateSession);
  id_ = made.fixed(session_bytes);
  made.skip(4 + 4 + 5 * 4);
  if (made.u32() < slots || !made.ok()) throw Failure{"the server gives a session too few slots"};

  args.clear();
  Request reclaimed(args);
  Writer rest = begin(reclaimed, 0, 1);
  put_op(rest, Op::ReclaimComplete);
  rest.u32(0);
  ask_(reclaimed, args);
}

Writer Session::begin(Request& out, std::uint32_t slot, std::uint32_t operations, bool kept) {
  Writer writer = out.begin(program_version, compound);
  writer.opaque("").u32(minor_version).u32(1 + operations);
  put_op(writer, Op::Sequence);
  writer.fixed(id_).u32(++sequences_[slot]).u32(slot).u32(static_cast<std::uint32_t>(sequences_.size() - 1));
  writer.u32(kept ? 1 : 0);
  return writer;
}

void Session::begin_results(Reader& in) {
  skip_header(in);
  expect(in, Op::Sequence);
  in.skip(session_bytes + 5 * 4);
}

void Session::put_open(Writer& out, std::string_view name, std::uint32_t access, const std::uint32_t* mode) const {
  constexpr std::uint32_t guarded = 1, by_name = 0;
  put_op(out, Op::Open);
  out.u32(0).u32(access).u32(0).u64(client_).opaque(owner_);
  if (mode == nullptr) {
    out.u32(0);
  } else {
    out.u32(1).u32(guarded);
    put_bitmap(out, bits_of_mode);
    out.u32(4).u32(*mode);
  }
  out.u32(by_name).opaque(name);
}

std::string Session::look_up(const std::string& from, const std::vector<std::string>& path) {
  std::string args;
  Request request(args);
  Writer writer = begin(request, 0, static_cast<std::uint32_t>(path.size()) + 2);
  if (from.empty()) {
    put_op(writer, Op::Putrootfh);
  } else {
    put_handle(writer, from);
  }
  for (const std::string& name : path) {
    put_op(writer, Op::Lookup);
    writer.opaque(name);
  }
  put_op(writer, Op::Getfh);
  std::string reply = ask_(request, args);
  Reader in(reply);
  begin_results(in);
  expect(in, from.empty() ? Op::Putrootfh : Op::Putfh);
  for (std::size_t i = 0; i < path.size(); ++i) expect(in, Op::Lookup);
  expect(in, Op::Getfh);
  return get_handle(in);
}

Stateid Session::open(const std::string& directory, const std::string& name, std::uint32_t access) {
  std::string args;
  Request request(args);
  Writer writer = begin(request, 0, 2);
  put_handle(writer, directory);
  put_open(writer, name, access);
  std::string reply = ask_(request, args);
  Reader in(reply);
  begin_results(in);
  expect(in, Op::Putfh);
  expect(in, Op::Open);
  return get_open(in);
}

}  // namespace bench::nfs41
