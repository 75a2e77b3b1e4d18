// Clones: what is shared, and stays the same when one of the files changes; what it costs; what it waits for.
#include "power.hpp"
#include "tree.hpp"
#include "vfs/checksums.hpp"
#include "vfs/ditto/extents.hpp"

namespace ditto::test {

using vfs::Stability;

namespace {

constexpr std::uint64_t block = vfs::clone_block_bytes;
constexpr std::uint64_t chunk = vfs::chunk_bytes;

std::string pattern(std::size_t size, std::uint64_t seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (seed + i / 7) % 26);
  return text;
}

std::string spliced(std::string text, std::size_t offset, std::string_view with) {
  if (text.size() < offset + with.size()) text.resize(offset + with.size());
  return text.replace(offset, with.size(), with);
}

struct Pair {
  explicit Pair(Tree& tree, std::size_t size = 10 * chunk + 100)
      : text(pattern(size, 3)), from(tree.file_id(tree.root(), "from")), to(tree.file_id(tree.root(), "to")) {
    must(tree.write(from, 0, text));
  }
  std::string text;
  NodeId from, to;
};

std::size_t objects_of(Tree& tree) {
  std::size_t count = 0;
  must(tree.stores->data().for_each([&](store::ObjectId, std::uint64_t) { return ++count, true; }));
  return count;
}

std::uint64_t stored_bytes(Tree& tree) {
  std::uint64_t bytes = 0;
  must(tree.stores->data().for_each([&](store::ObjectId object, std::uint64_t) {
    bytes += must(tree.stores->data().space_used(object));
    return true;
  }));
  return bytes;
}

vfs::SharedContents shared_of(Tree& tree, NodeId id) {
  vfs::SharedContents shared;
  must(tree.stores->kv().view(
      [&](store::KvReader& reader) -> Result<void> {
        shared = must(vfs::read_inode(reader, id)).value().shared;
        return {};
      },
      Blocking::Allowed));
  return shared;
}

}  // namespace

TEST_CASE("a clone reads as its source, takes no room, and both go their own ways from there") {
  Tree tree(ANY_ENGINE);
  Pair files(tree);
  const std::uint64_t before = stored_bytes(tree);
  const vfs::Change change = must(tree.clone(files.from, 0, files.to, 0, 0));
  CHECK(change.after.size == files.text.size());
  CHECK(change.after.change > change.before.change);
  CHECK(tree.contents(files.to) == files.text);
  CHECK(tree.contents(files.from) == files.text);
  CHECK(stored_bytes(tree) == before);
  CHECK(shared_of(tree, files.from).extents == 1);
  CHECK(shared_of(tree, files.to).extents == 1);
  CHECK(tree.attributes(files.to).space_used == tree.attributes(files.from).space_used);

  must(tree.write(files.to, 3 * chunk + 10, "hello"));
  must(tree.write(files.from, 5 * chunk - 2, "world"));
  CHECK(tree.contents(files.to) == spliced(files.text, 3 * chunk + 10, "hello"));
  CHECK(tree.contents(files.from) == spliced(files.text, 5 * chunk - 2, "world"));
  CHECK(shared_of(tree, files.to).extents == 2);
  CHECK(shared_of(tree, files.from).extents == 2);
  tree.check_clean();
  tree.reopen();
  CHECK(tree.contents(files.to) == spliced(files.text, 3 * chunk + 10, "hello"));
  CHECK(tree.contents(files.from) == spliced(files.text, 5 * chunk - 2, "world"));
  tree.check_clean();
}

TEST_CASE("what nobody shares any more is given back, and all of it with the last file") {
  Tree tree(ANY_ENGINE);
  Pair files(tree, 8 * chunk);
  must(tree.clone(files.from, 0, files.to, 0, 0));
  must(tree.write(files.from, 0, std::string(2 * chunk, 'x')));
  must(tree.write(files.to, chunk, std::string(2 * chunk, 'y')));
  tree.maintain();
  tree.check_clean();
  // Both have four chunks of their own, and one that both had is nobody's.
  CHECK(stored_bytes(tree) == (7 + 4) * chunk);
  must(tree.remove(tree.root(), "from"));
  tree.maintain();
  tree.check_clean();
  CHECK(stored_bytes(tree) == (6 + 2) * chunk);
  CHECK(tree.contents(files.to) == spliced(files.text, chunk, std::string(2 * chunk, 'y')));
  must(tree.truncate(files.to, 0));
  tree.maintain();
  CHECK(objects_of(tree) == 0);
  tree.check_clean();
}

TEST_CASE("a clone of any length costs the same, however often it is cloned") {
  Tree tree;
  const NodeId from = tree.file_id(tree.root(), "from");
  must(tree.write(from, 0, "begin"));
  must(tree.truncate(from, std::uint64_t{1} << 40));
  NodeId last = from;
  for (int i = 0; i < 100; ++i) {
    const NodeId next = tree.file_id(tree.root(), "clone" + std::to_string(i));
    must(tree.clone(last, 0, next, 0, 0));
    CHECK(shared_of(tree, next).extents == 1);
    last = next;
  }
  CHECK(objects_of(tree) == 1);
  CHECK(text_of(must(tree.read(last, 0, 10)).data) == std::string("begin\0\0\0\0\0", 10));
  tree.check_clean();
}

TEST_CASE("ranges are cloned to where they belong, within one file too, and zeros follow what is no whole block") {
  Tree tree(ANY_ENGINE);
  Pair files(tree);
  const std::string old = pattern(20 * chunk, 17);
  must(tree.write(files.to, 0, old));
  must(tree.clone(files.from, 2 * block, files.to, 5 * block, 3 * block));
  std::string expected = spliced(old, 5 * block, files.text.substr(2 * block, 3 * block));
  CHECK(tree.contents(files.to) == expected);
  must(tree.clone(files.from, 10 * chunk, files.to, chunk, 0));
  expected = spliced(expected, chunk, files.text.substr(10 * chunk) + std::string(block - 100, '\0'));
  CHECK(tree.contents(files.to) == expected);
  must(tree.clone(files.to, 0, files.to, 30 * chunk, 2 * chunk));
  expected = spliced(expected, 30 * chunk, expected.substr(0, 2 * chunk));
  CHECK(tree.contents(files.to) == expected);
  CHECK(tree.contents(files.from) == files.text);
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("what cannot be cloned is refused, and changes nothing") {
  Tree tree;
  Pair files(tree);
  const std::uint64_t size = files.text.size();
  const auto refused = [&](std::uint64_t from, std::uint64_t to, std::uint64_t length) {
    return error_of(tree.clone(files.from, from, files.to, to, length));
  };
  CHECK(refused(1, 0, block) == "InvalidArgument");
  CHECK(refused(0, 1, block) == "InvalidArgument");
  CHECK(refused(0, 0, block + 1) == "InvalidArgument");
  CHECK(refused(0, 0, size + 1) == "InvalidArgument");
  CHECK(refused((size / block + 1) * block, 0, 0) == "InvalidArgument");
  CHECK(refused(0, limits::file_size / block * block, 0) == "FileTooBig");
  CHECK(error_of(tree.clone(files.from, 0, files.from, block, 2 * block)) == "InvalidArgument");
  CHECK(error_of(tree.clone(files.from, 0, tree.root(), 0, 0)) == "IsDirectory");
  CHECK(tree.attributes(files.to).size == 0);
  tree.who = user(1000, 1000);
  CHECK(refused(0, 0, 0) == "AccessDenied");  // to write
  tree.who = Credential::root();
  CHECK(tree.contents(files.from) == files.text);
  tree.check_clean();
}

TEST_CASE("holes, room and sizes of what is shared are those of a file") {
  Tree tree(ANY_ENGINE);
  Pair files(tree, 8 * chunk);
  must(tree.clone(files.from, 0, files.to, 0, 0));
  must(tree.on(files.to, [&](Context& context, vfs::Node& node) {
    return tree.fs->deallocate(context, node, 2 * chunk, 3 * chunk);
  }));
  const std::string punched = spliced(files.text, 2 * chunk, std::string(3 * chunk, '\0'));
  CHECK(tree.contents(files.to) == punched);
  const auto seek = [&](std::uint64_t offset, vfs::Content what) {
    return must(tree.on(files.to,
                        [&](Context& context, vfs::Node& node) { return tree.fs->seek(context, node, offset, what); }));
  };
  CHECK(seek(0, vfs::Content::Hole).offset == 2 * chunk);
  CHECK(seek(2 * chunk, vfs::Content::Data).offset == 5 * chunk);
  must(tree.on(files.to,
               [&](Context& context, vfs::Node& node) { return tree.fs->allocate(context, node, chunk, 2 * chunk); }));
  CHECK(tree.contents(files.to) == punched);
  must(tree.truncate(files.to, 6 * chunk + 10));
  must(tree.truncate(files.to, 9 * chunk));
  std::string cut = punched.substr(0, 6 * chunk + 10);
  cut.resize(9 * chunk);
  CHECK(tree.contents(files.to) == cut);
  CHECK(tree.contents(files.from) == files.text);
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("checksums are of a file's bytes, whoever else has them") {
  Tree tree(ANY_ENGINE, {.verify_reads = true, .quiet_time = std::chrono::seconds(0)});
  Pair files(tree);
  tree.maintain();
  must(tree.clone(files.from, 0, files.to, 0, 0));
  CHECK(tree.contents(files.to) == files.text);
  const auto check = [&] {
    return must(tree.fs->check_store(
        {.contents = true}, [](std::string_view line) { FAIL(line); }, [](const vfs::CheckSummary&) {}));
  };
  CHECK(check().verified_bytes == 2 * files.text.size());
  must(tree.write(files.to, 100, "new"));
  CHECK(check().verified_bytes == files.text.size());
  CHECK(tree.contents(files.to) == spliced(files.text, 100, "new"));
  CHECK(tree.contents(files.from) == files.text);
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("a file that is in too many pieces is cloned by a copy") {
  Tree tree;
  const NodeId from = tree.file_id(tree.root(), "from"), base = tree.file_id(tree.root(), "base");
  must(tree.truncate(from, std::uint64_t{40} << 30));
  must(tree.clone(from, 0, base, 0, 0));
  must(tree.stores->kv().transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        // As that many writes would leave it.
        vfs::InodeRecord record = must(vfs::read_inode(kv, from)).value();
        for (std::uint64_t i = 1; i <= vfs::max_extents; ++i) {
          must(vfs::drop_extents(kv, record, 2 * i * chunk, (2 * i + 1) * chunk));
        }
        kv.put(vfs::key::inode(from), vfs::encode(record));
        return {};
      },
      Blocking::Allowed));
  tree.reopen();
  must(tree.write(from, chunk + 7, "middle"));
  CHECK(shared_of(tree, from).extents <= vfs::max_extents + 1);
  const NodeId to = tree.file_id(tree.root(), "to");
  must(tree.clone(from, 0, to, 0, 16 * chunk));
  CHECK(shared_of(tree, to).extents == 1);
  CHECK(text_of(must(tree.read(to, chunk, 20)).data) == text_of(must(tree.read(from, chunk, 20)).data));
  CHECK(text_of(must(tree.read(to, chunk + 7, 6)).data) == "middle");
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("a clone is durable, and so is what it was made of, before it is answered") {
  auto owned = std::make_unique<PowerStores>();
  PowerStores& stores = *owned;
  Tree tree(std::move(owned));
  stores.power_kv.holding = true;
  Pair files(tree);
  must(tree.write(files.from, 0, "unstable", Stability::Unstable));
  must(tree.clone(files.from, 0, files.to, 0, 0));
  CHECK(stores.power_kv.durable() >= tree.token);
  tree.blocking = Blocking::Never;
  CHECK(error_of(tree.clone(files.from, 0, files.to, 0, 0)) == "WouldBlock");
  CHECK(error_of(tree.write(files.to, 0, "x")) == "WouldBlock");
  tree.blocking = Blocking::Allowed;
  stores.power_kv.failing = Error::Io;
  tree.fs.reset();
  stores.power_kv.take_back(Error::Io);
  SeededRandom random(5);
  stores.power_data.cut_power(random);
  stores.power_kv.failing.reset();
  tree.reopen();
  CHECK(tree.contents(files.to) == spliced(files.text, 0, "unstable"));
  CHECK(tree.contents(files.from) == spliced(files.text, 0, "unstable"));
  tree.check_clean();
}

TEST_CASE("while a clone waits for the journal both files are there to be changed, and what is changed stays") {
  auto owned = std::make_unique<PowerStores>();
  PowerStores& stores = *owned;
  Tree tree(std::move(owned));
  stores.power_kv.holding = true;
  Pair files(tree);
  must(tree.write(files.to, 0, std::string(5 * chunk, 'o')));
  must(tree.commit(files.to));
  must(tree.commit(files.from));
  // What the file had of its own below what it shares gives its room back, but not what was written there since.
  std::vector<std::string> outcomes;
  bool written = false;
  stores.power_kv.during_wait = [&] {
    const bool cloned = tree.contents(files.to).starts_with(files.text.substr(0, 100));
    if (!cloned || written) return;
    written = true;
    tree.blocking = Blocking::Never;
    outcomes.push_back(error_of(tree.setattr(files.from, {.mode = 0600})));
    outcomes.push_back(error_of(tree.setattr(files.to, {.mode = 0600})));
    tree.blocking = Blocking::Allowed;
    outcomes.push_back(error_of(tree.write(files.to, chunk + 7, "middle", Stability::Unstable)));
  };
  must(tree.clone(files.from, 0, files.to, 0, 0));
  stores.power_kv.during_wait = nullptr;
  CHECK(outcomes == std::vector<std::string>(3, "success"));
  const std::string after = spliced(files.text, chunk + 7, "middle");
  CHECK(tree.contents(files.to).starts_with(after));
  must(tree.commit(files.to));
  tree.fs.reset();
  SeededRandom random(5);
  stores.power_data.cut_power(random);
  tree.reopen();
  CHECK(tree.contents(files.to).starts_with(after));
  CHECK(tree.contents(files.from) == files.text);
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("a file that is cut while a clone into it waits is cut on the disk as well") {
  auto owned = std::make_unique<PowerStores>();
  PowerStores& stores = *owned;
  Tree tree(std::move(owned));
  stores.power_kv.holding = true;
  Pair files(tree, 10 * chunk);
  must(tree.write(files.to, 0, std::string(20 * chunk, 'o')));
  must(tree.commit(files.to));
  must(tree.commit(files.from));
  const std::uint64_t before = stored_bytes(tree);
  bool cut = false;
  stores.power_kv.during_wait = [&] {
    if (cut || !tree.contents(files.to).starts_with(files.text.substr(0, 100))) return;
    cut = true;
    must(tree.truncate(files.to, 11 * chunk));
  };
  must(tree.clone(files.from, 0, files.to, 0, 0));
  stores.power_kv.during_wait = nullptr;
  REQUIRE(cut);
  tree.maintain();
  // Of the target's own 20 chunks there is the one that lies behind the clone and before the new end.
  CHECK(before - stored_bytes(tree) == 19 * chunk);
  CHECK((tree.contents(files.to) == files.text + std::string(chunk, 'o')));
  tree.check_clean();
}

TEST_CASE("a check counts who has what, and mends the counts") {
  Tree tree;
  Pair files(tree);
  must(tree.clone(files.from, 0, files.to, 0, 0));
  const auto damage = [&](auto what) {
    must(tree.stores->kv().transact(
        [&](store::KvTransaction& kv) -> Result<void> {
          what(kv);
          return {};
        },
        Blocking::Allowed));
  };
  const std::uint64_t object = 1, end = files.text.size();
  damage([&](store::KvTransaction& kv) {
    kv.put(vfs::key::references(object, end), vfs::encode(vfs::ReferencesRecord{.start = 0, .end = end, .count = 1}));
  });
  CHECK(tree.problems() == std::vector<std::string>{"object 1: it is wrong how often its parts are in use"});
  damage([&](store::KvTransaction& kv) { kv.put(vfs::key::unreferenced(object, 0), vfs::encode_number(block)); });
  CHECK(tree.problems().size() == 2);
  tree.problems(true);
  tree.check_clean();
  damage([&](store::KvTransaction& kv) { kv.erase(vfs::key::extent(files.to, end)); });
  CHECK(tree.problems().size() == 2);  // the inode's claim, and the counts
  tree.problems(true);
  tree.maintain();
  tree.check_clean();
  CHECK(tree.contents(files.from) == files.text);
  // Bytes that nobody has, as a write leaves them that a crash cut short.
  must(tree.stores->data().write(object, end + 10 * chunk, BufferChain(Buffer::copy_of(bytes_of("lost"))),
                                 Blocking::Allowed));
  vfs::CheckSummary summary;
  tree.problems(false, &summary);
  CHECK(summary.leftovers == 1);
  tree.problems(true);
  tree.check_clean();
}

}  // namespace ditto::test
