// Who introduces himself, between the wire and state/clients. Pure functions.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "nfs/v4/types.hpp"
#include "rpc/call.hpp"
#include "state/clients/clients.hpp"

namespace ditto::nfs4 {

/// By what credential a call comes, as bytes that are only compared.
inline state::Principal principal_of(const rpc::Call& call) {
  std::string principal(2 * sizeof(std::uint32_t), '\0');
  auto* to = reinterpret_cast<std::byte*>(principal.data());
  store_be(to, static_cast<std::uint32_t>(call.flavor));
  store_be(to + sizeof(std::uint32_t), call.caller.uid);
  return principal;
}

inline state::Verifier number_of(const verifier4& verifier) noexcept { return load_be<std::uint64_t>(verifier.data()); }
inline verifier4 verifier_of(state::Verifier number) noexcept {
  verifier4 verifier{};
  store_be(verifier.data(), number);
  return verifier;
}

template <std::size_t N>
std::string string_of(const xdr::opaque<N>& bytes) {
  return std::string(text_of(bytes.bytes()));
}

}  // namespace ditto::nfs4
