// Names of users and groups with a domain: what is told and taken, and that nobody waits for whoever knows them.
#include "nfs/v4/domain_ids.hpp"

#include <map>

#include "ops/nfs4/acl.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;

namespace {

using Kind = IdMap::Kind;
using Missing = IdMap::Missing;

class Table final : public NameSource {
 public:
  explicit Table(int& asked) : asked_(asked) {}
  std::map<std::string, std::uint32_t> users{{"root", 0}, {"anna", 1000}, {"bert", 1001}, {"4711", 9}};
  std::map<std::string, std::uint32_t> groups{{"staff", 50}, {"anna", 1500}};

  std::optional<std::string> name_of(Kind kind, std::uint32_t id) override {
    ++asked_;
    for (const auto& [name, number] : kind == Kind::User ? users : groups) {
      if (number == id) return name;
    }
    return std::nullopt;
  }
  std::optional<std::uint32_t> id_of(Kind kind, const std::string& name) override {
    ++asked_;
    const auto& names = kind == Kind::User ? users : groups;
    const auto found = names.find(name);
    return found == names.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  int& asked_;
};

struct Names {
  ManualClock clock;
  HandExecutor pool;
  int asked = 0;
  Table* table = new Table(asked);
  DomainIds ids{"Example.org", std::unique_ptr<NameSource>(table), pool, clock};

  std::string name_of(Kind kind, std::uint32_t id) {
    std::array<char, IdMap::name_bytes> room;
    return std::string(ids.name_of(kind, id, room));
  }
  /// The number, "unknown" or "not yet".
  std::string id_of(Kind kind, std::string_view name) {
    const auto id = ids.id_of(kind, name);
    if (id) return std::to_string(*id);
    return id.error() == Missing::NotYet ? "not yet" : "unknown";
  }
};

}  // namespace

TEST_CASE("a name is asked for once, in the pool, and told from then on") {
  Names names;
  CHECK(names.name_of(Kind::User, 1000) == "1000");
  CHECK(names.name_of(Kind::User, 1000) == "1000");
  CHECK(names.asked == 0);
  CHECK(names.pool.run() == 1);
  CHECK(names.asked == 1);
  CHECK(names.name_of(Kind::User, 1000) == "anna@Example.org");
  CHECK(names.name_of(Kind::Group, 1000) == "1000");
  names.pool.run();
  CHECK(names.name_of(Kind::Group, 1000) == "1000");
  CHECK(names.asked == 2);
}

TEST_CASE("a number is asked for once, and its client comes again meanwhile") {
  Names names;
  CHECK(names.id_of(Kind::User, "anna@example.ORG") == "not yet");
  CHECK(names.id_of(Kind::Group, "anna@example.org") == "not yet");
  CHECK(names.id_of(Kind::User, "nobody-knows@example.org") == "not yet");
  CHECK(names.pool.run() == 1);
  CHECK(names.id_of(Kind::User, "anna@example.org") == "1000");
  CHECK(names.id_of(Kind::Group, "anna@example.org") == "1500");
  CHECK(names.id_of(Kind::User, "nobody-knows@example.org") == "unknown");
  CHECK(names.asked == 3);
}

TEST_CASE("digits are numbers, with the domain or none; names of other domains and none are nobody's") {
  Names names;
  CHECK(names.id_of(Kind::User, "4711") == "4711");
  CHECK(names.id_of(Kind::User, "4711@example.org") == "4711");
  CHECK(names.id_of(Kind::User, "root") == "0");
  CHECK(names.id_of(Kind::User, "root@example.org") == "0");
  CHECK(names.id_of(Kind::User, "nobody@example.org") == "65534");
  for (const char* name : {"4711@elsewhere.org", "anna@elsewhere.org", "anna@", "anna", "@example.org", "", "0012",
                           "anna@example.org@elsewhere.org"}) {
    CAPTURE(name);
    CHECK(names.id_of(Kind::User, name) == "unknown");
  }
  CHECK(names.id_of(Kind::User, std::string(257, 'x') + "@example.org") == "unknown");
  CHECK(names.pool.run() == 0);
}

TEST_CASE("what was heard is believed for a while, and asked about again then, without anybody waiting") {
  Names names;
  (void)names.name_of(Kind::User, 1000);
  (void)names.id_of(Kind::User, "carl@example.org");
  names.pool.run();
  CHECK(names.asked == 2);
  names.table->users["carl"] = 1002;
  names.table->users.erase("anna");
  names.table->users["anne"] = 1000;
  CHECK(names.id_of(Kind::User, "carl@example.org") == "unknown");
  names.clock.advance_seconds(61);
  CHECK(names.id_of(Kind::User, "carl@example.org") == "unknown");
  names.pool.run();
  CHECK(names.id_of(Kind::User, "carl@example.org") == "1002");
  CHECK(names.name_of(Kind::User, 1000) == "anna@Example.org");
  names.clock.advance_seconds(600);
  CHECK(names.name_of(Kind::User, 1000) == "anna@Example.org");
  names.pool.run();
  CHECK(names.name_of(Kind::User, 1000) == "anne@Example.org");
}

TEST_CASE("more questions than may be open are not asked, and more names than are kept are forgotten") {
  Names names;
  for (std::uint32_t id = 0; id < 5000; ++id) (void)names.name_of(Kind::User, 100'000 + id);
  names.pool.run();
  CHECK(names.asked == static_cast<int>(DomainIds::max_asked));
  for (std::uint32_t id = 0; id < DomainIds::max_known; ++id) (void)names.name_of(Kind::Group, id);
  (void)names.name_of(Kind::Group, 4'000'000);
  names.pool.run();
  CHECK(names.name_of(Kind::User, 1000) == "1000");
  names.pool.run();
  CHECK(names.name_of(Kind::User, 1000) == "anna@Example.org");
}

TEST_CASE("a question may end after who asked it") {
  HandExecutor pool;
  ManualClock clock;
  int asked = 0;
  {
    DomainIds ids("example.org", std::make_unique<Table>(asked), pool, clock);
    std::array<char, IdMap::name_bytes> room;
    (void)ids.name_of(Kind::User, 1000, room);
  }
  CHECK(pool.run() == 1);
  CHECK(asked == 0);
}

TEST_CASE("owners and entries of lists are told and taken by their names") {
  World world;
  int asked = 0;
  HandExecutor pool;
  const DomainIds ids("example.org", std::make_unique<Table>(asked), pool, world.clock);
  Client client(world);
  Client by_name(world, ids);
  const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
  const fattr4 owner = fattr({FATTR4_OWNER, FATTR4_OWNER_GROUP}, text("anna@example.org"), text("staff@example.org"));
  CHECK(set_values(by_name, file, owner) == NFS4ERR_DELAY);
  pool.run();
  CHECK(set_values(by_name, file, owner) == NFS4ERR_DELAY);  // the group
  pool.run();
  CHECK(set_values(by_name, file, owner) == NFS4_OK);
  CHECK(set_values(by_name, file, fattr({FATTR4_OWNER}, text("zoe@example.org"))) == NFS4ERR_DELAY);
  pool.run();
  CHECK(set_values(by_name, file, fattr({FATTR4_OWNER}, text("zoe@example.org"))) == NFS4ERR_BADOWNER);

  fattr4_acl list;
  list.push_back({.type = 0, .flag = 0, .access_mask = 1, .who = text("bert@example.org")});
  list.push_back({.type = 0, .flag = ACE4_IDENTIFIER_GROUP, .access_mask = 1, .who = text("staff@example.org")});
  list.push_back({.type = 0, .flag = 0, .access_mask = 1, .who = text("1234")});
  CHECK(set_values(by_name, file, fattr({FATTR4_ACL}, list)) == NFS4ERR_DELAY);
  pool.run();
  CHECK(set_values(by_name, file, fattr({FATTR4_ACL}, list)) == NFS4_OK);
  CHECK(get_list(client, file) == "A::u1001:r A::g50:r A::u1234:r");
  fattr4_acl told;
  REQUIRE(get_value(by_name, file, FATTR4_ACL, told) == NFS4_OK);
  CHECK(told[0].who.view() == "1001");
  pool.run();
  REQUIRE(get_value(by_name, file, FATTR4_ACL, told) == NFS4_OK);
  CHECK(told[0].who.view() == "bert@example.org");
  CHECK(told[1].who.view() == "staff@example.org");
  CHECK(told[2].who.view() == "1234");
}
