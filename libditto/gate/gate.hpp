// The gate: the one door into a tree, for every protocol and the embedding API alike. Each operation is an awaitable
// that pins its nodes, enters them, makes the one FileSystem call on the caller's loop, and leaves them
// (gate/operation.hpp); what a call finds by names is entered from within it. The gate also refuses changes to
// read-only shares and notes what each answer rests on (Actor::rests_on). What is held for longer than a call, opens
// and locks, is in gate/held.hpp. A Gate is made per request and belongs to its loop.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "gate/operation.hpp"

namespace ditto::gate {

/// What a clone takes its bytes from: `reader` has its own right to them, which may come by another share.
struct CloneFrom {
  vfs::NodeId node;
  std::uint64_t offset = 0;
  const Actor& reader;
};

class Gate {
  using Of = state::Operation;

  template <class F>
  auto on(vfs::NodeId node, Of operation, F call) {
    return Operation<1, F>(actor_, share_, {{{node, operation}}}, std::move(call));
  }
  template <class F>
  auto on(vfs::NodeId node, Of operation, const state::ByteRange& range, F call) {
    return Operation<1, F>(actor_, share_, {{{node, operation, range}}}, std::move(call));
  }
  template <class F>
  auto on_both(vfs::NodeId first, Of first_operation, vfs::NodeId second, Of second_operation, F call) {
    return Operation<2, F>(actor_, share_, {{{first, first_operation}, {second, second_operation}}}, std::move(call));
  }
  template <class F>
  auto by_name(vfs::NodeId directory, Of operation, F call) {
    return Operation<1, F, Finds::Nodes>(actor_, share_, {{{directory, operation}}}, std::move(call));
  }
  template <class F>
  auto by_names(vfs::NodeId from, vfs::NodeId to, F call) {
    const bool within = from == to;
    return Operation<2, F, Finds::Nodes>(
        actor_, share_,
        {{{from, within ? Of::RenameEntry : Of::RemoveEntry}, {to, within ? Of::RenameEntry : Of::AddEntry}}},
        std::move(call));
  }
  /// RFC 8881, 10.4.3: times and change counter grow now for what will be written later. In the file system, so that
  /// they never go back, whatever becomes of that.
  static Result<vfs::Change> note_change(vfs::FileSystem& fs, vfs::Context& context, vfs::Node& node) {
    const vfs::Credential server{.uid = 0, .gid = 0};
    vfs::Context own{.who = server, .now = context.now, .blocking = context.blocking, .async = context.async};
    auto changed = fs.setattr(own, node, {.modify_time = vfs::SetTime{.value = context.now}}, std::nullopt);
    context.depend(own.token);
    context.keep(own.kept);
    return changed;
  }
  static state::ByteRange bytes(std::uint64_t offset, std::uint64_t count) noexcept {
    return state::ByteRange::of_smb(offset, count).value_or(state::ByteRange{offset, state::ByteRange::end_of_file});
  }

 public:
  Gate(Actor& actor, const Share& share) noexcept : actor_(actor), share_(share) {}
  const Share& share() const noexcept { return share_; }

  /// Whoever may keep changes to itself is asked about them; what it keeps counts.
  auto getattr(vfs::NodeId node) {
    const auto call = [](auto& fs, auto& context, auto& in) -> Result<vfs::Attributes> {
      const state::Kept& kept = in.kept();
      auto attributes = fs.getattr(context, in[0]);
      if (!attributes || !kept.told) return attributes;
      // Its counter may be that of long ago: the size says as much.
      if (kept.fresh && (kept.modified || kept.size != attributes->size)) {
        const auto noted = note_change(fs, context, in[0]);
        if (!noted) return fail(noted.error());
        attributes = noted->after;
      }
      attributes->size = kept.size;
      return attributes;
    };
    return Operation<1, decltype(call)>(actor_, share_, {{{.id = node, .operation = Of::GetAttributes, .knows = true}}},
                                        call);
  }
  /// As the file system has them: nobody is asked.
  auto stored_attributes(vfs::NodeId node) {
    return on(node, Of::GetAttributes, [](auto& fs, auto& context, auto& in) { return fs.getattr(context, in[0]); });
  }
  auto access(vfs::NodeId node, vfs::Access wanted) {
    return on(node, Of::GetAttributes,
              [wanted](auto& fs, auto& context, auto& in) { return fs.access(context, in[0], wanted); });
  }
  /// The same for the server's own ends: no list records it.
  auto may(vfs::NodeId node, vfs::Access wanted) {
    return on(node, Of::GetAttributes, [wanted](auto& fs, auto& context, auto& in) {
      context.notes = nullptr;
      return fs.access(context, in[0], wanted);
    });
  }
  auto getacl(vfs::NodeId node) {
    return on(node, Of::GetAttributes, [](auto& fs, auto& context, auto& in) { return fs.getacl(context, in[0]); });
  }
  auto setattr(vfs::NodeId node, const vfs::SetAttributes& changes, const std::optional<Timestamp>& guard) {
    return on(
        node, changes.size ? Of::SetSize : Of::SetAttributes,
        [&changes, guard](auto& fs, auto& context, auto& in) { return fs.setattr(context, in[0], changes, guard); });
  }
  auto lookup(vfs::NodeId directory, std::string_view name, vfs::NameMatch match) {
    return on(directory, Of::List,
              [=](auto& fs, auto& context, auto& in) { return fs.lookup(context, in[0], name, match); });
  }
  auto create(vfs::NodeId directory, std::string_view name, const vfs::CreateRequest& request) {
    return by_name(directory, Of::AddEntry, [name, &request](auto& fs, auto& context, auto& in) {
      return fs.create(context, in[0], name, request);
    });
  }
  auto link(vfs::NodeId node, vfs::NodeId directory, std::string_view name) {
    return on_both(node, Of::ChangeLinks, directory, Of::AddEntry,
                   [name](auto& fs, auto& context, auto& in) { return fs.link(context, in[0], in[1], name); });
  }
  auto remove(vfs::NodeId directory, std::string_view name, vfs::RemoveKind kind) {
    return by_name(directory, Of::RemoveEntry,
                   [=](auto& fs, auto& context, auto& in) { return fs.remove(context, in[0], name, kind); });
  }
  auto rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to, std::string_view to_name) {
    return by_names(from, to, [=](auto& fs, auto& context, auto& in) {
      return fs.rename(context, in[0], from_name, in[1], to_name);
    });
  }
  /// `visit` may be called again from the start when the call is repeated in the pool: `restart` is called before each
  /// attempt.
  template <class Restart, class Visit>
  auto readdir(vfs::NodeId directory, std::uint64_t cookie, bool with_attributes, Restart& restart, Visit& visit) {
    return on(directory, Of::List, [=, &restart, &visit](auto& fs, auto& context, auto& in) {
      restart();
      return fs.readdir(context, in[0], cookie, with_attributes, visit);
    });
  }
  auto readlink(vfs::NodeId node) {
    return on(node, Of::GetAttributes, [](auto& fs, auto& context, auto& in) { return fs.readlink(context, in[0]); });
  }
  auto read(vfs::NodeId node, std::uint64_t offset, std::uint32_t count) {
    return on(node, Of::Read, bytes(offset, count),
              [=](auto& fs, auto& context, auto& in) { return fs.read(context, in[0], offset, count); });
  }
  auto write(vfs::NodeId node, std::uint64_t offset, const BufferChain& data, vfs::Stability stability) {
    return on(node, Of::Write, bytes(offset, data.size()), [=, &data](auto& fs, auto& context, auto& in) {
      return fs.write(context, in[0], offset, data, stability);
    });
  }
  auto commit(vfs::NodeId node, std::uint64_t offset, std::uint64_t count) {
    return on(node, Of::Commit,
              [=](auto& fs, auto& context, auto& in) { return fs.commit(context, in[0], offset, count); });
  }
  /// It tells of all that is behind `offset`.
  auto seek(vfs::NodeId node, std::uint64_t offset, vfs::Content what) {
    return on(node, Of::Read, state::ByteRange{offset, state::ByteRange::end_of_file},
              [=](auto& fs, auto& context, auto& in) { return fs.seek(context, in[0], offset, what); });
  }
  auto allocate(vfs::NodeId node, std::uint64_t offset, std::uint64_t length) {
    return on(node, Of::Write, bytes(offset, length),
              [=](auto& fs, auto& context, auto& in) { return fs.allocate(context, in[0], offset, length); });
  }
  auto deallocate(vfs::NodeId node, std::uint64_t offset, std::uint64_t length) {
    return on(node, Of::Write, bytes(offset, length),
              [=](auto& fs, auto& context, auto& in) { return fs.deallocate(context, in[0], offset, length); });
  }
  /// A READ of the one and a WRITE of the other; both are of one file system.
  auto clone(const CloneFrom& from, vfs::NodeId to, std::uint64_t to_offset, std::uint64_t length) {
    const auto range = [length](std::uint64_t offset) {
      return length == 0 ? state::ByteRange{offset, state::ByteRange::end_of_file} : bytes(offset, length);
    };
    const auto call = [=, reader = &from.reader, offset = from.offset](auto& fs, auto& context, auto& in) {
      const vfs::CloneSource source{.node = in[0], .offset = offset, .who = reader->who, .rights = reader->rights};
      return fs.clone(context, source, in[1], to_offset, length);
    };
    const Target read{.id = from.node, .operation = Of::Read, .range = range(from.offset), .as = &from.reader.as};
    const Target write{.id = to, .operation = Of::Write, .range = range(to_offset)};
    return Operation<2, decltype(call)>(actor_, share_, {{read, write}}, call);
  }
  auto getxattr(vfs::NodeId node, std::string_view name) {
    return on(node, Of::GetAttributes,
              [name](auto& fs, auto& context, auto& in) { return fs.getxattr(context, in[0], name); });
  }
  auto setxattr(vfs::NodeId node, std::string_view name, Bytes value, vfs::XattrMode mode) {
    return on(node, Of::SetAttributes,
              [=](auto& fs, auto& context, auto& in) { return fs.setxattr(context, in[0], name, value, mode); });
  }
  auto removexattr(vfs::NodeId node, std::string_view name) {
    return on(node, Of::SetAttributes,
              [name](auto& fs, auto& context, auto& in) { return fs.removexattr(context, in[0], name); });
  }
  auto listxattr(vfs::NodeId node) {
    return on(node, Of::GetAttributes, [](auto& fs, auto& context, auto& in) { return fs.listxattr(context, in[0]); });
  }
  auto stream_directory(vfs::NodeId node) {
    return on(node, Of::GetAttributes,
              [](auto& fs, auto& context, auto& in) { return fs.stream_directory(context, in[0], false); });
  }
  auto make_stream_directory(vfs::NodeId node) {
    return on(node, Of::SetAttributes,
              [](auto& fs, auto& context, auto& in) { return fs.stream_directory(context, in[0], true); });
  }
  auto status(vfs::NodeId node) {
    return on(node, Of::GetAttributes, [](auto& fs, auto& context, auto&) { return fs.status(context); });
  }

 private:
  Actor& actor_;
  const Share& share_;
};

}  // namespace ditto::gate
