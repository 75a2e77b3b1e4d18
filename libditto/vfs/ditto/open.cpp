// How a DittoFs starts: header, first root, incarnation, first ids.
#include <cinttypes>
#include <cstdio>

#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/verifier.hpp"
#include "vfs/folding.hpp"

namespace ditto::vfs {
namespace {

using store::Blocking;

constexpr std::uint64_t root_inode = 1;

// A body can only say Error: what the sentence is made of lies beside it.
struct Start {
  HeaderRecord header;
  IncarnationRecord incarnation;
  bool fresh = false;
};

Result<void> read_start(store::KvReader& reader, Start& start) {
  const auto header = reader.get(key::header());
  if (!header) return fail(header.error());
  start.fresh = !header->has_value();
  if (start.fresh) return {};
  const auto decoded = decode_header(**header);
  if (!decoded) return fail(decoded.error());
  start.header = *decoded;
  const auto incarnation = reader.get(key::incarnation());
  if (!incarnation) return fail(incarnation.error());
  if (!*incarnation) return fail(Error::Corrupt);
  const auto last = decode_incarnation(**incarnation);
  if (!last) return fail(last.error());
  start.incarnation = *last;
  return {};
}

HeaderRecord new_header(const Clock& clock, Random& random) {
  HeaderRecord header;
  header.folding_version = folding_version;
  while (header.store_id == 0) header.store_id = random.next_u64();
  header.root = root_inode;
  header.filehandle_key = {random.next_u64(), random.next_u64()};
  header.name_key = {random.next_u64(), random.next_u64()};
  header.created = clock.now();
  return header;
}

void make_root(store::KvTransaction& kv, const HeaderRecord& header, std::uint64_t change,
               const DittoFsOptions& options) {
  InodeRecord root;
  Attributes& a = root.attributes;
  a.id = {0, header.root};
  a.type = FileType::Directory;
  a.mode = options.root_mode & mode::all;
  a.owner = options.root_owner;
  a.group = options.root_group;
  a.link_count = 2;
  a.access_time = a.modify_time = a.change_time = a.birth_time = header.created;
  a.change = change;
  root.parent = header.root;
  kv.put(key::header(), encode(header));
  kv.put(key::inode(a.id), encode(root));
  kv.put(key::reservations(), encode(ReservationRecord{.next_inode = header.root + 1, .next_object = 1}));
  kv.put(key::usage(), encode(UsageRecord{.inodes = 1, .bytes = 0}));
}

bool is_known(std::uint32_t format) noexcept { return format >= oldest_store_format && format <= store_format_version; }

std::unexpected<std::string> refused(std::string_view what, Error error) {
  return std::unexpected(std::string(what) + ": " + std::string(to_string(error)) + ".");
}

std::unexpected<std::string> wrong_version(const char* what, std::uint32_t theirs, std::uint32_t ours) {
  char text[160];
  std::snprintf(text, sizeof text, "The store has %s version %" PRIu32 "; this program knows version %" PRIu32 ".",
                what, theirs, ours);
  return std::unexpected(std::string(text));
}

}  // namespace

std::expected<std::unique_ptr<DittoFs>, std::string> DittoFs::open(store::KvStore& kv, store::DataStore& data,
                                                                   const Clock& clock, Random& random, Log& log,
                                                                   const DittoFsOptions& options) {
  std::unique_ptr<DittoFs> fs(new DittoFs(kv, data, clock, log, options));
  if (auto started = fs->start(random); !started) return std::unexpected(std::move(started.error()));
  return fs;
}

DittoFs::DittoFs(store::KvStore& kv, store::DataStore& data, const Clock& clock, Log& log,
                 const DittoFsOptions& options)
    : kv_(kv),
      data_(data),
      clock_(clock),
      log_(log),
      options_(options),
      verify_reads_(options.verify_reads),
      table_(options.nodes_in_memory, rollbacks_, lists_),
      verifier_(std::make_unique<Verifier>(*this)) {
  kv_.set_listener(this);
  kv_.set_key_names(&key::name_of);
}

std::expected<void, std::string> DittoFs::start(Random& random) {
  Start start;
  const HeaderRecord fresh = new_header(clock_, random);
  const auto raised = kv_.transact(
      [&](store::KvTransaction& transaction) -> Result<void> {
        start = {};
        if (auto read = read_start(transaction, start); !read) return read;
        // Nothing is written to a store of another version.
        if (!start.fresh && !is_known(start.header.format_version)) return {};
        if (!start.fresh && start.header.folding_version != folding_version) return {};
        if (!start.fresh && start.header.format_version != store_format_version) {
          start.header.format_version = store_format_version;
          transaction.put(key::header(), encode(start.header));
        }
        ++start.incarnation.number;
        if (!start.fresh && !start.incarnation.closed) start.incarnation.after_crash = start.incarnation.number;
        start.incarnation.closed = false;
        if (start.fresh) {
          start.header = fresh;
          make_root(transaction, fresh, change_base(start.incarnation.number), options_);
        }
        transaction.put(key::incarnation(), encode(start.incarnation));
        return {};
      },
      Blocking::Allowed);
  if (!raised) return refused("The store's header cannot be read or written", raised.error());
  if (!is_known(start.header.format_version)) {
    return wrong_version("format", start.header.format_version, store_format_version);
  }
  if (start.header.folding_version != folding_version) {
    return wrong_version("case folding", start.header.folding_version, folding_version);
  }
  if (auto durable = kv_.wait_durable(*raised); !durable) {
    return refused("The store's start could not be made durable", durable.error());
  }
  header_ = start.header;
  incarnation_ = start.incarnation;
  counters_ = {.base = change_base(incarnation_.number), .object_floor = change_base(incarnation_.after_crash)};
  root_ = {0, header_.root};
  hash_ = NameHash(header_.name_key, options_.name_hash_mask);
  if (auto reserved = reserve_ids(); !reserved) return refused("The store cannot reserve inodes", reserved.error());
  return {};
}

DittoFs::~DittoFs() {
  if (incarnation_.number != 0) close();
  dirty_.clear();
  kv_.set_listener(nullptr);
}

void DittoFs::close() {
  write_back();
  bool complete = false;
  {
    const std::lock_guard lock(dirty_mutex_);
    complete = dirty_.empty();
  }
  IncarnationRecord last = incarnation_;
  last.closed = complete;
  const auto written = kv_.transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        kv.put(key::incarnation(), encode(last));
        return {};
      },
      Blocking::Allowed);
  if (!written || !kv_.wait_durable(*written)) log_.warn("The last changes of files could not be written.");
}

Result<void> DittoFs::reserve_ids() {
  const std::lock_guard lock(reserve_mutex_);
  const bool inodes = inode_numbers_.low(), objects = object_ids_.low();
  if (!inodes && !objects) return {};
  ReservationRecord from, to;
  const auto lsn = kv_.transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        const auto value = kv.get(key::reservations());
        if (!value) return fail(value.error());
        if (!*value) return fail(Error::Corrupt);
        const auto decoded = decode_reservations(**value);
        if (!decoded) return fail(decoded.error());
        from = to = *decoded;
        if (inodes) to.next_inode += IdPool::block;
        if (objects) to.next_object += IdPool::block;
        kv.put(key::reservations(), encode(to));
        return {};
      },
      Blocking::Allowed);
  if (!lsn) return fail(lsn.error());
  // An object outlives a crash that takes back the reservation of its id: so the reservation comes first.
  if (auto durable = kv_.wait_durable(*lsn); !durable) return durable;
  if (inodes) inode_numbers_.add(from.next_inode, to.next_inode);
  if (objects) object_ids_.add(from.next_object, to.next_object);
  return {};
}

Result<std::uint64_t> DittoFs::new_id(Context& context, IdPool& pool) {
  for (;;) {
    if (const auto id = pool.take()) return *id;
    if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
    if (auto reserved = reserve_ids(); !reserved) return fail(reserved.error());
  }
}

}  // namespace ditto::vfs
