// nfsstat3 for every Error: each has an answer, and the answers that clients rely on are these.
#include "nfs/v3/status.hpp"

#include <array>

#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using enum nfsstat3;

TEST_CASE("every error has a status of the RFC, and none is success") {
  constexpr std::array known{NFS3ERR_PERM,      NFS3ERR_NOENT,       NFS3ERR_IO,         NFS3ERR_NXIO,
                             NFS3ERR_ACCES,     NFS3ERR_EXIST,       NFS3ERR_XDEV,       NFS3ERR_NODEV,
                             NFS3ERR_NOTDIR,    NFS3ERR_ISDIR,       NFS3ERR_INVAL,      NFS3ERR_FBIG,
                             NFS3ERR_NOSPC,     NFS3ERR_ROFS,        NFS3ERR_MLINK,      NFS3ERR_NAMETOOLONG,
                             NFS3ERR_NOTEMPTY,  NFS3ERR_DQUOT,       NFS3ERR_STALE,      NFS3ERR_REMOTE,
                             NFS3ERR_BADHANDLE, NFS3ERR_NOT_SYNC,    NFS3ERR_BAD_COOKIE, NFS3ERR_NOTSUPP,
                             NFS3ERR_TOOSMALL,  NFS3ERR_SERVERFAULT, NFS3ERR_BADTYPE,    NFS3ERR_JUKEBOX};
  for (int number = 0; number <= static_cast<int>(Error::Fault); ++number) {
    const auto error = static_cast<Error>(number);
    INFO(to_string(error));
    CHECK(std::ranges::find(known, status_of(error)) != known.end());
    // Only what is broken says so.
    const bool fault = status_of(error) == NFS3ERR_SERVERFAULT;
    CHECK(fault == (error == Error::Fault));
  }
}

TEST_CASE("errors that clients act upon") {
  CHECK(status_of(Error::NotFound) == NFS3ERR_NOENT);
  CHECK(status_of(Error::Stale) == NFS3ERR_STALE);
  CHECK(status_of(Error::NotPermitted) == NFS3ERR_PERM);
  CHECK(status_of(Error::AccessDenied) == NFS3ERR_ACCES);
  CHECK(status_of(Error::Delay) == NFS3ERR_JUKEBOX);
  CHECK(status_of(Error::WouldBlock) == NFS3ERR_JUKEBOX);
  CHECK(status_of(Error::Corrupt) == NFS3ERR_IO);
  CHECK(status_of(Error::NoSpace) == NFS3ERR_NOSPC);
  CHECK(status_of(Error::BadName) == NFS3ERR_ACCES);
  CHECK(status_of(Error::NotSymlink) == NFS3ERR_INVAL);
}
