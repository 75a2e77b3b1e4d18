// Clients that have delegations of directories, over a share with the directory "dir", in which "first" is. What is
// called "somebody" is a client of version 3, which acts as nobody that could hold anything. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nfs/v3/procedures.hpp"
#include "ops/nfs4/callback_world.hpp"

namespace ditto::test::v4 {

inline constexpr std::initializer_list<std::uint32_t> names_only{nfs4::NOTIFY4_REMOVE_ENTRY, nfs4::NOTIFY4_ADD_ENTRY,
                                                                 nfs4::NOTIFY4_RENAME_ENTRY},
    everything{nfs4::NOTIFY4_CHANGE_CHILD_ATTRS, nfs4::NOTIFY4_CHANGE_DIR_ATTRS, nfs4::NOTIFY4_REMOVE_ENTRY,
               nfs4::NOTIFY4_ADD_ENTRY,          nfs4::NOTIFY4_RENAME_ENTRY,     nfs4::NOTIFY4_CHANGE_COOKIE_VERIFIER};

inline nfs4::GET_DIR_DELEGATION4args wanted(std::initializer_list<std::uint32_t> notices = {}) {
  return {.gdda_signal_deleg_avail = true,
          .gdda_notification_types = bits(notices),
          .gdda_child_attr_delay = {},
          .gdda_dir_attr_delay = {},
          .gdda_child_attributes = bits({nfs4::FATTR4_SIZE, nfs4::FATTR4_FILEID, nfs4::FATTR4_LEASE_TIME}),
          .gdda_dir_attributes = bits({nfs4::FATTR4_CHANGE, nfs4::FATTR4_TIME_ACCESS})};
}

struct DirectoryClients {
  CallbackServer server;
  World& world = server.world;
  Called a{server, "a"}, b{server, "b"};
  const nfs_fh3 dir3 = world.make_directory(world.root(), "dir", 0777);
  const nfs_fh3 first3 = world.make_file(dir3, "first", 0666, "contents");
  const nfs4::nfs_fh4 dir = same_handle(dir3), first = same_handle(first3), root = same_handle(world.root());

  nfs4::DelegationCounts::OfKind counts() const {
    return server.callbacks.delegations().counts().of(nfs4::DelegationKind::Directory);
  }
  std::size_t held() { return server.callbacks.delegations().size(); }
  std::size_t watched() { return server.callbacks.directories().size(); }

  nfs4::GET_DIR_DELEGATION4res ask(Called& client, const nfs4::nfs_fh4& at,
                                   const nfs4::GET_DIR_DELEGATION4args& args = wanted()) {
    return client.on<nfs4::GET_DIR_DELEGATION4res>(at, nfs4::nfs_opnum4::OP_GET_DIR_DELEGATION, args);
  }
  /// Given.
  nfs4::GET_DIR_DELEGATION4resok get(Called& client, std::initializer_list<std::uint32_t> notices = {}) {
    const auto result = ask(client, dir, wanted(notices));
    REQUIRE(result.status == nfs4::nfsstat4::NFS4_OK);
    REQUIRE(result.resok4.gddrnf_status == nfs4::gddrnf4_status::GDD4_OK);
    return result.resok4.gddrnf_resok4;
  }
  nfs4::nfsstat4 give_back(Called& client, const nfs4::stateid4& stateid) {
    return client.on<nfs4::DELEGRETURN4res>(dir, nfs4::nfs_opnum4::OP_DELEGRETURN, nfs4::DELEGRETURN4args{stateid})
        .status;
  }

  // By somebody, in "dir"; they must not have to wait.
  nfs_fh3 create(std::string_view name) { return world.make_file(dir3, name, 0666); }
  void remove(std::string_view name) { world.remove(dir3, name); }
  void rename(std::string_view from, const nfs_fh3& to, std::string_view name) {
    REQUIRE(rename_status(dir3, from, to, name) == nfs3::nfsstat3::NFS3_OK);
  }
  nfs3::nfsstat3 rename_status(const nfs_fh3& from, std::string_view from_name, const nfs_fh3& to,
                               std::string_view to_name) {
    return world.call(&nfs3::rename, nfs3::RENAME3args{at(from, from_name), at(to, to_name)}).status;
  }
  nfs3::nfsstat3 set_mode(const nfs_fh3& node, std::uint32_t mode) {
    nfs3::SETATTR3args args{.object = node, .new_attributes = {}, .guard = {}};
    args.new_attributes.mode = mode;
    return world.call(&nfs3::setattr, args).status;
  }

  /// READDIR's cookies, by name.
  std::map<std::string, nfs4::nfs_cookie4> cookies() {
    const nfs4::READDIR4args args{.dircount = 60000, .maxcount = 60000, .attr_request = {}};
    Results results = b.run(Ops().fh(dir).add(nfs4::nfs_opnum4::OP_READDIR, args));
    const auto result =
        results.skip({nfs4::nfs_opnum4::OP_PUTFH}).next<nfs4::READDIR4res>(nfs4::nfs_opnum4::OP_READDIR);
    REQUIRE(result.status == nfs4::nfsstat4::NFS4_OK);
    std::map<std::string, nfs4::nfs_cookie4> all;
    result.resok4.reply.entries.for_each(
        [&](const nfs4::entry4& entry) { all.emplace(entry.name.view(), entry.cookie); });
    return all;
  }
};

/// One change of a CB_NOTIFY, which is of `kind`.
template <class T>
T value_of(const nfs4::notify4& notify, nfs4::notify_type4 kind) {
  REQUIRE(same_bits(notify.notify_mask, bits({kind})));
  xdr::Reader reader(notify.notify_vals.bytes());
  T value;
  reader(value);
  REQUIRE(reader.finish());
  return value;
}

inline std::string name_of(const nfs4::notify_entry4& entry) { return std::string(entry.ne_file.view()); }

}  // namespace ditto::test::v4
