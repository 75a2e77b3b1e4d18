// The store directory: making it, finding it again, and every reason not to.
#include "store/directory.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "store/store.hpp"
#include "store/temporary_folder.hpp"
#include "support/skip.hpp"

using namespace ditto;
using namespace ditto::store;
using ditto::test::TemporaryFolder;
using Reason = OpenError::Reason;

namespace {

auto open_store(const std::string& path) { return open_local_store(path, null_log(), {.program = "tester"}); }

void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a store is made where nothing is, and found again", "[directory]") {
  TemporaryFolder folder;
  const std::string path = folder / "new";
  {
    auto made = open_store(path);
    REQUIRE(made.has_value());
    const auto lsn = (*made)->kv.transact(
        [](KvTransaction& t) -> Result<void> {
          t.put(bytes_of("a"), bytes_of("1"));
          return {};
        },
        Blocking::Allowed);
    REQUIRE(lsn.has_value());
    REQUIRE((*made)->data.write(1, 0, BufferChain(Buffer::copy_of(bytes_of("x"))), Blocking::Allowed).has_value());
    CHECK(text_in(path + "/format") == "ditto store 1\n");
    CHECK(contains(text_in(path + "/lock"), "tester, process " + std::to_string(::getpid())));
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::others_all) ==
          std::filesystem::perms::none);
  }
  auto again = open_store(path + "/");
  REQUIRE(again.has_value());
  CHECK((*again)->data.size(1) == 1);
  bool found = false;
  CHECK((*again)
            ->kv
            .view(
                [&](KvReader& reader) -> Result<void> {
                  found = reader.get(bytes_of("a"))->has_value();
                  return {};
                },
                Blocking::Allowed)
            .has_value());
  CHECK(found);
}

TEST_CASE("an empty folder and a half-made store become stores", "[directory]") {
  TemporaryFolder folder;
  CHECK(open_store(folder.path()).has_value());
  REQUIRE(std::filesystem::remove(folder / "format"));
  CHECK(open_store(folder.path()).has_value());
  CHECK(std::filesystem::exists(folder / "format"));
}

TEST_CASE("a store in use names its owner and the way out", "[directory]") {
  TemporaryFolder folder;
  auto first = open_store(folder.path());
  REQUIRE(first.has_value());
  const auto second = open_store(folder.path());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().reason == Reason::InUse);
  CHECK(contains(second.error().message, "tester, process " + std::to_string(::getpid())));
  CHECK(contains(second.error().message, "dittod"));
  first->reset();
  CHECK(open_store(folder.path()).has_value());
}

TEST_CASE("what is not a store is left alone", "[directory]") {
  TemporaryFolder folder;
  write_text(folder / "file", "x");
  auto refused = open_store(folder / "file");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::NotAStore);
  CHECK(contains(refused.error().message, "is a file"));

  refused = open_store(folder.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::NotAStore);
  CHECK(contains(refused.error().message, "neither empty nor a store"));
  CHECK_FALSE(std::filesystem::exists(folder / "lock"));

  refused = open_store(folder / "no/where");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::System);
  CHECK(contains(refused.error().message, "no does not exist"));
}

TEST_CASE("formats that are newer, foreign or of damaged stores are refused", "[directory]") {
  TemporaryFolder folder;
  REQUIRE(open_store(folder.path()).has_value());
  write_text(folder / "format", "ditto store 2\n");
  auto refused = open_store(folder.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::NewerFormat);
  CHECK(contains(refused.error().message, "format 2"));

  write_text(folder / "format", "something else\n");
  CHECK(open_store(folder.path()).error().reason == Reason::NotAStore);

  write_text(folder / "format", "ditto store 1\n");
  std::filesystem::rename(folder / "metadata.mdb", folder / "elsewhere");
  refused = open_store(folder.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::Damaged);
  CHECK(contains(refused.error().message, "metadata.mdb is missing"));

  write_text(folder / "metadata.mdb", std::string(10'000, 'x'));
  refused = open_store(folder.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::Damaged);

  std::filesystem::rename(folder / "elsewhere", folder / "metadata.mdb");
  CHECK(open_store(folder.path()).has_value());
}

TEST_CASE("a folder without permission is refused with the user's number", "[directory]") {
  if (::geteuid() != 0) return test::skip("needs root, to become somebody else");
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "private");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::setgid(65533) != 0 || ::setuid(65533) != 0) ::_exit(2);
    const auto refused = open_store(folder.path() + "/private");
    const bool right =
        !refused && refused.error().reason == Reason::NotPermitted && contains(refused.error().message, "user 65533");
    ::_exit(right ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) return test::skip("this user namespace knows no other user");
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a store in memory has both halves", "[directory]") {
  const auto store = memory_store();
  CHECK(store->kv.durable() == 0);
  CHECK(store->data.size(1) == 0);
}
