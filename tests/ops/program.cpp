// The tables of MOUNT and NFSv3 as rpc serves them: numbers, names, what is answered from the reply cache, versions.
#include <set>

#include "ops/world.hpp"
#include "rpc/program.hpp"

using namespace ditto;
using namespace ditto::test;

TEST_CASE("NFSv3 has its 22 procedures, and what must not happen twice is cached") {
  World world;
  const rpc::Program program = nfs3::program(world.service);
  CHECK(program.number() == 100003);
  CHECK(program.version() == 3);
  REQUIRE(program.procedures().size() == 22);
  const std::set<std::string_view> cached{"SETATTR", "CREATE", "MKDIR",  "SYMLINK", "MKNOD",
                                          "REMOVE",  "RMDIR",  "RENAME", "LINK"};
  for (const rpc::Procedure& procedure : program.procedures()) {
    INFO(procedure.name);
    CHECK(procedure.invoke != nullptr);
    CHECK((procedure.replay == rpc::Replay::Cached) == cached.contains(procedure.name));
  }
  CHECK(program.procedures()[0].name == "NULL");
  CHECK(program.procedures()[7].name == "WRITE");
  CHECK(program.procedures()[21].name == "COMMIT");
  CHECK(program.find(22) == nullptr);
}

TEST_CASE("MOUNT has its 6 procedures in version 3 alone") {
  World world;
  rpc::Programs programs;
  REQUIRE(programs.add(mount::program(world.mounts)));
  REQUIRE(programs.add(nfs3::program(world.service)));
  const auto found = programs.find(100005, 3);
  REQUIRE(found.program);
  CHECK(found.program->procedures().size() == 6);
  CHECK(found.program->procedures()[5].name == "EXPORT");
  CHECK(found.program->service() == &world.mounts);
  for (const std::uint32_t version : {0U, 1U, 2U, 4U}) {
    const auto missing = programs.find(100005, version);
    CHECK(missing.program == nullptr);
    CHECK(missing.why == rpc::accept_stat::PROG_MISMATCH);
    CHECK(missing.versions.low == 3);
    CHECK(missing.versions.high == 3);
  }
}
