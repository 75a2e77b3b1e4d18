// Shares as they come out of a store: their directories and their ids.
#include "server/shares/open_share.hpp"

#include <catch2/catch.hpp>

#include "server/open_store.hpp"
#include "store/data/memory_data.hpp"
#include "store/kv/memory_kv.hpp"

using namespace ditto;
using namespace std::chrono_literals;
using server::ShareOptions;

namespace {

struct Opened {
  std::unique_ptr<store::Store> store = store::memory_store();
  std::shared_ptr<vfs::FileSystem> file_system;

  Opened() { open(); }
  void open() {
    file_system.reset();
    auto opened = vfs::DittoFs::open(store->kv, store->data, system_clock(), system_random(), null_log());
    REQUIRE(opened);
    file_system = *std::move(opened);
  }
  std::shared_ptr<const gate::Share> share(const ShareOptions& options) {
    auto opened = server::open_share(file_system, store->kv, options, system_clock(), system_random());
    INFO((opened ? "" : opened.error().message));
    REQUIRE(opened);
    return *opened;
  }
  vfs::Attributes attributes(vfs::NodeId id) {
    const auto root = vfs::Credential::root();
    vfs::Context context{.who = root, .now = system_clock().now(), .blocking = store::Blocking::Allowed};
    auto pin = file_system->pin(context, id);
    REQUIRE(pin);
    return file_system->getattr(context, **pin).value();
  }
};

struct Halves {
  store::MemoryKv memory_kv;
  store::MemoryData memory_data;
};

/// Keeps what it was told last.
class ToldStore final : private Halves, public store::Store {
 public:
  ToldStore() : Store(memory_kv, memory_data) {}
  void set_flush_interval(std::chrono::milliseconds interval) override { told = interval; }
  std::chrono::milliseconds told{0};
};

}  // namespace

TEST_CASE("a new share's top directory is as the options say") {
  Opened opened;
  const auto share = opened.share({.name = "photos", .root_mode = 02750, .root_uid = 7, .root_gid = 8});
  const vfs::Attributes top = opened.attributes(share->root());
  CHECK(top.type == vfs::FileType::Directory);
  CHECK(top.mode == 02750);
  CHECK(top.owner == vfs::Principal::id(7));
  CHECK(top.group == vfs::Principal::id(8));
  CHECK(share->name() == "photos");
}

TEST_CASE("a share keeps its id and its directory over a restart, and what clients made of them") {
  Opened opened;
  const auto before = opened.share({.name = "photos"});
  const auto id = before->id();
  const auto root = before->root();
  opened.open();
  const auto after = opened.share({.name = "photos", .root_mode = 0700});
  CHECK(after->id() == id);
  CHECK(after->root() == root);
  CHECK(opened.attributes(root).mode == 01777);
}

TEST_CASE("shares of one store differ in id and directory") {
  Opened opened;
  const auto a = opened.share({.name = "a"}), b = opened.share({.name = "A"});
  CHECK(a->id() != b->id());
  CHECK(a->root() != b->root());
  CHECK(a->root() != opened.file_system->root());
}

TEST_CASE("rules come over") {
  Opened opened;
  const auto share = opened.share({.name = "a",
                                   .squash = server::Squash::All,
                                   .anonymous_uid = 5,
                                   .anonymous_gid = 6,
                                   .read_only = true,
                                   .networks = {"192.0.2.0/24"}});
  CHECK(share->rules().squash == gate::Squash::All);
  CHECK(share->rules().anonymous_uid == 5);
  CHECK(share->rules().anonymous_gid == 6);
  CHECK(share->rules().read_only);
  REQUIRE(share->rules().networks.size() == 1);
  CHECK(share->rules().networks[0].prefix_bits == 120);
  CHECK(opened.share({.name = "b", .squash = server::Squash::None})->rules().squash == gate::Squash::None);
  CHECK(opened.share({.name = "c"})->rules().squash == gate::Squash::Root);
}

TEST_CASE("a damaged record of a share is an error") {
  Opened opened;
  const auto written = opened.store->kv.transact(
      [](store::KvTransaction& kv) -> Result<void> {
        kv.put(bytes_of("\x80photos"), bytes_of("\x02xxxxxxxx"));
        return {};
      },
      store::Blocking::Allowed);
  REQUIRE(written);
  const auto share =
      server::open_share(opened.file_system, opened.store->kv, {.name = "photos"}, system_clock(), system_random());
  REQUIRE_FALSE(share);
  CHECK(share.error().code == server::FailureCode::Corrupt);
  CHECK(share.error().message.find("\"photos\"") != std::string::npos);
}

TEST_CASE("of the flush intervals that shares of a store ask for the shortest holds, whoever comes first") {
  server::OpenStore open;
  auto made = std::make_unique<ToldStore>();
  const ToldStore& store = *made;
  open.store = std::move(made);
  open.flush_within(300ms);
  CHECK(store.told == 300ms);
  open.flush_within(1000ms);
  CHECK(store.told == 300ms);
  open.flush_within(20ms);
  CHECK(store.told == 20ms);
}
