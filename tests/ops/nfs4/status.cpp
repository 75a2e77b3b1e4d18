// The statuses that errors become, where the versions differ and where a word is not the file system's own.
#include <set>

#include "nfs/v4/status.hpp"
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using enum nfsstat4;

TEST_CASE("every error is a status, and no error is a success") {
  for (const std::uint32_t minor : {0U, 1U, 2U}) {
    std::set<nfsstat4> told;
    for (int error = 0; error <= static_cast<int>(Error::Fault); ++error) {
      const nfsstat4 status = status_of(static_cast<Error>(error), minor);
      CHECK(status != NFS4_OK);
      told.insert(status);
    }
    CHECK(told.size() > 20);
  }
}

TEST_CASE("a wrong type has a word of its own since version 1") {
  CHECK(status_of(Error::WrongType, 0) == NFS4ERR_INVAL);
  CHECK(status_of(Error::WrongType, 1) == NFS4ERR_WRONG_TYPE);
  CHECK(status_of(Error::NotSymlink, 0) == NFS4ERR_INVAL);
  CHECK(status_of(Error::NotSymlink, 1) == NFS4ERR_WRONG_TYPE);
}

TEST_CASE("an attribute that is not there has a word of its own since version 2") {
  CHECK(status_of(Error::NoAttribute, 1) == NFS4ERR_NOENT);
  CHECK(status_of(Error::NoAttribute, 2) == NFS4ERR_NOXATTR);
}

TEST_CASE("what waiting helps against is DELAY") {
  for (const Error error : {Error::WouldBlock, Error::Delay, Error::Cancelled}) {
    CHECK(status_of(error, 0) == NFS4ERR_DELAY);
    CHECK(status_of(error, 1) == NFS4ERR_DELAY);
  }
}
