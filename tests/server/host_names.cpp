// Names of users and groups as this machine has them: root is there everywhere.
#include "server/host_names.hpp"

#include <catch2/catch.hpp>

using namespace ditto;
using Kind = nfs4::IdMap::Kind;

TEST_CASE("users and groups have the names and numbers of this machine") {
  server::HostNames names;
  CHECK(names.name_of(Kind::User, 0) == "root");
  CHECK(names.id_of(Kind::User, "root") == 0);
  CHECK(names.name_of(Kind::Group, 0) == "root");
  CHECK(names.id_of(Kind::Group, "root") == 0);
  CHECK_FALSE(names.name_of(Kind::User, 4'000'000'000));
  CHECK_FALSE(names.name_of(Kind::Group, 4'000'000'000));
  CHECK_FALSE(names.id_of(Kind::User, "nobody of this name"));
  CHECK_FALSE(names.id_of(Kind::Group, ""));
}
