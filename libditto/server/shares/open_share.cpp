#include "server/shares/open_share.hpp"

#include <vector>

#include "base/bytes.hpp"
#include "server/failures.hpp"
#include "server/options/network.hpp"

namespace ditto::server {
namespace {

using store::Blocking;

// docs/formats/shares.md. Keys of the file system begin with bytes below 0x80.
constexpr std::byte share_tag{0x80};
constexpr std::byte record_version{1};
constexpr std::size_t record_bytes = 1 + sizeof(std::uint64_t);

std::vector<std::byte> share_key(std::string_view name) {
  std::vector<std::byte> key = {share_tag};
  const Bytes bytes = bytes_of(name);
  key.insert(key.end(), bytes.begin(), bytes.end());
  return key;
}

Result<std::uint64_t> decode_id(Bytes record) {
  if (record.size() != record_bytes || record[0] != record_version) return fail(Error::Corrupt);
  return load_be<std::uint64_t>(record.data() + 1);
}

/// The id that the store has for `name`; `fresh`, once it is durable, when it has none.
Result<std::uint64_t> persistent_id(store::KvStore& kv, std::string_view name, std::uint64_t fresh) {
  const std::vector<std::byte> key = share_key(name);
  std::uint64_t id = 0;
  const auto written = kv.transact(
      [&](store::KvTransaction& transaction) -> Result<void> {
        const auto record = transaction.get(key);
        if (!record) return fail(record.error());
        if (*record) {
          const auto decoded = decode_id(**record);
          if (!decoded) return fail(decoded.error());
          id = *decoded;
          return {};
        }
        id = fresh;
        std::array<std::byte, record_bytes> bytes{record_version};
        store_be(bytes.data() + 1, id);
        transaction.put(key, bytes);
        return {};
      },
      Blocking::Allowed);
  if (!written) return fail(written.error());
  if (auto durable = kv.wait_durable(*written); !durable) return fail(durable.error());
  return id;
}

/// The share's top directory; made when it is not there.
Result<vfs::NodeId> top_directory(vfs::FileSystem& fs, store::KvStore& kv, const ShareOptions& options, Timestamp now) {
  const vfs::Credential root = vfs::Credential::root();
  vfs::Context context{.who = root, .now = now, .blocking = Blocking::Allowed};
  const auto above = fs.pin(context, fs.root());
  if (!above) return fail(above.error());
  auto found = fs.lookup(context, **above, options.name, vfs::NameMatch::Exact);
  if (!found && found.error() == Error::NotFound) {
    vfs::CreateRequest request{.type = vfs::FileType::Directory};
    request.attributes.mode = options.root_mode;
    request.attributes.owner = vfs::Principal::id(options.root_uid);
    request.attributes.group = vfs::Principal::id(options.root_gid);
    auto created = fs.create(context, **above, options.name, request);
    if (!created) return fail(created.error());
    found = created->node;
  }
  if (!found) return fail(found.error());
  if (found->attributes.type != vfs::FileType::Directory) return fail(Error::NotDirectory);
  if (auto durable = kv.wait_durable(context.token); !durable) return fail(durable.error());
  return found->id;
}

}  // namespace

gate::ShareRules rules_of(const ShareOptions& options) {
  gate::ShareRules rules;
  switch (options.squash) {
    case Squash::None: rules.squash = gate::Squash::None; break;
    case Squash::Root: rules.squash = gate::Squash::Root; break;
    case Squash::All: rules.squash = gate::Squash::All; break;
  }
  rules.anonymous_uid = options.anonymous_uid;
  rules.anonymous_gid = options.anonymous_gid;
  rules.read_only = options.read_only;
  rules.delegations = options.delegations;
  switch (options.durability) {
    case Durability::Sync: rules.durability = gate::Durability::Sync; break;
    case Durability::Async: rules.durability = gate::Durability::Async; break;
  }
  for (const std::string& text : options.networks) rules.networks.push_back(parse_network(text).value());
  return rules;
}

Outcome<std::shared_ptr<gate::Share>> open_share(const std::shared_ptr<vfs::FileSystem>& file_system,
                                                 store::KvStore& kv, const ShareOptions& options, const Clock& clock,
                                                 Random& random) {
  const std::string what = "the share \"" + options.name + "\" cannot be opened";
  const auto top = top_directory(*file_system, kv, options, clock.now());
  if (!top) return std::unexpected(failure_of(what, top.error()));
  const auto id = persistent_id(kv, options.name, random.next_u64());
  if (!id) return std::unexpected(failure_of(what, id.error()));
  return std::make_shared<gate::Share>(*id, options.name, file_system, *top, rules_of(options));
}

}  // namespace ditto::server
