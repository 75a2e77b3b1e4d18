// Access control lists on NFSv4's wire, in letters. Plain functions.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "nfs/v4/acl.hpp"
#include "ops/nfs4/client.hpp"
#include "vfs/acl/letters.hpp"

namespace ditto::test::v4 {

/// Special names and "u7", "g8" as on the wire: numbers, and the flag of a group.
inline nfs4::fattr4_acl aces(const std::string& letters) {
  nfs4::fattr4_acl list;
  for (const vfs::Ace& ace : acl(letters).aces) {
    std::string who = name_of(ace.who);
    if (!who.ends_with('@')) who = who.substr(1);
    const nfs4::aceflag4 group = ace.who.kind == vfs::Who::Kind::NamedGroup ? nfs4::ACE4_IDENTIFIER_GROUP : 0;
    list.push_back({.type = static_cast<nfs4::acetype4>(ace.type),
                    .flag = static_cast<nfs4::aceflag4>(ace.flags) | group,
                    .access_mask = static_cast<nfs4::acemask4>(ace.mask),
                    .who = text(who)});
  }
  return list;
}

inline std::string letters_of(const nfs4::fattr4_acl& list) {
  vfs::Acl made;
  for (const nfs4::nfsace4& ace : list) {
    const std::string who(ace.who.view());
    const bool group = ace.flag & nfs4::ACE4_IDENTIFIER_GROUP;
    const bool special = who.ends_with('@');
    made.aces.push_back({.type = static_cast<vfs::Ace::Type>(ace.type),
                         .flags = static_cast<vfs::AceFlags>(ace.flag & ~nfs4::ACE4_IDENTIFIER_GROUP),
                         .mask = static_cast<vfs::Access>(ace.access_mask),
                         .who = who_of(special ? who : (group ? "g" : "u") + who)});
  }
  return test::text_of(made);
}

/// GETATTR of `number`: its values, or why there are none. What they refer to is good until the next.
template <class T>
nfs4::nfsstat4 get_value(Client& client, const nfs4::nfs_fh4& handle, std::uint32_t number, T& value) {
  Results& results = client.looked_at.emplace(client.run(Ops().fh(handle).getattr({number})));
  const auto got = results.skip({nfs_opnum4::OP_PUTFH}).next<nfs4::GETATTR4res>(nfs_opnum4::OP_GETATTR);
  if (got.status == nfsstat4::NFS4_OK) read_values(got.resok4.obj_attributes, value);
  return got.status;
}
inline std::string get_list(Client& client, const nfs4::nfs_fh4& handle) {
  nfs4::fattr4_acl list;
  const nfsstat4 status = get_value(client, handle, nfs4::FATTR4_ACL, list);
  return status == nfsstat4::NFS4_OK ? letters_of(list) : std::to_string(static_cast<std::uint32_t>(status));
}
inline std::uint32_t get_mode(Client& client, const nfs4::nfs_fh4& handle) {
  std::uint32_t mode = 0;
  REQUIRE(get_value(client, handle, nfs4::FATTR4_MODE, mode) == nfsstat4::NFS4_OK);
  return mode;
}
inline nfsstat4 set_values(Client& client, const nfs4::nfs_fh4& handle, const nfs4::fattr4& attributes) {
  return client.status(Ops().fh(handle).add(nfs_opnum4::OP_SETATTR, nfs4::SETATTR4args{{}, attributes}));
}
inline nfsstat4 set_list(Client& client, const nfs4::nfs_fh4& handle, const std::string& letters) {
  return set_values(client, handle, fattr({nfs4::FATTR4_ACL}, aces(letters)));
}

}  // namespace ditto::test::v4
