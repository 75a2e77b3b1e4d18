// The basic data types that NFSv4.0 and NFSv4.1 share (RFC 7531; RFC 8881, 3.2 and 3.3), spelled as there and described
// once for the codec. Where the RFCs set no limit on a field, ours are wide enough that a name or path which is only
// somewhat too long still gets the proper NFS4ERR_NAMETOOLONG. Values of attributes are in attributes.hpp; arguments
// and results in messages/. Strings and long opaques lend the memory of what they were read from. Plain values.
//
// An enumeration that the RFCs fix lists its values, so that another one is NFS4ERR_BADXDR (RFC 8881, 15.1.1.1). One
// that later documents may extend, or for which a better error exists, takes any number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"
#include "nfs/v4/nfsstat4.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::nfs4 {

// RFC 8881, 3.1.
inline constexpr std::size_t NFS4_FHSIZE = 128, NFS4_VERIFIER_SIZE = 8, NFS4_OTHER_SIZE = 12, NFS4_OPAQUE_LIMIT = 1024,
                             NFS4_SESSIONID_SIZE = 16;
inline constexpr std::uint64_t NFS4_UINT64_MAX = 0xffffffffffffffff;
inline constexpr std::uint32_t NFS4_UINT32_MAX = 0xffffffff;

/// Longest fields that are decoded at all, where the RFCs set no limit; longer ones are malformed calls.
inline constexpr std::size_t component_bytes = 4096, linktext_bytes = 8192, attrlist_bytes = 196608,
                             netaddr_bytes = 256, sec_oid_bytes = 128;
inline constexpr std::size_t bitmap_words = 64, pathname_components = 128;
static_assert(component_bytes > limits::name_bytes && linktext_bytes > limits::symlink_bytes);

// RFC 8881, 3.2.
using attrlist4 = xdr::opaque<attrlist_bytes>;
using changeid4 = std::uint64_t;
using clientid4 = std::uint64_t;
using count4 = std::uint32_t;
using length4 = std::uint64_t;
using mode4 = std::uint32_t;
using nfs_cookie4 = std::uint64_t;
using nfs_fh4 = xdr::opaque<NFS4_FHSIZE>;
using nfs_lease4 = std::uint32_t;
using offset4 = std::uint64_t;
using qop4 = std::uint32_t;
using sec_oid4 = xdr::opaque<sec_oid_bytes>;
using seqid4 = std::uint32_t;
using sequenceid4 = std::uint32_t;
using sessionid4 = xdr::fixed_opaque<NFS4_SESSIONID_SIZE>;
using slotid4 = std::uint32_t;
using utf8string = xdr::string<NFS4_OPAQUE_LIMIT>;
using utf8str_cis = utf8string;
using utf8str_cs = utf8string;
using utf8str_mixed = utf8string;
using component4 = xdr::string<component_bytes>;
using linktext4 = xdr::string<linktext_bytes>;
using pathname4 = xdr::array<component4, pathname_components>;
using verifier4 = xdr::fixed_opaque<NFS4_VERIFIER_SIZE>;

/// A set of small numbers: attributes, operations, kinds of notifications. Number n is bit n % 32 of word n / 32, and
/// words that are missing are zero.
struct bitmap4 {
  xdr::array<std::uint32_t, bitmap_words> words;
  static constexpr void visit(auto& ar, auto& m) { ar(m.words); }

  bool has(std::uint32_t number) const noexcept {
    return number / 32 < words.size() && (words[number / 32] >> number % 32 & 1) != 0;
  }
  /// `number` is less than 256: what the limit on words has room for.
  void set(std::uint32_t number) {
    while (words.size() <= number / 32) words.push_back(0);
    words[number / 32] |= std::uint32_t{1} << number % 32;
  }
  void clear(std::uint32_t number) noexcept {
    if (has(number)) words[number / 32] &= ~(std::uint32_t{1} << number % 32);
  }
};

// CREATE answers NFS4ERR_BADTYPE to another number (RFC 8881, 18.4).
enum class nfs_ftype4 : std::uint32_t {
  NF4REG = 1,
  NF4DIR = 2,
  NF4BLK = 3,
  NF4CHR = 4,
  NF4LNK = 5,
  NF4SOCK = 6,
  NF4FIFO = 7,
  NF4ATTRDIR = 8,
  NF4NAMEDATTR = 9,
};

// RFC 8881, 3.3.1.
struct nfstime4 {
  std::int64_t seconds = 0;
  std::uint32_t nseconds = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.seconds, m.nseconds); }
  friend bool operator==(const nfstime4&, const nfstime4&) = default;
};

// RFC 8881, 3.3.4.
struct specdata4 {
  std::uint32_t specdata1 = 0, specdata2 = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.specdata1, m.specdata2); }
};

// RFC 8881, 3.3.7. The values of the attributes of attrmask, in the order of their numbers.
struct fattr4 {
  bitmap4 attrmask;
  attrlist4 attr_vals;
  static constexpr void visit(auto& ar, auto& m) { ar(m.attrmask, m.attr_vals); }
};

// RFC 8881, 3.3.8.
struct change_info4 {
  bool atomic = false;
  changeid4 before = 0, after = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.atomic, m.before, m.after); }
};

// RFC 8881, 3.3.9: an address of RFC 5665. RFC 7530 calls it clientaddr4.
struct netaddr4 {
  xdr::string<netaddr_bytes> na_r_netid, na_r_addr;
  static constexpr void visit(auto& ar, auto& m) { ar(m.na_r_netid, m.na_r_addr); }
};
using clientaddr4 = netaddr4;

// RFC 8881, 3.3.10.
struct state_owner4 {
  clientid4 clientid = 0;
  xdr::opaque<NFS4_OPAQUE_LIMIT> owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.clientid, m.owner); }
};
using open_owner4 = state_owner4;
using lock_owner4 = state_owner4;

// RFC 8881, 3.3.12.
struct stateid4 {
  std::uint32_t seqid = 0;
  xdr::fixed_opaque<NFS4_OTHER_SIZE> other{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.seqid, m.other); }
  friend bool operator==(const stateid4&, const stateid4&) = default;
};

}  // namespace ditto::nfs4
