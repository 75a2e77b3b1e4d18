// SMB's handles that outlive their connection: durable ones for a while, persistent ones a restart of the server too.
// It knows who may have one back, until when it is kept, and what ends it; the open itself is with its file, and
// whoever is told that a handle is gone closes it there. Decides and says what is to be done (HandleEffects); it has no
// clock, no store and no wire format. Any thread; its mutex is a leaf. MS-SMB2, 3.3.5.9.6 to 3.3.5.9.12, 3.3.6.2
// and 3.3.7.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "state/file_state.hpp"
#include "state/recovery/records.hpp"

namespace ditto::state {

using Guid = std::array<std::uint64_t, 2>;

struct DurableHandle {
  std::uint64_t id = 0;  // FileId.Persistent; of one from before a restart 0: it goes by its create GUID
  Guid create{};         // zero: asked for by the first form of the create context, which has none
  Guid client{};
  std::optional<Guid> lease;  // the lease's key; none: it has an oplock
  std::uint32_t lease_version = 2;
  Caching caching = Caching::None;  // what that allows now; a batch oplock is RWH
  Principal owner;                  // who opened it, and alone gets it back
  std::string name;                 // as it was opened; empty: not known any more
  FileKey file;
  OpenId open = 0;
  ShareMode mode;
  std::uint32_t timeout_ms = 0;  // 0: as the server likes
  bool persistent = false;
  bool delete_on_close = false;
  friend bool operator==(const DurableHandle&, const DurableHandle&) = default;
};

/// A reconnect, as the client asks for it.
struct Reconnect {
  bool second_form = true;  // SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2
  std::uint64_t id = 0;
  Guid create{};
  Guid client{};
  std::optional<Guid> lease;
  std::uint32_t lease_version = 2;
  Principal who;
  std::string name;
  bool persistent = false;
};

enum class HandleRefusal : std::uint8_t {
  NotFound,      // STATUS_OBJECT_NAME_NOT_FOUND
  AccessDenied,  // STATUS_ACCESS_DENIED
  Invalid,       // STATUS_INVALID_PARAMETER
  Duplicate,     // STATUS_DUPLICATE_OBJECTID
  NotDurable,    // none: the open is one that goes with its connection
};

struct HandleEffects {
  std::vector<Persist> persist;
  std::vector<DurableHandle> gone;  // their opens are to be closed
};

class DurableHandles {
 public:
  static constexpr std::size_t max_handles = 16384;
  static constexpr std::uint32_t default_timeout_ms = 60'000, longest_timeout_ms = 300'000;

  explicit DurableHandles(PersistTokens& tokens, std::size_t limit = max_handles) noexcept
      : tokens_(tokens), limit_(limit) {}

  /// What `incarnation` promises from now on is recorded as its. What was persistent before waits for its client.
  void begin(Incarnation incarnation, const std::vector<ObjectRecord>& records, Moment now);

  /// An open is made durable: as it is then, with its timeout. A persistent one is promised once `promised` is durable.
  struct Granted {
    DurableHandle handle;
    PersistToken promised = 0;
  };
  std::expected<Granted, HandleRefusal> grant(DurableHandle wanted, HandleEffects& effects);
  /// An earlier request that asked for the same (SMB2_FLAGS_REPLAY_OPERATION).
  std::optional<DurableHandle> find(const Guid& client, const Guid& create) const;

  /// Its connection is lost. False: it goes with that.
  bool disconnected(std::uint64_t id, Moment now, HandleEffects& effects);
  std::expected<DurableHandle, HandleRefusal> reconnect(const Reconnect& wanted, std::uint64_t new_id);
  /// Another open conflicts with it, and leaves its lease or oplock no more than that. True: it is disconnected, nobody
  /// could get it back any more, and it is gone (3.3.4.6, 3.3.4.7).
  bool broken(OpenId open, Caching left, HandleEffects& effects);
  /// Its client closed it, or its file is gone.
  void close(std::uint64_t id, HandleEffects& effects);

  void advance(Moment now, HandleEffects& effects);
  Moment next_deadline() const;
  void persisted(PersistToken token);
  /// The promise is taken back: the handle is one that goes with its connection.
  void failed(PersistToken token, HandleEffects& effects);

  std::size_t size() const;

 private:
  struct Entry {
    DurableHandle handle;
    Incarnation incarnation = 0;
    std::uint64_t record = 0;     // number of its record
    PersistToken promising = 0;   // not durable yet
    std::optional<Moment> until;  // disconnected, until then
  };
  using Entries = std::map<std::uint64_t, Entry>;  // by a number of our own
  Entries::iterator find_by_id(std::uint64_t id);
  Entries::iterator find_for(const Reconnect& wanted);
  static std::optional<HandleRefusal> refusal_of(const Entry& entry, const Reconnect& wanted) noexcept;
  static bool is_kept(const DurableHandle& handle) noexcept;
  void drop(Entries::iterator entry, HandleEffects& effects, bool closes = true);
  ObjectRecord record_of(const Entry& entry) const;

  PersistTokens& tokens_;
  const std::size_t limit_;
  mutable std::mutex mutex_;  // guards the rest
  Incarnation incarnation_ = 0;
  std::uint64_t last_ = 0;
  Entries entries_;
};

}  // namespace ditto::state
