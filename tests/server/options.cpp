#include "ditto/configuration.hpp"

#include <catch2/catch.hpp>

#include "server/options/names.hpp"
#include "server/options/nearest.hpp"
#include "server/options/network.hpp"

using namespace ditto::server;
using Catch::Contains;

namespace {

Options read(std::string_view text) {
  Options options;
  const auto done = read_configuration(options, text, "f.json");
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  return options;
}

std::string refusal(std::string_view text) {
  Options options;
  const std::string before = print_configuration(options);
  const auto done = read_configuration(options, text, "f.json");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == FailureCode::InvalidArgument);
  CHECK(print_configuration(options) == before);
  return done.error().message;
}

}  // namespace

TEST_CASE("a configuration file sets what it names and leaves the rest") {
  const Options options = read(R"({
    // where everything is
    "data": "/srv/ditto", /* and */ "nfs_port": 0, "nfs_versions": ["3", "4.1"],
    "portmap": {"enabled": true},
    "log": {"level": "warn", "format": "json"},
    "shares": [{"name": "photos", "squash": "all", "anonymous_uid": 1000, "networks": ["192.0.2.0/24", "::1"], "root_mode": "0750"},
               {"name": "public", "read_only": true}]
  })");
  CHECK(options.data == "/srv/ditto");
  CHECK(options.nfs_port == 0);
  CHECK(options.nfs_versions == std::vector<std::string>{"3", "4.1"});
  CHECK(options.listen == "127.0.0.1");
  CHECK(options.portmap.enabled);
  CHECK(options.portmap.port == 10111);
  CHECK(options.log.level == LogLevel::Warn);
  CHECK(options.log.format == LogFormat::Json);
  REQUIRE(options.shares.size() == 2);
  CHECK(options.shares[0].name == "photos");
  CHECK(options.shares[0].squash == Squash::All);
  CHECK(options.shares[0].anonymous_uid == 1000);
  CHECK(options.shares[0].anonymous_gid == 65534);
  CHECK(options.shares[0].networks == std::vector<std::string>{"192.0.2.0/24", "::1"});
  CHECK(options.shares[0].root_mode == 0750);
  CHECK(options.shares[1].read_only);
  CHECK(options.shares[1].squash == Squash::Root);
  CHECK(validate(options));
}

TEST_CASE("an empty configuration is the defaults, which are valid") {
  CHECK(print_configuration(read("{}")) == print_configuration(Options{}));
  CHECK(read("{}").shares.at(0).name == "export");
  CHECK(validate(Options{}));
  CHECK(validate(embedded_options()));
}

TEST_CASE("an unknown key is an error that names the nearest known one") {
  CHECK(refusal(R"({"lissten": "::1"})") == "f.json: lissten: there is no such setting; the nearest is \"listen\"");
  CHECK(refusal(R"({"portmap": {"prot": 111}})") ==
        "f.json: portmap.prot: there is no such setting; the nearest is \"port\"");
  CHECK(refusal(R"({"share": []})") == "f.json: share: there is no such setting; the nearest is \"shares\"");
  CHECK(refusal(R"({"shares": [{"name": "a"}, {"name": "b", "readonly": true}]})") ==
        "f.json: shares[1].readonly: there is no such setting; the nearest is \"read_only\"");
  CHECK(refusal(R"({"log_level": "info"})") == "f.json: log_level: there is no such setting; the nearest is \"log\"");
  CHECK(refusal(R"({"max_conections": 1})").ends_with("the nearest is \"max_connections\""));
}

TEST_CASE("a wrong type is an error that names key, expected and found") {
  CHECK(refusal(R"({"nfs_port": "2049"})") ==
        "f.json: nfs_port: expected a whole number from 0 to 65535, found the text \"2049\"");
  CHECK(refusal(R"({"nfs_port": 65536})") == "f.json: nfs_port: expected a whole number from 0 to 65535, found 65536");
  CHECK(refusal(R"({"nfs_port": -1})") == "f.json: nfs_port: expected a whole number from 0 to 65535, found -1");
  CHECK(refusal(R"({"nfs_port": 1.5})") == "f.json: nfs_port: expected a whole number from 0 to 65535, found 1.5");
  CHECK(refusal(R"({"pool_threads": 0})") == "f.json: pool_threads: expected a whole number from 1 to 1024, found 0");
  CHECK(refusal(R"({"data": null})") == "f.json: data: expected text, found null");
  CHECK(refusal(R"({"portmap": true})") == "f.json: portmap: expected an object, found true");
  CHECK(refusal(R"({"portmap": {"enabled": 1}})") == "f.json: portmap.enabled: expected true or false, found 1");
  CHECK(refusal(R"({"log": {"level": "wran"}})") ==
        "f.json: log.level: expected debug, info, warn, error, audit or off, found \"wran\" (did you mean warn?)");
  CHECK(refusal(R"({"shares": {"name": "a"}})") == "f.json: shares: expected a list of objects, found an object");
  CHECK(refusal(R"({"shares": ["a"]})") == "f.json: shares[0]: expected an object, found the text \"a\"");
  CHECK(refusal(R"({"shares": [{"squash": "all"}]})") == "f.json: shares[0]: the share has no \"name\"");
  CHECK(refusal(R"({"shares": [{"name": "a", "root_mode": "0888"}]})") ==
        "f.json: shares[0].root_mode: expected octal digits in quotes, from \"0\" to \"7777\", found \"0888\"");
  CHECK(refusal(R"({"shares": [{"name": "a", "networks": ["10.0.0.0/8", 1]}]})") ==
        "f.json: shares[0].networks: expected a list of texts, found a list");
  CHECK(refusal(R"([])") == "f.json: expected an object, found a list");
}

TEST_CASE("a text that cannot be right is an error that says why") {
  CHECK(refusal(R"({"listen": "localhost"})") ==
        "f.json: listen: \"localhost\" is not an IP address in digits, such as 127.0.0.1 or ::1");
  CHECK_THAT(refusal(R"({"shares": [{"name": "a/b"}]})"), Contains("contains a slash"));
  CHECK(refusal(R"({"nfs_domain": "example org"})") ==
        "f.json: nfs_domain: \"example org\" has characters that a domain does not have");
  CHECK(refusal(R"({"nfs_versions": ["3", "4.3"]})") ==
        "f.json: nfs_versions: \"4.3\" is not one of 3, 4.0, 4.1 and 4.2");
  CHECK_THAT(refusal(R"({"shares": [{"name": "a", "networks": ["10.0.0.1/8"]}]})"),
             Contains("\"10.0.0.1/8\" is not an address block"));
  CHECK(refusal(R"({"data": ""})") == "f.json: data: \"\" is empty");
}

TEST_CASE("what is not JSON is an error with its place") {
  CHECK_THAT(refusal("{\n  \"data\": \"x\",\n  oops\n}"), Catch::StartsWith("f.json:3:3: not JSON: "));
  CHECK_THAT(refusal(""), Catch::StartsWith("f.json:1:1: not JSON: "));
  CHECK(refusal(R"({"data": "a", "data": "b"})") == "f.json: \"data\" is set twice in one object");
  CHECK(refusal(R"({"log": {"level": "info", "level": "warn"}})") == "f.json: \"level\" is set twice in one object");
  CHECK_NOTHROW(read(R"({"$schema": "x.json", "shares": [{"name": "a"}, {"name": "b"}]})"));
}

TEST_CASE("a configuration file that cannot be read is an error with the reason") {
  Options options;
  const auto absent = read_configuration_file(options, "/nonexistent/ditto.json");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == FailureCode::NotFound);
  CHECK(absent.error().message ==
        "the configuration file /nonexistent/ditto.json cannot be read: No such file or directory");
  const auto directory = read_configuration_file(options, "/");
  REQUIRE_FALSE(directory);
  CHECK_THAT(directory.error().message, Contains("Is a directory"));
}

TEST_CASE("what is printed reads back as the same") {
  Options options;
  options.data = "/a \"quoted\" path";
  options.listen = "::";
  options.nfs_port = 2049;
  options.portmap = {.enabled = true, .port = 111};
  options.threads = 3;
  options.pool_threads = 5;
  options.max_connections = 7;
  options.stop_seconds = 9;
  options.verify_reads = true;
  options.log.level = LogLevel::Off;
  options.log.format = LogFormat::Json;
  options.shares = {{.name = "a",
                     .squash = Squash::None,
                     .anonymous_uid = 1,
                     .anonymous_gid = 2,
                     .read_only = true,
                     .networks = {"::/0"},
                     .root_mode = 07,
                     .root_uid = 3,
                     .root_gid = 4}};
  const std::string printed = print_configuration(options);
  CHECK(print_configuration(read(printed)) == printed);
  CHECK_THAT(printed, Contains("\"root_mode\": \"0007\""));
  for (const SettingDescription& setting : describe_settings()) {
    const std::string last = setting.key.substr(setting.key.find_last_of(".]") + 1);
    CHECK_THAT(printed, Contains("\"" + last + "\": "));
  }
}

TEST_CASE("environment variables override, and a misspelt one is an error") {
  Options options = read(R"({"nfs_port": 1, "shares": [{"name": "a", "read_only": true}, {"name": "b"}]})");
  const std::vector<std::string_view> environment = {
      "HOME=/root",       "DITTO_NFS_PORT=2", "DITTO_PORTMAP_ENABLED=yes", "DITTO_LOG_LEVEL=debug",
      "DITTO_SHARES=a,c", "DITTO_LIBRARY=/x", "DITTO_SOMETHING_ELSE=1",    "DITTO_DATA=:memory:"};
  REQUIRE(read_environment(options, environment));
  CHECK(options.nfs_port == 2);
  CHECK(options.portmap.enabled);
  CHECK(options.log.level == LogLevel::Debug);
  CHECK(options.data == memory_data);
  REQUIRE(options.shares.size() == 2);
  CHECK(options.shares[0].read_only);
  CHECK(options.shares[1].name == "c");
  CHECK_FALSE(options.shares[1].read_only);

  const std::vector<std::string_view> wrong = {"DITTO_NFS_PORT=many"};
  const auto refused = read_environment(options, wrong);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "DITTO_NFS_PORT: expected a whole number from 0 to 65535, found \"many\"");
  const std::vector<std::string_view> misspelt = {"DITTO_NFS_PROT=1"};
  const auto unknown = read_environment(options, misspelt);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message == "DITTO_NFS_PROT: there is no such setting; the nearest is DITTO_NFS_PORT");
}

TEST_CASE("set takes text for every setting and complains like the parser") {
  Options options;
  CHECK(set(options, "portmap.port", "0", "--portmap"));
  CHECK(options.portmap.port == 0);
  CHECK(set(options, "data", "a,b=c", "--data"));
  CHECK(options.data == "a,b=c");
  CHECK(set(options, "shares", "x", "--share"));
  CHECK(options.shares.at(0).name == "x");
  CHECK(set(options, "shares", "x,,y", "--share").error().message == "--share: the share name \"\" is empty");
  CHECK(set(options, "nfs_port", "", "--nfs-port").error().message ==
        "--nfs-port: expected a whole number from 0 to 65535, found \"\"");
  CHECK(set(options, "nfs_port", "12 ", "--nfs-port").error().code == FailureCode::InvalidArgument);
  CHECK(set(options, "nfsport", "1", "x").error().message ==
        "x: there is no setting \"nfsport\"; the nearest is \"nfs_port\"");
  // Every default, as text, is taken by its own setting.
  const std::string before = print_configuration(Options{});
  for (const SettingDescription& setting : describe_settings()) {
    if (setting.flag.empty()) continue;
    Options fresh;
    INFO(setting.key);
    CHECK(set(fresh, setting.key, setting.default_value, setting.flag));
    CHECK(print_configuration(fresh) == before);
  }
}

TEST_CASE("validate refuses options that no file could have given") {
  const auto refused = [](auto&& change) {
    Options options;
    change(options);
    const auto valid = validate(options);
    REQUIRE_FALSE(valid);
    return valid.error().message;
  };
  CHECK(refused([](Options& o) { o.pool_threads = 0; }) ==
        "pool_threads: expected a whole number from 1 to 1024, found 0");
  CHECK(refused([](Options& o) { o.shares.push_back({.name = "export"}); }) ==
        "shares: the name \"export\" is given twice");
  CHECK_THAT(refused([](Options& o) { o.shares.push_back({.name = "EXPORT"}); }), Contains("differ only in case"));
  CHECK(refused([](Options& o) { o.shares[0].root_mode = 010000; }) ==
        "the share \"export\": root_mode: expected octal digits in quotes, from \"0\" to \"7777\", found 10000");
  CHECK(refused([](Options& o) { o.listen = ""; }).starts_with("listen: \"\" is not an IP address"));
}

TEST_CASE("share names") {
  for (const char* good : {"a", "photos", "Größe", "a b", "a.b", "...", "$x", "-", "{1}"})
    CHECK_FALSE(object_to_share_name(good));
  for (const char* bad : {"", ".", "..", "/", "a/b", "/a", "a\\b", "a\nb", " a", "a ", "a,b", "a:b", "a*", "\x7f"}) {
    INFO(bad);
    CHECK(object_to_share_name(bad));
  }
  CHECK_FALSE(object_to_share_name(std::string(80, 'x')));
  CHECK(object_to_share_name(std::string(81, 'x')) == "is longer than 80 bytes");
  CHECK(object_to_share_name(std::string_view("a\0b", 3)) == "contains a control character");
  CHECK(same_share_name("Photos", "pHOTOS"));
  CHECK_FALSE(same_share_name("photos", "photo"));
}

TEST_CASE("addresses and address blocks") {
  const auto peer = [](std::string_view text) { return parse_ip(text).value(); };
  CHECK(parse_network("192.0.2.0/24")->contains(peer("192.0.2.255")));
  CHECK_FALSE(parse_network("192.0.2.0/24")->contains(peer("192.0.3.0")));
  CHECK(parse_network("192.0.2.7")->contains(peer("192.0.2.7")));
  CHECK_FALSE(parse_network("192.0.2.7")->contains(peer("192.0.2.6")));
  CHECK(parse_network("0.0.0.0/0")->contains(peer("198.51.100.1")));
  CHECK_FALSE(parse_network("0.0.0.0/0")->contains(peer("2001:db8::1")));
  CHECK(parse_network("::/0")->contains(peer("198.51.100.1")));
  CHECK(parse_network("2001:db8::/32")->contains(peer("2001:db8:ffff::1")));
  for (const char* bad : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::/129", "::1/64", "10.0.0/8",
                          "10.0.0.0/8x", "10.0.0.0/-1", "host", "10.0.0.0/8/8", "fe80::1%lo"}) {
    INFO(bad);
    CHECK_FALSE(parse_network(bad));
  }
  CHECK(endpoint_text("127.0.0.1", 80) == "127.0.0.1:80");
  CHECK(endpoint_text("::1", 80) == "[::1]:80");
}

TEST_CASE("edit distance counts letters and swapped neighbours") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("prot", "port") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  const std::string_view known[] = {"port", "enabled"};
  CHECK(nearest("enable", known) == "enabled");
  CHECK(resembles("prot", "port"));
  CHECK_FALSE(resembles("data", "port"));
}
