#include "nfs3.hpp"

#include <array>
#include <utility>

namespace bench::nfs3 {

namespace {

constexpr std::uint32_t call_message = 0, reply_message = 1, rpc_version = 2;
constexpr std::uint32_t auth_none = 0, auth_sys = 1;
constexpr std::uint32_t last_fragment = 0x80000000;
constexpr std::size_t auth_bytes = 400;  // RFC 5531, 8.2.

}  // namespace

std::size_t begin_call(std::string& out, std::uint32_t xid, std::uint32_t program, std::uint32_t version,
                       std::uint32_t procedure, const Caller& caller) {
  std::size_t begin = out.size();
  Writer writer(out);
  writer.u32(0).u32(xid).u32(call_message).u32(rpc_version).u32(program).u32(version).u32(procedure);
  std::string body;
  Writer(body).u32(0).opaque("bench").u32(caller.uid).u32(caller.gid).u32(0);
  writer.u32(auth_sys).opaque(body).u32(auth_none).u32(0);
  return begin;
}

void end_call(std::string& out, std::size_t begin, std::size_t more) {
  put_be32(out.data() + begin, last_fragment | static_cast<std::uint32_t>(out.size() - begin - 4 + more));
}

bool accepted(Reader& in) {
  if (in.u32() != reply_message || in.u32() != 0) return false;
  in.u32();
  in.opaque(auth_bytes);
  return in.u32() == 0 && in.ok();
}

void put_name(Writer& out, std::string_view directory, std::string_view name) { out.opaque(directory).opaque(name); }

void put_mode(Writer& out, std::uint32_t mode) { out.u32(1).u32(mode).u32(0).u32(0).u32(0).u32(0).u32(0); }

void skip_post_op(Reader& in) {
  if (in.u32() != 0) in.skip(fattr_bytes);
}

void skip_wcc(Reader& in) {
  if (in.u32() != 0) in.skip(24);
  skip_post_op(in);
}

Made get_made(Reader& in) {
  Made made;
  if (in.u32() != 0) made.handle = in.opaque(handle_bytes);
  return made;
}

std::string status_name(std::uint32_t status) {
  static constexpr std::array<std::pair<std::uint32_t, const char*>, 21> names = {
      {{1, "PERM"},          {2, "NOENT"},          {5, "IO"},          {13, "ACCES"},
       {17, "EXIST"},        {18, "XDEV"},          {20, "NOTDIR"},     {21, "ISDIR"},
       {22, "INVAL"},        {27, "FBIG"},          {28, "NOSPC"},      {30, "ROFS"},
       {63, "NAMETOOLONG"},  {66, "NOTEMPTY"},      {69, "DQUOT"},      {70, "STALE"},
       {10001, "BADHANDLE"}, {10003, "BAD_COOKIE"}, {10004, "NOTSUPP"}, {10006, "SERVERFAULT"},
       {10008, "JUKEBOX"}}};
  for (auto [number, name] : names) {
    if (number == status) return std::string("NFS3ERR_") + name;
  }
  return "status " + std::to_string(status);
}

}  // namespace bench::nfs3
