// The file that the status monitor's hosts are kept in.
#include "server/nsm_file.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace ditto;
using namespace ditto::server;
using rpc::portmap::Protocol;

namespace {

struct Directory {
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "ditto-nsm-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

nsm::Kept two_hosts() {
  nsm::Kept kept{.state = 7, .peers = {}};
  kept.peers.push_back({"client 1%\n", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}, Protocol::Tcp});
  kept.peers.push_back({"b", {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, Protocol::Udp});
  return kept;
}

}  // namespace

TEST_CASE("the status monitor's file says what it says, and reads it again") {
  const std::string text = nsm_file_text(two_hosts());
  CHECK(text == "ditto-nsm 1\nstate 7\npeer tcp 192.0.2.7 client%201%25%0a\npeer udp 2001:db8::9 b\n");
  const auto read = parse_nsm_file(text);
  REQUIRE(read);
  CHECK(read->state == 7);
  REQUIRE(read->peers.size() == 2);
  CHECK(read->peers[0].name == "client 1%\n");
  CHECK(read->peers[0].protocol == Protocol::Tcp);
  CHECK(read->peers[1].address == two_hosts().peers[1].address);
  CHECK(nsm_file_text(*read) == text);
}

TEST_CASE("the status monitor's file in another form is refused") {
  CHECK(parse_nsm_file("ditto-nsm 1\nstate 0\n"));
  for (const char* text :
       {"", "ditto-nsm 2\nstate 1\n", "ditto-nsm 1\n", "ditto-nsm 1\nstate x\n", "ditto-nsm 1\nstate 1 \n",
        "ditto-nsm 1\nstate 1\nhost tcp 192.0.2.7 a\n", "ditto-nsm 1\nstate 1\npeer sctp 192.0.2.7 a\n",
        "ditto-nsm 1\nstate 1\npeer tcp 192.0.2 a\n", "ditto-nsm 1\nstate 1\npeer tcp 192.0.2.7 a%2\n",
        "ditto-nsm 1\nstate 1\npeer tcp 192.0.2.7 a%zz\n"}) {
    INFO(text);
    CHECK_FALSE(parse_nsm_file(text));
  }
}

TEST_CASE("the status monitor's file is replaced as a whole, and outlives its writer") {
  const Directory directory;
  NsmFile file(directory.path.string());
  const auto nothing = file.load();
  REQUIRE(nothing);
  CHECK(nothing->peers.empty());
  REQUIRE(file.save(two_hosts()));
  const auto loaded = NsmFile(directory.path.string()).load();
  REQUIRE(loaded);
  CHECK(nsm_file_text(*loaded) == nsm_file_text(two_hosts()));
  CHECK_FALSE(std::filesystem::exists(directory.path / "nsm.new"));

  std::ofstream(directory.path / "nsm") << "something else";
  const auto damaged = file.load();
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error() == Error::Corrupt);
  REQUIRE(file.save({}));
  CHECK(file.load());

  NsmFile nowhere((directory.path / "nowhere").string());
  CHECK_FALSE(nowhere.save({}));
}
