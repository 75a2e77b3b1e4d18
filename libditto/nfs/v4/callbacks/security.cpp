#include "nfs/v4/callbacks/security.hpp"

#include <algorithm>
#include <string>

#include "wire/xdr.hpp"

namespace ditto::nfs4 {

namespace {

using rpc::AuthFlavor;

rpc::SysIdentity identity_of(const rpc::authsys_parms& offered) {
  rpc::SysIdentity identity{.machine_name = std::string(offered.machinename.view()),
                            .caller = {.uid = offered.uid, .gid = offered.gid},
                            .stamp = offered.stamp};
  for (const std::uint32_t gid : offered.gids) identity.caller.group_list[identity.caller.group_count++] = gid;
  return identity;
}

const callback_sec_parms4* find(const callback_sec_parms4_list& offered, AuthFlavor flavor) noexcept {
  const auto found = std::ranges::find(offered, flavor, &callback_sec_parms4::cb_secflavor);
  return found == offered.end() ? nullptr : &*found;
}

}  // namespace

std::optional<CallbackSecurity> security_of(const callback_sec_parms4_list& offered) {
  if (const auto* sys = find(offered, AuthFlavor::Sys)) return CallbackSecurity{identity_of(sys->cbsp_sys_cred)};
  if (find(offered, AuthFlavor::None)) return CallbackSecurity{};
  return std::nullopt;
}

std::optional<CallbackSecurity> security_of(const state::CallbackControl& control) {
  const BufferChain encoded(Buffer::copy_of(bytes_of(control.security)));
  const auto offered = xdr::decode<callback_sec_parms4_list>(encoded);
  return offered ? security_of(*offered) : std::nullopt;
}

bool names_gss_handle(const callback_sec_parms4_list& offered) noexcept {
  return find(offered, AuthFlavor::RpcsecGss) != nullptr;
}

state::CallbackControl control_of(std::uint32_t program, const callback_sec_parms4_list& offered) {
  const Buffer encoded = xdr::encode(offered).coalesce();
  return {.program = program, .security = std::string(text_of(encoded.bytes()))};
}

std::size_t call_header_bytes(const CallbackSecurity& security) {
  std::size_t bytes = xdr::bound<rpc::call_header>();
  bytes += 2 * xdr::encoded_size(rpc::opaque_auth{});
  if (!security.identity) return bytes;
  rpc::authsys_parms claimed;
  claimed.machinename = decltype(claimed.machinename)::lend(security.identity->machine_name);
  for (const std::uint32_t gid : security.identity->caller.groups()) claimed.gids.push_back(gid);
  return bytes + xdr::encoded_size(claimed);
}

}  // namespace ditto::nfs4
