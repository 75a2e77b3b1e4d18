// What CB_NOTIFY tells of a directory (RFC 8881, 20.4): the kinds of changes, the value of each kind, and notify4,
// which carries the encoded values of the kinds in its mask, in the order of their numbers. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Most changes in one CB_NOTIFY, and bytes of the values of each.
inline constexpr std::size_t max_notify_changes = 128, notifylist_bytes = 65536;
/// That Ditto puts into one CB_NOTIFY at most, where a client takes so much.
inline constexpr std::size_t max_notify_bytes = 65536;

/// Bits of notify_mask, and of what GET_DIR_DELEGATION asks for.
enum notify_type4 : std::uint32_t {
  NOTIFY4_CHANGE_CHILD_ATTRS = 0,
  NOTIFY4_CHANGE_DIR_ATTRS = 1,
  NOTIFY4_REMOVE_ENTRY = 2,
  NOTIFY4_ADD_ENTRY = 3,
  NOTIFY4_RENAME_ENTRY = 4,
  NOTIFY4_CHANGE_COOKIE_VERIFIER = 5,
};

struct notify_entry4 {
  component4 ne_file;
  fattr4 ne_attrs;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ne_file, m.ne_attrs); }
};

struct prev_entry4 {
  notify_entry4 pe_prev_entry;
  nfs_cookie4 pe_prev_entry_cookie = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.pe_prev_entry, m.pe_prev_entry_cookie); }
};

struct notify_attr4 {
  notify_entry4 na_changed_entry;
  static constexpr void visit(auto& ar, auto& m) { ar(m.na_changed_entry); }
};

struct notify_remove4 {
  notify_entry4 nrm_old_entry;
  nfs_cookie4 nrm_old_entry_cookie = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.nrm_old_entry, m.nrm_old_entry_cookie); }
};

struct notify_add4 {
  xdr::array<notify_remove4, 1> nad_old_entry;
  notify_entry4 nad_new_entry;
  xdr::array<nfs_cookie4, 1> nad_new_entry_cookie;
  xdr::array<prev_entry4, 1> nad_prev_entry;
  bool nad_last_entry = false;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.nad_old_entry, m.nad_new_entry, m.nad_new_entry_cookie, m.nad_prev_entry, m.nad_last_entry);
  }
};

struct notify_rename4 {
  notify_remove4 nrn_old_entry;
  notify_add4 nrn_new_entry;
  static constexpr void visit(auto& ar, auto& m) { ar(m.nrn_old_entry, m.nrn_new_entry); }
};

struct notify_verifier4 {
  verifier4 nv_old_cookieverf{}, nv_new_cookieverf{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.nv_old_cookieverf, m.nv_new_cookieverf); }
};

struct notify4 {
  bitmap4 notify_mask;
  xdr::opaque<notifylist_bytes> notify_vals;
  static constexpr void visit(auto& ar, auto& m) { ar(m.notify_mask, m.notify_vals); }
};

}  // namespace ditto::nfs4
