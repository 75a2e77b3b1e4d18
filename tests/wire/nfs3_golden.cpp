// NFSv3 as real clients and another server speak it: what they sent is read completely, means what they meant, and is
// written again byte for byte.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "nfs/v3/arguments.hpp"
#include "nfs/v3/results.hpp"
#include "wire/golden_file.hpp"
#include "wire/xdr.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;

namespace {

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> all = read_goldens("nfs3.txt");
  return all;
}

template <class T>
bool same(const BufferChain& bytes) {
  const auto value = xdr::decode<T>(bytes);
  return value && xdr::encode(*value) == bytes;
}

template <class Args, class Res>
bool either(bool call, const BufferChain& bytes) {
  return call ? same<Args>(bytes) : same<Res>(bytes);
}

const std::map<std::string, bool (*)(bool call, const BufferChain& bytes)> procedures{
    {"GETATTR", &either<GETATTR3args, GETATTR3res>},
    {"SETATTR", &either<SETATTR3args, SETATTR3res>},
    {"LOOKUP", &either<LOOKUP3args, LOOKUP3res>},
    {"ACCESS", &either<ACCESS3args, ACCESS3res>},
    {"READLINK", &either<READLINK3args, READLINK3res>},
    {"READ", &either<READ3args, READ3res>},
    {"WRITE", &either<WRITE3args, WRITE3res>},
    {"CREATE", &either<CREATE3args, CREATE3res>},
    {"MKDIR", &either<MKDIR3args, MKDIR3res>},
    {"SYMLINK", &either<SYMLINK3args, SYMLINK3res>},
    {"MKNOD", &either<MKNOD3args, MKNOD3res>},
    {"REMOVE", &either<REMOVE3args, REMOVE3res>},
    {"RMDIR", &either<RMDIR3args, RMDIR3res>},
    {"RENAME", &either<RENAME3args, RENAME3res>},
    {"LINK", &either<LINK3args, LINK3res>},
    {"READDIR", &either<READDIR3args, READDIR3res>},
    {"READDIRPLUS", &either<READDIRPLUS3args, READDIRPLUS3res>},
    {"FSSTAT", &either<FSSTAT3args, FSSTAT3res>},
    {"FSINFO", &either<FSINFO3args, FSINFO3res>},
    {"PATHCONF", &either<PATHCONF3args, PATHCONF3res>},
    {"COMMIT", &either<COMMIT3args, COMMIT3res>},
};

/// A decoded golden, with the bytes that it shows.
template <class T>
struct Decoded {
  BufferChain bytes;
  std::optional<T> value;
  explicit Decoded(const Golden& golden) : bytes(chain_of(golden.hex)), value(xdr::decode<T>(bytes)) { REQUIRE(value); }
  const T* operator->() const { return &*value; }
};

template <class T>
Decoded<T> call_of(std::string_view sender, std::string_view procedure, std::string_view part = "") {
  return Decoded<T>(find_golden(goldens(), sender, procedure, "call", part));
}
template <class T>
Decoded<T> reply_to(std::string_view procedure) {
  return Decoded<T>(find_golden(goldens(), "ganesha-4.3", procedure, "reply"));
}

}  // namespace

TEST_CASE("NFSv3: what clients and servers sent is read and written byte for byte", "[nfs3]") {
  std::set<std::string> calls, replies;
  for (const Golden& golden : goldens()) {
    INFO(golden.sender << " " << golden.procedure << " " << golden.direction);
    const bool call = golden.direction == "call";
    REQUIRE(procedures.contains(golden.procedure));
    CHECK(procedures.at(golden.procedure)(call, chain_of(golden.hex)));
    (call ? calls : replies).insert(golden.procedure);
  }
  CHECK(calls.size() == procedures.size());
  CHECK(replies.size() == procedures.size());
}

TEST_CASE("NFSv3: calls of the Linux client mean what it meant", "[nfs3]") {
  const char* linux = "linux-6.1";
  CHECK(call_of<MKDIR3args>(linux, "MKDIR")->where.name.view() == "d");
  CHECK(call_of<MKDIR3args>(linux, "MKDIR")->attributes.mode == 0755u);

  const auto written = call_of<WRITE3args>(linux, "WRITE", "68656c6c6f0a");
  CHECK(written->count == 6);
  CHECK(written->data.size() == 6);
  CHECK(written->offset == 0);

  const auto symlink = call_of<SYMLINK3args>(linux, "SYMLINK");
  CHECK(symlink->where.name.view() == "sym");
  CHECK(symlink->symlink.symlink_data.view() == "target/of/link");

  const auto rename = call_of<RENAME3args>(linux, "RENAME");
  CHECK(rename->from.name.view() == "hard");
  CHECK(rename->to.name.view() == "renamed");
  CHECK(call_of<LINK3args>(linux, "LINK")->link.name.view() == "hard");

  const auto device = call_of<MKNOD3args>(linux, "MKNOD", "0000000100000003");
  CHECK(device->what.type == ftype3::NF3CHR);
  CHECK(device->what.device.spec.specdata1 == 1);
  CHECK(device->what.device.spec.specdata2 == 3);

  const auto listing = call_of<READDIRPLUS3args>(linux, "READDIRPLUS");
  CHECK(listing->cookie == 0);
  CHECK(listing->dircount > 0);
  CHECK(listing->maxcount >= listing->dircount);
}

TEST_CASE("NFSv3: replies of another server say what it did", "[nfs3]") {
  const auto attributes = reply_to<GETATTR3res>("GETATTR");
  CHECK(attributes->status == nfsstat3::NFS3_OK);
  CHECK(attributes->resok.obj_attributes.type == ftype3::NF3DIR);
  CHECK(attributes->resok.obj_attributes.mode == 0777);
  CHECK(attributes->resok.obj_attributes.nlink >= 2);

  const auto read = reply_to<READ3res>("READ");
  CHECK(read->resok.count == read->resok.data.size());
  CHECK(read->resok.eof);

  const auto info = reply_to<FSINFO3res>("FSINFO");
  CHECK(info->resok.rtmax >= 65536);
  CHECK((info->resok.properties & FSF3_SYMLINK) != 0);

  std::set<std::string> names;
  reply_to<READDIRPLUS3res>("READDIRPLUS")->resok.reply.entries.for_each([&](const entryplus3& entry) {
    names.insert(std::string(entry.name.view()));
    CHECK(entry.cookie != 0);
  });
  CHECK(names.contains("."));
  CHECK(names.contains(".."));
}
