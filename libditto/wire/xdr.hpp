// The XDR codec (RFC 4506). A struct describes itself once, spelled as in its RFC,
//
//   struct WRITE3args {
//     nfs_fh3 file;
//     std::uint64_t offset{};
//     stable_how stable{};
//     xdr::payload<limits::io_bytes> data;
//     static constexpr void visit(auto& ar, auto& m) { ar(m.file, m.offset, m.stable, m.data); }
//   };
//
// and so does a union, whose discriminant is the first argument:
//
//   struct GETATTR3res {
//     nfsstat3 status{};
//     fattr3 resok;
//     static constexpr void visit(auto& ar, auto& m) { ar.either(m.status, nfsstat3::NFS3_OK, m.resok); }
//   };
//   ar.choose(m.mode, xdr::case_<UNCHECKED, GUARDED>(m.attributes), xdr::case_<EXCLUSIVE>(m.verifier));
//   ar.choose(m.set_it, xdr::case_<SET_TO_CLIENT_TIME>(m.time), xdr::otherwise());
//
// and from that come Reader, Writer, bound<T>(), encoded_size(), and, in headers of their own that handlers need not
// pay for, print() (xdr_print.hpp) and sample() (xdr_sample.hpp). No protocol is known here.
#pragma once

#include "wire/xdr_bound.hpp"
#include "wire/xdr_list.hpp"
#include "wire/xdr_reader.hpp"
#include "wire/xdr_size.hpp"
#include "wire/xdr_types.hpp"
#include "wire/xdr_writer.hpp"
