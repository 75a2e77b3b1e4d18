#include "instructions/nfs_call.hpp"

#include "nfs/v4/opnum.hpp"
#include "rpc/calls.hpp"

namespace ditto::test {
namespace {

rpc::opaque_auth root_credential() {
  static const Buffer body = xdr::encode(rpc::authsys_parms{}).coalesce();
  return {.flavor = rpc::AuthFlavor::Sys, .body = xdr::opaque<rpc::opaque_auth::max_body>::lend(body.bytes())};
}

}  // namespace

Buffer nfs_call(std::uint32_t xid, std::uint32_t version, std::uint32_t procedure, BufferChain arguments) {
  xdr::Writer writer;
  writer(rpc::call_header{.xid = xid, .prog = nfs4::NFS4_PROGRAM, .vers = version, .proc = procedure});
  writer(root_credential(), rpc::opaque_auth{});
  writer.link(std::move(arguments));
  return record(writer.finish());
}

}  // namespace ditto::test
