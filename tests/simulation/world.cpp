#include "world.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "gate/operation.hpp"
#include "gate/promises.hpp"
#include "rules/rules.hpp"

namespace ditto::sim {
namespace {

constexpr std::string_view file_names[] = {"a", "b", "c"};

}  // namespace

std::string text_of_value(Value value) {
  std::string text(cell_bytes, '\0');
  for (std::size_t i = 0; i < cell_bytes; ++i) text[i] = static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

Value value_of(std::string_view text) {
  Value value = 0;
  for (std::size_t i = 0; i < cell_bytes; ++i) value |= Value{static_cast<std::uint8_t>(text[i])} << (8 * i);
  return value;
}

World::World(std::uint64_t seed, Tally& counted, bool traces)
    : dice(seed), tally(counted), traces_(traces), random_(seed), stores_(store::memory_store()) {
  start();
  furnish();
  const std::size_t count = 3 + dice.below(3);
  const std::size_t first = dice.below(client_kinds);
  for (unsigned i = 0; i < count; ++i) {
    // Neighbours are of different kinds, so that three or more meet.
    clients_.push_back(make_client(*this, i, (first + i) % client_kinds));
    clients_.back()->begin_life(++last_client_);
    sessions_.insert(last_client_);
  }
}

World::~World() {
  records_.cut_power();
  stop_everything();
  for (const auto& client : clients_) client->disconnect();
  keeper_.reset();
  shares_.clear();
}

// ---- the server
// ---------------------------------------------------------------------------------------------------------

void World::start() {
  auto opened = vfs::DittoFs::open(stores_->kv, stores_->data, clock, random_, null_log(),
                                   {.root_mode = 0777, .access_times = false});
  fs_ = std::make_shared<ObservedFileSystem>(*this, std::move(*opened));
  (void)shares_.add(
      std::make_shared<gate::Share>(1, "export", fs_, fs_->root(), gate::ShareRules{.squash = gate::Squash::None}));
  coordinator().set_callbacks(this);
  records_.power_on();
  nfs4::KeeperOptions options{
      .incarnation = ++incarnation_, .records = records_.kept().clients, .objects = records_.kept().objects};
  options.limits.lease_ns = lease_time;
  options.limits.courtesy_ns = courtesy_time;
  keeper_ = std::make_unique<nfs4::Keeper>(coordinator(), clock, records_, options);
  gate::reserve(shares_, options.objects, clock);
  nfs4_.keeper = keeper_.get();
  nfs4_.sessions = keeper_.get();
  nfs4_.stateids = keeper_.get();
  reclaims_until_ = now() + lease_time;
  gained = false;
}

void World::furnish() {
  vfs::Context context{.who = root, .now = clock.now(), .blocking = vfs::Blocking::Allowed};
  vfs::DittoFs& fs = fs_->under();
  const auto top = fs.pin(context, fs.root());
  const vfs::CreateRequest directory{.type = vfs::FileType::Directory, .attributes = {.mode = 0777}};
  for (std::size_t i = 0; i < directory_count; ++i) {
    directories_[i] = fs.create(context, **top, i == 0 ? "d0" : "d1", directory)->node.id;
    const auto pin = fs.pin(context, directories_[i]);
    for (const std::string_view name : {file_names[0], file_names[1]}) {
      const Inode made = fs.create(context, **pin, name, {.attributes = {.mode = 0666}})->node.id.inode;
      truth.names[{directories_[i].inode, std::string(name)}] = made;
      truth.resize(made, 0);
    }
  }
  const auto pin = fs.pin(context, directories_[0]);
  const Inode made = fs.create(context, **pin, "s", directory)->node.id.inode;
  truth.names[{directories_[0].inode, "s"}] = made;
  truth.directories.insert(made);
}

/// Everything that is under way comes to its end without an effect, as nothing of it does when a process dies.
void World::stop_everything() {
  dying_ = true;
  slow_ = 0;
  fs_->cut_off();
  sessions_.clear();
  std::vector<state::FileKey> keys;
  coordinator().files().each([&](const state::FileKey& key, const auto&) { keys.push_back(key); });
  for (int rounds = 0; rounds < 1000; ++rounds) {
    for (const state::FileKey& key : keys) drop_all(key);
    if (idle()) break;
    while (!idle()) turn_an_executor();
  }
  dying_ = false;
  if (requests_.empty()) return;
  violated(Rule::Answered, "a request outlives its server");
  // Nobody will ever resume it: what it has pinned stays.
  new std::shared_ptr<ObservedFileSystem>(fs_);
}

void World::drop_all(const state::FileKey& key) {
  state::Effects effects;
  coordinator().files().with(key, [&](state::FileState& file) {
    std::set<state::ClientId> those;
    for (state::ClientId id = state::nobody; id <= last_client_; ++id) those.insert(id);
    for (const state::Open& open : file.opens()) those.insert(open.holder.client);
    for (const state::Parked& parked : file.waiting()) those.insert(parked.holder.client);
    for (const state::ClientId id : those) file.drop_client(id, now(), effects);
  });
  coordinator().deliver(effects);
}

void World::crash() {
  note("the server crashes");
  tally.event("crashes");
  for (const auto& client : clients_) client->before_crash();
  records_.cut_power();
  stop_everything();
  network.cut_streams();
  dead_.clear();
  requests_.clear();
  grants.clear();
  last_ticket_ = 0;
  for (const auto& client : clients_) client->disconnect();
  keeper_.reset();
  shares_.clear();
  fs_.reset();
  start();
  rules::lose_what_is_unstable(*this);
  rules::survived(*this);
  for (const auto& client : clients_) {
    client->server_restarted();
    client->begin_life(++last_client_);
    sessions_.insert(last_client_);
  }
}

// ---- what clients and their requests use
// ------------------------------------------------------------------------------------

Name World::some_name() { return {dice.below(directory_count), dice.one_of(file_names)}; }

void World::ask(const Client& from, std::function<void()> request) {
  network.send(from.link(), from.number() * 4, std::move(request));
}

void World::tell(const Client& to, bool by_callback, std::function<void()> reply) {
  if (dying_) return;
  network.send(to.link(), to.number() * 4 + (by_callback ? 2 : 1), std::move(reply));
}

Client* World::client_of(state::ClientId id) const noexcept {
  for (const auto& client : clients_) {
    if (client->id() == id) return client.get();
  }
  return nullptr;
}

void World::end_session(state::ClientId client) {
  if (sessions_.erase(client) == 0) return;
  note("the server drops client ", client);
  std::vector<state::FileKey> keys;
  coordinator().files().each([&](const state::FileKey& key, const auto&) { keys.push_back(key); });
  for (const state::FileKey& key : keys) {
    state::Effects effects;
    coordinator().files().with(key, [&](state::FileState& file) { file.drop_client(client, now(), effects); });
    coordinator().deliver(effects);
  }
}

std::uint32_t World::begin_request(const state::Actor& as) {
  requests_.emplace(++last_request_, as);
  return last_request_;
}

void World::end_request(std::uint32_t number) { requests_.erase(number); }

const state::Actor* World::request_of(const vfs::Context& context) const {
  if (context.who.group_count == 0) return nullptr;
  const auto found = requests_.find(context.who.group_list[0]);
  return found == requests_.end() ? nullptr : &found->second;
}

state::FileKey World::key_of(vfs::NodeId node) const noexcept { return gate::file_key(*fs_, node); }

void World::with_state(Inode inode, FunctionRef<void(const state::FileState&)> visit) const {
  coordinator().files().each([&](const state::FileKey& key, const state::FileState& file) {
    if (key.inode == inode) visit(file);
  });
}

void World::meets(state::Operation operation, Inode inode, const state::Holder& as) {
  with_state(inode, [&](const state::FileState& file) {
    for (const state::Grant& grant : file.grants().all()) {
      if (grant.holder != as) tally.cell(operation, grant.kind, grant.held);
    }
  });
}

// ---- what the server says unasked
// -----------------------------------------------------------------------------------------

void World::recall(const state::Recall& recall) {
  ++grants[recall.grant].recalls;
  tally.event(recall.acknowledge ? "breaks to acknowledge" : "breaks by telling");
  Client* holder = client_of(recall.holder.client);
  if (!holder) return;
  note("recall of grant ", recall.grant, " of client ", recall.holder.client, " from ", std::uint64_t(recall.from),
       " to ", std::uint64_t(recall.to));
  tell(*holder, true, [holder, recall, life = holder->id()] {
    if (holder->id() == life) holder->recalled(recall);
  });
}

void World::revoked(const state::Revoked& revoked) {
  tally.event("revoked grants");
  note("grant ", revoked.grant, " is revoked");
  Client* holder = client_of(revoked.holder.client);
  if (!holder) return;
  tell(*holder, true, [holder, revoked, life = holder->id()] {
    if (holder->id() == life) holder->revoked(revoked);
  });
}

void World::lock_available(const state::LockAvailable& available) {
  tally.event("polled locks told of");
  Client* owner = client_of(available.owner.client);
  if (!owner) return;
  tell(*owner, true, [owner, available, life = owner->id()] {
    if (owner->id() == life) owner->lock_available(available);
  });
}

// ---- steps
// ------------------------------------------------------------------------------------------------------------------

void World::write_trace(std::initializer_list<std::string> parts) {
  std::string line = std::to_string(step_) + ": ";
  for (const std::string& part : parts) line += part;
  trace_.push_back(std::move(line));
  if (trace_.size() > 200) trace_.pop_front();
}

void World::violated(Rule rule, std::string what) {
  if (violation_) return;
  note("RULE ", std::uint64_t(rule), ": ", what);
  violation_ = Violation{rule, std::move(what)};
}

void World::turn_an_executor() {
  std::array<Jobs*, 3> busy{};
  std::size_t count = 0;
  for (Jobs* jobs : {&loops_[0], &loops_[1], &pool_}) {
    if (!jobs->empty() && (jobs != &pool_ || slow_ == 0)) busy[count++] = jobs;
  }
  if (count == 0) return;
  ++turn_;
  Jobs& chosen = *busy[dice.below(count)];
  // Several threads run the pool's jobs; a loop keeps their order.
  chosen.run(&chosen == &pool_ ? dice.below(pool_.size()) : 0);
}

void World::move_clock() {
  state::Moment by = (1 + dice.below(50)) * state::one_second / 1000;
  // Grace is long, for who makes haste in it.
  const std::size_t how = reclaimer() && dice.chance(3, 4) ? 5 : dice.below(10);
  const state::Moment next = keeper_->next_deadline();
  if (how < 3 && next != state::never) by = std::max<state::Moment>(1, next - now());
  if (how == 9) by = (1 + dice.below(10)) * state::one_second;
  note("the clock moves by ", by / 1'000'000, " ms");
  clock.advance_ns(by);
  keeper_->advance();
  expire_the_dead();
}

void World::expire_the_dead() {
  for (std::size_t i = dead_.size(); i-- > 0;) {
    if (dead_[i].first > now()) continue;
    tally.event("clients that expired");
    const state::ClientId gone = dead_[i].second;
    dead_.erase(dead_.begin() + static_cast<std::ptrdiff_t>(i));
    end_session(gone);
  }
}

void World::kill_a_client() {
  Client& client = *clients_[dice.below(clients_.size())];
  note(client.kind(), " ", client.number(), " dies");
  tally.event("clients that died");
  const state::ClientId gone = client.id();
  if (client.hangs_up()) {
    ask(client, [this, gone] { end_session(gone); });
    // A datagram may be lost, and then whoever comes back says it: here, its lease ends.
  }
  dead_.emplace_back(now() + gate::recall_time, gone);
  client.forget();
  client.begin_life(++last_client_);
  sessions_.insert(last_client_);
}

Client* World::reclaimer() const {
  if (!in_grace()) return nullptr;
  const auto found = std::ranges::find_if(clients_, [](const auto& client) { return client->reclaims(); });
  return found == clients_.end() ? nullptr : found->get();
}

Client& World::whose_turn() {
  Client* hurries = reclaimer();
  return hurries && dice.chance(1, 2) ? *hurries : *clients_[dice.below(clients_.size())];
}

/// Who was cut off finds that out from the next server, if it is there before it wakes.
bool World::crashes_soon() const {
  return std::ranges::any_of(clients_, [](const auto& client) { return client->sleeps_cut_off(); });
}

void World::step() {
  // Now and then a disk takes its time, and what the pool does for it lasts.
  if (slow_ > 0) --slow_;
  if (dice.chance(1, 60)) slow_ = 40;
  const std::size_t what = dice.below(1000);
  if (what < 2 || (what >= 970 && crashes_soon())) return crash();
  if (what < 5) return kill_a_client();
  if (what < 40) return move_clock();
  if (what < 450 && !idle()) return turn_an_executor();
  ++turn_;
  if (what < 750 && !network.empty()) return network.deliver_one();
  whose_turn().act();
}

void World::check() {
  // The server's alarm: a request that took its time may begin to wait when its time is over already.
  if (keeper_->next_deadline() <= now()) keeper_->advance();
  coordinator().files().each([&](const state::FileKey& key, const state::FileState& file) {
    rules::one_writer(*this, key, file);
    rules::conflicts(*this, key, file);
    rules::answered(*this, key, file);
    rules::epochs(*this, key, file);
    rules::of_this_incarnation(*this, key, file);
    for (const state::Parked& parked : file.waiting()) {
      if (parked.ticket > last_ticket_) tally.event("requests that waited");
      last_ticket_ = std::max(last_ticket_, parked.ticket);
    }
  });
  rules::nobody_is_forgotten(*this);
  rules::listings(*this);
}

/// Nobody asks for more; what was asked comes to its end.
void World::settle() {
  slow_ = 0;
  for (int rounds = 0; rounds < 10000 && !violation_; ++rounds) {
    ++step_;
    if (!idle()) {
      turn_an_executor();
    } else if (!network.empty()) {
      ++turn_;
      network.deliver_one();
    } else if (const state::Moment next = coordinator().next_deadline(); next != state::never) {
      clock.advance_ns(next > now() ? next - now() : 1);
      coordinator().advance(now());
    } else {
      break;
    }
    check();
  }
  if (!violation_) rules::all_are_answered(*this);
}

std::optional<Violation> World::run(unsigned steps) {
  while (step_ < steps && !violation_) {
    ++step_;
    step();
    check();
  }
  if (!violation_) settle();
  tally.event("steps", step_);
  tally.event("messages lost", network.lost());
  tally.event("messages that came twice", network.repeated());
  tally.event("records not written", records_.failures());
  tally.event("records that a crash caught", records_.unfinished());
  return violation_;
}

}  // namespace ditto::sim
