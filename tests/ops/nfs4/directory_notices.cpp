// What holders of directory delegations are told by CB_NOTIFY instead of being asked for them: each kind of change,
// when it is told, and what happens when it cannot be.
#include <deque>
#include <random>

#include "ops/nfs4/directory_world.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;
using nfs3::nfsstat3;

namespace {

/// A holder that is told of changes.
struct Told : DirectoryClients {
  explicit Told(std::initializer_list<std::uint32_t> notices = names_only) : given(get(a, notices)) {}
  GET_DIR_DELEGATION4resok given;

  std::deque<CalledBack>& calls() {
    server.turn();
    while (taken < a.back.calls.size()) all.push_back(a.back.calls[taken++]);
    return all;
  }
  /// What there is to tell is told; the changes of the next CB_NOTIFY.
  std::vector<notify4> next() {
    if (calls().empty()) server.wait_ms(50);
    REQUIRE_FALSE(calls().empty());
    const CalledBack call = std::move(all.front());
    all.pop_front();
    REQUIRE(call.number == OP_CB_NOTIFY);
    CHECK(call.notify.cna_stateid == given.gddr_stateid);
    CHECK(call.notify.cna_fh == dir);
    kept.push_back(call);
    return {kept.back().notify.cna_changes.begin(), kept.back().notify.cna_changes.end()};
  }
  /// The only change there is.
  template <class T>
  T only(notify_type4 kind) {
    const auto changes = next();
    REQUIRE(changes.size() == 1);
    CHECK(calls().empty());
    return value_of<T>(changes[0], kind);
  }
  std::uint64_t notices() const { return server.callbacks.delegations().counts().notices; }

  std::size_t taken = 0;
  std::deque<CalledBack> all, kept;
};

std::uint64_t size_in(const fattr4& attributes) {
  REQUIRE(same_bits(attributes.attrmask, bits({FATTR4_SIZE, FATTR4_FILEID})));
  std::uint64_t size = 0, fileid = 0;
  read_values(attributes, size, fileid);
  CHECK(fileid != 0);
  return size;
}

/// A listing that is kept by what is told alone.
class Mirror {
 public:
  explicit Mirror(std::map<std::string, nfs_cookie4> listed) : listing(std::move(listed)) {}

  void apply(const notify4& notify) {
    if (notify.notify_mask.has(NOTIFY4_ADD_ENTRY)) {
      add(value_of<notify_add4>(notify, NOTIFY4_ADD_ENTRY));
    } else if (notify.notify_mask.has(NOTIFY4_REMOVE_ENTRY)) {
      remove(value_of<notify_remove4>(notify, NOTIFY4_REMOVE_ENTRY));
    } else {
      const auto renamed = value_of<notify_rename4>(notify, NOTIFY4_RENAME_ENTRY);
      remove(renamed.nrn_old_entry);
      add(renamed.nrn_new_entry);
    }
  }

  std::map<std::string, nfs_cookie4> listing;
  std::size_t added = 0, removed = 0, replaced = 0;

 private:
  void remove(const notify_remove4& gone) {
    const auto found = listing.find(name_of(gone.nrm_old_entry));
    REQUIRE(found != listing.end());
    CHECK(found->second == gone.nrm_old_entry_cookie);
    listing.erase(found);
    ++removed;
  }
  void add(const notify_add4& come) {
    for (const notify_remove4& old : come.nad_old_entry) {
      remove(old);
      ++replaced;
    }
    REQUIRE(come.nad_new_entry_cookie.size() == 1);
    CHECK(listing.emplace(name_of(come.nad_new_entry), come.nad_new_entry_cookie[0]).second);
    ++added;
  }
};

/// Somebody does something to an entry of "dir", or of the root; it may fail.
void act_at_random(DirectoryClients& on, std::mt19937_64& random) {
  const auto name = [&] { return "name" + std::to_string(random() % 12); };
  const auto place = [&] { return random() % 4 == 0 ? on.world.root() : on.dir3; };
  const nfs_fh3 in = place();
  const std::string which = name();
  switch (random() % 4) {
    case 0:
    case 1: {
      const nfs3::CREATE3args args{at(in, which), {.mode = nfs3::createmode3::GUARDED}};
      (void)on.world.call(&nfs3::create, args);
      return;
    }
    case 2: {
      const nfs3::REMOVE3args args{at(in, which)};
      (void)on.world.call(&nfs3::remove, args);
      return;
    }
    default: (void)on.rename_status(in, which, place(), name());
  }
}

}  // namespace

TEST_CASE("a new entry is told with READDIR's cookie, its attributes, and what comes before it") {
  Told on;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "entry" + std::to_string(i);
    on.world.make_file(on.dir3, name, 0666, "twelve bytes");
    const auto added = on.only<notify_add4>(NOTIFY4_ADD_ENTRY);
    CHECK(name_of(added.nad_new_entry) == name);
    CHECK(size_in(added.nad_new_entry.ne_attrs) == 12);
    CHECK(added.nad_old_entry.empty());
    const auto cookies = on.cookies();
    std::map<nfs_cookie4, std::string> in_order;
    for (const auto& [each, cookie] : cookies) in_order.emplace(cookie, each);
    REQUIRE(added.nad_new_entry_cookie.size() == 1);
    const auto here = in_order.find(added.nad_new_entry_cookie[0]);
    REQUIRE(here != in_order.end());
    CHECK(here->second == name);
    CHECK(added.nad_last_entry == (std::next(here) == in_order.end()));
    REQUIRE(added.nad_prev_entry.empty() == (here == in_order.begin()));
    if (here == in_order.begin()) continue;
    CHECK(added.nad_prev_entry[0].pe_prev_entry_cookie == std::prev(here)->first);
    CHECK(name_of(added.nad_prev_entry[0].pe_prev_entry) == std::prev(here)->second);
  }
  CHECK(on.counts().recalled == 0);
  CHECK(on.notices() == 12);
  CHECK(on.server.counts().directory_notices == 12);
}

TEST_CASE("a removed entry is told with the cookie that it had, and one that was renamed with both") {
  Told on;
  const nfs_cookie4 first = on.cookies().at("first");
  on.rename("first", on.dir3, "second");
  const auto renamed = on.only<notify_rename4>(NOTIFY4_RENAME_ENTRY);
  CHECK(name_of(renamed.nrn_old_entry.nrm_old_entry) == "first");
  CHECK(renamed.nrn_old_entry.nrm_old_entry_cookie == first);
  CHECK(name_of(renamed.nrn_new_entry.nad_new_entry) == "second");
  CHECK(size_in(renamed.nrn_new_entry.nad_new_entry.ne_attrs) == 8);
  const nfs_cookie4 second = on.cookies().at("second");
  CHECK(renamed.nrn_new_entry.nad_new_entry_cookie[0] == second);
  CHECK(renamed.nrn_new_entry.nad_last_entry);
  CHECK(renamed.nrn_new_entry.nad_old_entry.empty());
  on.remove("second");
  const auto removed = on.only<notify_remove4>(NOTIFY4_REMOVE_ENTRY);
  CHECK(name_of(removed.nrm_old_entry) == "second");
  CHECK(removed.nrm_old_entry_cookie == second);
  CHECK(on.counts().recalled == 0);
}

TEST_CASE(
    "a rename over an entry says so, and between directories it is a removal in one and a new entry in the other") {
  Told on;
  on.create("other");
  (void)on.next();
  on.rename("other", on.dir3, "first");
  const auto over = on.only<notify_rename4>(NOTIFY4_RENAME_ENTRY);
  REQUIRE(over.nrn_new_entry.nad_old_entry.size() == 1);
  CHECK(name_of(over.nrn_new_entry.nad_old_entry[0].nrm_old_entry) == "first");
  CHECK(name_of(over.nrn_old_entry.nrm_old_entry) == "other");

  on.rename("first", on.world.root(), "out");
  CHECK(name_of(on.only<notify_remove4>(NOTIFY4_REMOVE_ENTRY).nrm_old_entry) == "first");
  REQUIRE(on.rename_status(on.world.root(), "out", on.dir3, "in") == nfsstat3::NFS3_OK);
  const auto in = on.only<notify_add4>(NOTIFY4_ADD_ENTRY);
  CHECK(name_of(in.nad_new_entry) == "in");
  CHECK(in.nad_old_entry.empty());
  on.world.make_file(on.world.root(), "again", 0666);
  REQUIRE(on.rename_status(on.world.root(), "again", on.dir3, "in") == nfsstat3::NFS3_OK);
  const auto replaces = on.only<notify_add4>(NOTIFY4_ADD_ENTRY);
  REQUIRE(replaces.nad_old_entry.size() == 1);
  CHECK(name_of(replaces.nad_old_entry[0].nrm_old_entry) == "in");
  CHECK(on.counts().recalled == 0);
}

TEST_CASE("attributes of entries and of the directory are told to who asked for them") {
  Told on(everything);
  REQUIRE(on.set_mode(on.first3, 0600) == nfsstat3::NFS3_OK);
  CHECK(on.b.write(on.first, anonymous) == NFS4_OK);
  auto changes = on.next();
  REQUIRE(changes.size() == 2);
  const auto child = value_of<notify_attr4>(changes[0], NOTIFY4_CHANGE_CHILD_ATTRS);
  CHECK(name_of(child.na_changed_entry) == "first");
  CHECK(size_in(child.na_changed_entry.ne_attrs) == 8);
  REQUIRE(on.set_mode(on.dir3, 0755) == nfsstat3::NFS3_OK);
  changes = on.next();
  REQUIRE(changes.size() == 1);
  const auto itself = value_of<notify_attr4>(changes[0], NOTIFY4_CHANGE_DIR_ATTRS);
  CHECK(name_of(itself.na_changed_entry).empty());
  std::uint64_t change = 0, now = 0;
  read_values(itself.na_changed_entry.ne_attrs, change);
  Results looked = on.b.run(Ops().fh(on.dir).getattr({FATTR4_CHANGE}));
  read_values(looked.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes, now);
  CHECK(change == now);
  CHECK(on.counts().recalled == 0);
  // Behind what changes its entries, too.
  on.create("new");
  changes = on.next();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].notify_mask.has(NOTIFY4_ADD_ENTRY));
  CHECK(changes[1].notify_mask.has(NOTIFY4_CHANGE_DIR_ATTRS));
}

TEST_CASE("what entries are like recalls nothing from who did not ask for it") {
  Told on;
  REQUIRE(on.set_mode(on.first3, 0600) == nfsstat3::NFS3_OK);
  on.server.wait_ms(100);
  CHECK(on.calls().empty());
  CHECK(on.held() == 1);
}

TEST_CASE("whoever may not look into the directory any more is told nothing more of it") {
  Told on({NOTIFY4_CHANGE_DIR_ATTRS, NOTIFY4_ADD_ENTRY});
  on.world.become(1000, 1000);
  const auto mine = on.ask(on.b, on.dir, wanted({NOTIFY4_CHANGE_DIR_ATTRS, NOTIFY4_ADD_ENTRY}));
  REQUIRE(mine.resok4.gddrnf_status == gddrnf4_status::GDD4_OK);
  on.world.become(0, 0);
  REQUIRE(on.set_mode(on.dir3, 0711) == nfsstat3::NFS3_OK);
  on.create("secret");
  CHECK(on.next().size() == 2);
  REQUIRE(on.b.back.calls.size() == 1);
  CHECK(on.b.back.calls[0].number == OP_CB_RECALL);
  CHECK(on.counts().recalled == 1);
}

TEST_CASE("changes are gathered for a moment, and told at once when there are many") {
  Told on;
  on.create("one");
  on.server.wait_ms(30);
  CHECK(on.calls().empty());
  on.create("two");
  on.server.wait_ms(19);
  CHECK(on.calls().empty());
  on.server.wait_ms(1);
  CHECK(on.next().size() == 2);
  CHECK(on.calls().empty());
  on.server.wait_ms(200);
  CHECK(on.calls().empty());

  for (std::size_t i = 0; i <= DirectoryWatches::at_once_above; ++i) {
    CHECK(on.calls().empty());
    on.create("file" + std::to_string(i));
  }
  std::size_t told = on.next().size();
  // What does not fit into the client's largest request follows the answer.
  while (!on.calls().empty()) told += on.next().size();
  CHECK(told == DirectoryWatches::at_once_above + 1);
  on.server.wait_ms(50);
  CHECK(on.calls().empty());
  CHECK(on.counts().recalled == 0);
}

TEST_CASE("the next changes are told when the last ones were answered, in their order") {
  Told on;
  on.a.back.holds = true;
  on.create("one");
  on.server.wait_ms(50);
  REQUIRE(on.calls().size() == 1);
  on.remove("one");
  on.create("two");
  on.server.wait_ms(500);
  CHECK(on.server.callbacks.directories().waiting() == 2);
  CHECK(on.calls().size() == 1);
  on.a.back.holds = false;
  on.a.back.release(answer_to(on.calls().front()));
  (void)on.next();
  const auto changes = on.next();
  REQUIRE(changes.size() == 2);
  CHECK(name_of(value_of<notify_remove4>(changes[0], NOTIFY4_REMOVE_ENTRY).nrm_old_entry) == "one");
  CHECK(name_of(value_of<notify_add4>(changes[1], NOTIFY4_ADD_ENTRY).nad_new_entry) == "two");
}

TEST_CASE("its holder's own changes are not told, nor in its way") {
  Told on;
  CHECK(on.a.status(Ops().fh(on.dir).add(OP_REMOVE, REMOVE4args{Ops::component("first")})) == NFS4_OK);
  on.server.wait_ms(100);
  CHECK(on.calls().empty());
  on.create("new");
  CHECK(name_of(on.only<notify_add4>(NOTIFY4_ADD_ENTRY).nad_new_entry) == "new");
  CHECK(on.counts().recalled == 0);
}

TEST_CASE("a change that is not among the notices recalls the delegation before it is made") {
  Told on({NOTIFY4_ADD_ENTRY});
  on.create("new");
  (void)on.next();
  const nfs3::REMOVE3args args{at(on.dir3, "first")};
  std::optional<nfs3::REMOVE3res> removed;
  on.world.start(&nfs3::remove, args, removed);
  CHECK_FALSE(removed);
  REQUIRE(on.calls().size() == 1);
  CHECK(on.calls()[0].number == OP_CB_RECALL);
  CHECK(on.watched() == 0);
  CHECK(on.give_back(on.a, on.given.gddr_stateid) == NFS4_OK);
  on.server.turn();
  REQUIRE(removed);
  CHECK(removed->status == nfsstat3::NFS3_OK);
}

TEST_CASE("whoever does not take a notice is asked for the delegation") {
  Told on;
  SECTION("it says that it cannot") {
    on.a.back.next(NFS4ERR_SERVERFAULT);
    on.create("new");
    on.server.wait_ms(50);
    REQUIRE(on.calls().size() == 2);
    CHECK(on.calls()[0].number == OP_CB_NOTIFY);
    CHECK(on.calls()[1].number == OP_CB_RECALL);
  }
  SECTION("it cannot be reached") {
    on.a.back.is_gone = true;
    on.create("new");
    on.server.wait_ms(50);
    on.server.wait_seconds(9);
    CHECK(on.counts().recalled == 0);
    on.server.wait_seconds(2);
    CHECK(on.calls().empty());
  }
  CHECK(on.counts().recalled == 1);
  CHECK(on.watched() == 0);
  CHECK(on.held() == 1);
}

TEST_CASE("a client that says DELAY is told the same again") {
  Told on;
  on.a.back.next(NFS4ERR_DELAY);
  on.create("new");
  (void)on.next();
  on.server.wait_seconds(2);
  CHECK(name_of(on.only<notify_add4>(NOTIFY4_ADD_ENTRY).nad_new_entry) == "new");
  CHECK(on.counts().recalled == 0);
}

TEST_CASE("too much that waits is not kept: the delegation is recalled") {
  Told on;
  on.a.back.holds = true;
  on.create("first one");
  on.server.wait_ms(50);
  REQUIRE(on.calls().size() == 1);
  for (std::size_t i = 0; i <= DirectoryWatches::most_waiting; ++i) {
    REQUIRE(on.counts().recalled == 0);
    on.create("file" + std::to_string(i));
  }
  CHECK(on.counts().recalled == 1);
  CHECK(on.watched() == 0);
  CHECK(on.server.callbacks.directories().waiting() == 0);
  REQUIRE(on.calls().size() == 2);
  CHECK(on.calls()[1].number == OP_CB_RECALL);
  while (on.a.back.held() > 0) on.a.back.release(answer_to(on.calls()[0]));
}

TEST_CASE("whoever keeps a listing by what it is told has the one that READDIR gives") {
  std::size_t added = 0, removed = 0, replaced = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Told on;
    std::mt19937_64 random(seed);
    Mirror mirror(on.cookies());
    for (int step = 0; step < 200; ++step) {
      act_at_random(on, random);
      if (random() % 8 == 0) on.server.wait_ms(random() % 80);
    }
    on.server.wait_ms(50);
    while (!on.calls().empty()) {
      for (const notify4& each : on.next()) mirror.apply(each);
      on.server.wait_ms(50);
    }
    CHECK(mirror.listing == on.cookies());
    CHECK(on.counts().recalled == 0);
    added += mirror.added;
    removed += mirror.removed;
    replaced += mirror.replaced;
  }
  CHECK(added > 500);
  CHECK(removed > 500);
  CHECK(replaced > 50);
}
