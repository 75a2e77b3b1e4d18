#include "vfs/records.hpp"

#include "tree.hpp"

namespace ditto::test {

using namespace vfs;

namespace {

std::string bytes(Bytes of) { return std::string(ditto::text_of(of)); }

InodeRecord sample_file() {
  InodeRecord record;
  Attributes& a = record.attributes;
  a.id = {0, 77};
  a.type = FileType::Regular;
  a.mode = 04755;
  a.owner = Principal::id(1000);
  a.group = {Principal::Kind::Sid, 5};
  a.link_count = 3;
  a.size = 123'456'789'012;
  a.space_used = 4096;
  a.access_time = {1, 2};
  a.modify_time = {-5, 999'999'999};
  a.change_time = {3, 4};
  a.birth_time = {5, 6};
  a.change = 0x10000000001;
  a.dos_attributes = 0x22;
  a.acl = 9;
  a.flags = 1;
  record.object = 4242;
  record.verifier = 0xfeedface;
  record.has_verifier = record.has_xattrs = true;
  return record;
}

InodeRecord sample_directory() {
  InodeRecord record;
  record.attributes.id = {0, 78};
  record.attributes.type = FileType::Directory;
  record.attributes.mode = 0755;
  record.attributes.link_count = 2;
  record.parent = 1;
  record.entry_key = 0x123450000;
  record.entries = 5;
  record.attributes.size = record.attributes.space_used = directory_size(5);
  return record;
}

InodeRecord sample_device() {
  InodeRecord record;
  record.attributes.id = {0, 79};
  record.attributes.type = FileType::BlockDevice;
  record.attributes.device = {8, 1};
  record.attributes.link_count = 1;
  return record;
}

InodeRecord sample_stream() {
  InodeRecord record = sample_file();
  record.attributes.id = {0, 80};
  record.attributes.role = NodeRole::Stream;
  record.attributes.acl = 0;
  record.attributes.link_count = 1;
  record.streams = 77;
  return record;
}

InodeRecord sample_stream_directory() {
  InodeRecord record = sample_directory();
  record.attributes.role = NodeRole::StreamDirectory;
  record.parent = 77;
  record.entry_key = 0;
  return record;
}

InodeRecord sample_with_streams() {
  InodeRecord record = sample_directory();
  record.streams = 81;
  record.attributes.has_streams = true;
  return record;
}

// encode(decode(x)) == x, and everything shorter or longer is refused.
template <class Decode>
void check_round_trip(Bytes encoded, Decode decode) {
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    INFO("cut to " << size);
    CHECK_FALSE(decode(encoded.first(size)).has_value());
  }
  std::vector<std::byte> longer(encoded.begin(), encoded.end());
  longer.push_back(std::byte{0});
  CHECK_FALSE(decode(longer).has_value());
  auto version = longer;
  version.pop_back();
  version[0] = std::byte{99};
  CHECK_FALSE(decode(version).has_value());
  const auto decoded = decode(encoded);
  REQUIRE(decoded.has_value());
  CHECK(bytes(encode(*decoded)) == bytes(encoded));
}

}  // namespace

TEST_CASE("inode records survive their bytes, and nothing shorter or longer is taken") {
  for (const InodeRecord& record : {sample_file(), sample_directory(), sample_device(), sample_stream(),
                                    sample_stream_directory(), sample_with_streams()}) {
    check_round_trip(encode(record), [&](Bytes b) { return decode_inode(b, record.id()); });
  }
  const InodeRecord back = must(decode_inode(encode(sample_file()), {0, 77}));
  CHECK(back.attributes.modify_time == Timestamp{-5, 999'999'999});
  CHECK(back.attributes.group == Principal{Principal::Kind::Sid, 5});
  CHECK(back.attributes.size == 123'456'789'012);
  CHECK(back.object == 4242);
  CHECK(back.verifier == 0xfeedface);
  const InodeRecord directory = must(decode_inode(encode(sample_directory()), {0, 78}));
  CHECK(directory.entry_key == 0x123450000);
  CHECK(directory.attributes.size == directory_size(5));
  const InodeRecord stream = must(decode_inode(encode(sample_stream()), {0, 80}));
  CHECK(stream.attributes.role == NodeRole::Stream);
  CHECK(stream.attributes.type == FileType::Regular);
  CHECK(stream.file_id() == NodeId{0, 77});
  const InodeRecord streams = must(decode_inode(encode(sample_stream_directory()), {0, 81}));
  CHECK(streams.attributes.role == NodeRole::StreamDirectory);
  CHECK(streams.file_id() == NodeId{0, 77});
  const InodeRecord with_streams = must(decode_inode(encode(sample_with_streams()), {0, 78}));
  CHECK(with_streams.streams_id() == NodeId{0, 81});
  CHECK(with_streams.attributes.has_streams);
}

TEST_CASE("inode records that say of streams what cannot be are refused") {
  InodeRecord no_file = sample_stream(), nested = sample_stream_directory(), device = sample_device();
  no_file.streams = 0;
  nested.streams = device.streams = 5;
  InodeRecord none = sample_directory();
  none.attributes.has_streams = true;
  InodeRecord stream_with_some = sample_stream();
  stream_with_some.attributes.has_streams = true;
  for (const InodeRecord& record : {no_file, nested, device, none, stream_with_some}) {
    CHECK(decode_inode(encode(record), record.id()).error() == Error::Corrupt);
  }
}

TEST_CASE("the fixed records survive their bytes, and nothing shorter or longer is taken") {
  const HeaderRecord header{
      .folding_version = 1, .store_id = 2, .root = 3, .filehandle_key = {4, 5}, .name_key = {6, 7}, .created = {8, 9}};
  check_round_trip(encode(header), [](Bytes b) { return decode_header(b); });
  check_round_trip(encode(IncarnationRecord{1, 2, true}), [](Bytes b) { return decode_incarnation(b); });
  check_round_trip(encode(ReservationRecord{1, 2}), [](Bytes b) { return decode_reservations(b); });
  check_round_trip(encode(UsageRecord{1, 2}), [](Bytes b) { return decode_usage(b); });
  CHECK(must(decode_number(encode_number(17))) == 17);
  CHECK_FALSE(decode_number(Bytes(encode_number(17)).first(8)).has_value());
}

TEST_CASE("the header of another format tells its version and nothing else") {
  HeaderRecord header;
  header.format_version = 999;
  CHECK(must(decode_header(Bytes(encode(header)).first(7))).format_version == 999);
}

TEST_CASE("entry and xattr records survive their bytes") {
  const std::string name(255, 'n');
  const auto entry_bytes = encode(EntryRecord{.inode = 5, .type = FileType::Socket, .name = name});
  const EntryRecord entry = must(decode_entry(entry_bytes));
  CHECK(entry.inode == 5);
  CHECK(entry.type == FileType::Socket);
  CHECK(entry.name == name);
  for (std::size_t size = 0; size < 11; ++size) CHECK_FALSE(decode_entry(Bytes(entry_bytes).first(size)).has_value());
  const auto xattr_bytes = encode(XattrRecord{.name = "user.a", .value = bytes_of("value")});
  const XattrRecord xattr = must(decode_xattr(xattr_bytes));
  CHECK(xattr.name == "user.a");
  CHECK(ditto::text_of(xattr.value) == "value");
  for (std::size_t size = 0; size < 8; ++size) CHECK_FALSE(decode_xattr(Bytes(xattr_bytes).first(size)).has_value());
}

TEST_CASE("records that nobody could have written are corrupt") {
  const auto broken_inode = [](std::size_t at, std::uint8_t value) {
    const auto good = encode(sample_file());
    std::vector<std::byte> bad(Bytes(good).begin(), Bytes(good).end());
    bad[at] = std::byte{value};
    return error_of(decode_inode(bad, {0, 77}));
  };
  CHECK(broken_inode(1, 0) == "Corrupt");      // no type
  CHECK(broken_inode(1, 8) == "Corrupt");      // no such type
  CHECK(broken_inode(1, 2) == "Corrupt");      // a directory without a directory's part
  CHECK(broken_inode(1, 3) == "Corrupt");      // a symlink with an object
  CHECK(broken_inode(2, 0xff) == "Corrupt");   // mode bits that are none
  CHECK(broken_inode(4, 0x80) == "Corrupt");   // a part nobody knows
  CHECK(broken_inode(18, 0xff) == "Corrupt");  // a size beyond the largest file
  CHECK(broken_inode(42, 0xff) == "Corrupt");  // nanoseconds of a second and more
  const auto name = [](std::string_view text) {
    return error_of(decode_entry(encode(EntryRecord{.inode = 1, .type = FileType::Regular, .name = text})));
  };
  CHECK(name("fine") == "success");
  CHECK(name("") == "Corrupt");
  CHECK(name("..") == "Corrupt");
  CHECK(name("a/b") == "Corrupt");
  CHECK(error_of(decode_entry(encode(EntryRecord{.inode = 0, .type = FileType::Regular, .name = "x"}))) == "Corrupt");
}

TEST_CASE("decoding random bytes fails or gives what encodes to them") {
  SeededRandom random(5);
  std::size_t taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::array<std::byte, 160> noise;
    random.fill(noise);
    const std::size_t size = random.below(noise.size());
    noise[0] = std::byte{1};
    noise[1] = std::byte(1 + random.below(7));
    noise[2] = noise[4] = noise[5] = std::byte{0};
    for (const std::size_t nanoseconds : {50u, 62u, 74u, 86u}) noise[nanoseconds] = std::byte{0};
    noise[18] = std::byte{0};
    const Bytes tried = Bytes(noise).first(size);
    if (const auto record = decode_inode(tried, {0, 1})) {
      ++taken;
      CHECK(bytes(encode(*record)) == bytes(tried));
    }
    (void)decode_entry(tried);
    (void)decode_xattr(tried);
    (void)decode_header(tried);
  }
  CHECK(taken > 0);
}

TEST_CASE("keys sort as their numbers do, and are taken apart again") {
  const auto less = [](const Key& a, const Key& b) { return bytes(a.bytes()) < bytes(b.bytes()); };
  CHECK(less(key::inode({0, 255}), key::inode({0, 256})));
  CHECK(less(key::inode({0, ~0ull}), key::inode({1, 0})));
  CHECK(less(key::entry({0, 5}, 0x10000), key::entry({0, 5}, 0x1000000)));
  CHECK(less(key::inode({~0u, ~0ull}), key::end_of(Tag::Inode)));
  NodeId id;
  std::uint64_t entry_key = 0;
  REQUIRE(key::parse_node_and(key::entry({1, 2}, 3), Tag::Entry, id, entry_key));
  CHECK(id == NodeId{1, 2});
  CHECK(entry_key == 3);
  CHECK_FALSE(key::parse_node(key::entry({1, 2}, 3), Tag::Entry, id));
  CHECK_FALSE(key::parse_node(key::inode({1, 2}), Tag::Inline, id));
}

}  // namespace ditto::test
