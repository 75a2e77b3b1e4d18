#include "clients/stateless.hpp"

#include <algorithm>

#include "nfs/v3/attributes.hpp"
#include "nfs/v3/procedures.hpp"
#include "request.hpp"
#include "rules/rules.hpp"

namespace ditto::sim {

using namespace ditto::nfs3;

namespace {

diropargs3 place(World& world, const Name& name) {
  return {filehandle_of(world.directory(name.directory), world.share()), filename3::copy_of(name.name)};
}

void count(World& world, nfsstat3 status) {
  switch (status) {
    case nfsstat3::NFS3_OK: return world.tally.event("NFSv3: done");
    case nfsstat3::NFS3ERR_JUKEBOX: return world.tally.event("NFSv3: told to come again");
    case nfsstat3::NFS3ERR_STALE: return world.tally.event("NFSv3: stale");
    default: return world.tally.event("NFSv3: other failures");
  }
}

}  // namespace

void Stateless::forget() {
  known_.clear();
  unstable_.clear();
}

template <class Res, class Args, class Then>
Detached Stateless::serve(Task<Res> (*handler)(Service&, rpc::Call&, const Args&), Args args, Then then) {
  World& world = world_;
  Request request(world, *this, id(), {});
  rpc::Call call = request.call();
  auto result = co_await handler(world.nfs3(), call, args);
  count(world, result.status);
  world.note("NFSv3 answers with ", std::uint64_t(result.status));
  request.reply([then = std::move(then), kept = std::make_shared<Res>(std::move(result))] { then(*kept); });
}

template <class Res, class Args, class Then>
void Stateless::send(std::string_view what, Task<Res> (*handler)(Service&, rpc::Call&, const Args&), Args args,
                     const Meets& meets, Then then) {
  world_.note("NFSv3 ", number(), " asks to ", what);
  world_.ask(*this, [=, this] {
    for (const auto& [operation, each] : meets) world_.meets(operation, world_.directory(each).inode, {});
    serve(handler, args, then);
  });
}

Stateless::Meets Stateless::renames(const Name& from, const Name& to) {
  using Of = state::Operation;
  if (from.directory == to.directory) return {{Of::RenameEntry, from.directory}};
  return {{Of::RemoveEntry, from.directory}, {Of::AddEntry, to.directory}};
}

void Stateless::act() {
  if (known_.empty() || world_.dice.chance(1, 8)) return look_up();
  const vfs::NodeId node = known_[world_.dice.below(known_.size())];
  switch (world_.dice.below(20)) {
    case 0: return remove();
    case 1: return rename();
    case 2: return create();
    case 3: return link(node);
    case 4: return get_attributes(node);
    case 5:
    case 6: return set_attributes(node);
    case 7: return commit(node);
    case 8:
    case 9:
    case 10:
    case 11: return write(node);
    case 12: return make_directory();
    case 13: return remove_directory();
    case 14: return move_directory();
    case 15: return list();
    default: return read(node);
  }
}

void Stateless::look_up() {
  const Name name = world_.some_name();
  send("look up", &nfs3::lookup, LOOKUP3args{place(world_, name)}, {{state::Operation::List, name.directory}},
       [this](const LOOKUP3res& result) {
         if (result.status != nfsstat3::NFS3_OK) return;
         if (known_.size() >= 4) known_.erase(known_.begin());
         known_.push_back({0, result.resok.obj_attributes->fileid});
       });
}

void Stateless::read(vfs::NodeId node) {
  const std::size_t cell = world_.dice.below(cells_of_a_file);
  world_.note("NFSv3 ", number(), " reads cell ", cell, " of ", node.inode);
  world_.ask(*this, [=, this] {
    world_.meets(state::Operation::Read, node.inode, {});
    serve(&nfs3::read, READ3args{filehandle_of(node, world_.share()), cell * cell_bytes, cell_bytes},
          [](const READ3res&) {});
  });
}

void Stateless::write(vfs::NodeId node) {
  const std::size_t cell = world_.dice.below(cells_of_a_file);
  const Value value = world_.new_value();
  const stable_how how = world_.dice.one_of({stable_how::UNSTABLE, stable_how::DATA_SYNC, stable_how::FILE_SYNC});
  world_.note("NFSv3 ", number(), " writes ", value, " to cell ", cell, " of ", node.inode);
  world_.ask(*this, [=, this] {
    world_.meets(state::Operation::Write, node.inode, {});
    WRITE3args args{filehandle_of(node, world_.share()), cell * cell_bytes, cell_bytes, how, {}};
    args.data.chain = data_of(value);
    serve(&nfs3::write, std::move(args), [=, this](const WRITE3res& result) {
      if (result.status != nfsstat3::NFS3_OK) return;
      if (!world_.truth.was_written(value)) world_.violated(Rule::LastWrite, "a write was acknowledged, not made");
      if (result.resok.committed == stable_how::UNSTABLE) {
        unstable_.push_back({node.inode, cell, value, number_of(result.resok.verf)});
      } else {
        world_.truth.told_stable(node.inode, cell, value);
      }
    });
  });
}

void Stateless::commit(vfs::NodeId node) {
  // What was answered before the commit is asked for.
  std::vector<Unstable> covered;
  for (const Unstable& write : unstable_) {
    if (write.inode == node.inode) covered.push_back(write);
  }
  world_.ask(*this, [=, this] {
    world_.meets(state::Operation::Commit, node.inode, {});
    serve(&nfs3::commit, COMMIT3args{filehandle_of(node, world_.share()), 0, 0}, [=, this](const COMMIT3res& result) {
      if (result.status != nfsstat3::NFS3_OK) return;
      for (const Unstable& write : covered) {
        if (write.verifier != number_of(result.resok.verf)) continue;
        world_.tally.event("unstable writes committed");
        world_.truth.told_stable(write.inode, write.cell, write.value);
      }
    });
  });
}

void Stateless::get_attributes(vfs::NodeId node) {
  world_.ask(*this, [=, this] {
    world_.meets(state::Operation::GetAttributes, node.inode, {});
    serve(&nfs3::getattr, GETATTR3args{filehandle_of(node, world_.share())}, [](const GETATTR3res&) {});
  });
}

void Stateless::set_attributes(vfs::NodeId node) {
  const bool size = world_.dice.chance(1, 2);
  const std::uint64_t bytes = world_.dice.below(cells_of_a_file + 1) * cell_bytes;
  world_.note("NFSv3 ", number(), size ? " sets the size of " : " sets the mode of ", node.inode, " to ", bytes);
  world_.ask(*this, [=, this] {
    world_.meets(size ? state::Operation::SetSize : state::Operation::SetAttributes, node.inode, {});
    SETATTR3args args{filehandle_of(node, world_.share()), {}, std::nullopt};
    if (size) {
      args.new_attributes.size = bytes;
    } else {
      args.new_attributes.mode = 0666;
    }
    serve(&nfs3::setattr, args, [](const SETATTR3res&) {});
  });
}

void Stateless::create() {
  createhow3 how{.mode = world_.dice.one_of({createmode3::UNCHECKED, createmode3::GUARDED, createmode3::EXCLUSIVE})};
  if (how.mode != createmode3::EXCLUSIVE) how.obj_attributes.mode = 0666;
  if (how.mode == createmode3::UNCHECKED && world_.dice.chance(1, 2)) how.obj_attributes.size = 0;
  const Name name = world_.some_name();
  send(how.obj_attributes.size ? "empty or create" : "create", &nfs3::create, CREATE3args{place(world_, name), how},
       {{state::Operation::AddEntry, name.directory}}, [](const CREATE3res&) {});
}

void Stateless::link(vfs::NodeId node) {
  const Name name = world_.some_name();
  world_.ask(*this, [=, this] {
    world_.meets(state::Operation::ChangeLinks, node.inode, {});
    world_.meets(state::Operation::AddEntry, world_.directory(name.directory).inode, {});
    serve(&nfs3::link, LINK3args{filehandle_of(node, world_.share()), place(world_, name)}, [](const LINK3res&) {});
  });
}

void Stateless::remove() {
  const Name name = world_.some_name();
  send("remove", &nfs3::remove, REMOVE3args{place(world_, name)}, {{state::Operation::RemoveEntry, name.directory}},
       [](const REMOVE3res&) {});
}

void Stateless::rename() {
  const Name from = world_.some_name(), to = world_.some_name();
  send("rename", &nfs3::rename, RENAME3args{place(world_, from), place(world_, to)}, renames(from, to),
       [](const RENAME3res&) {});
}

// ---- directories
// ---------------------------------------------------------------------------------------------------------------------

void Stateless::make_directory() {
  const Name name = world_.some_subdirectory();
  MKDIR3args args{place(world_, name), {}};
  args.attributes.mode = 0777;
  send("make a directory", &nfs3::mkdir, args, {{state::Operation::AddEntry, name.directory}}, [](const MKDIR3res&) {});
}

void Stateless::remove_directory() {
  const Name name = world_.some_subdirectory();
  send("remove a directory", &nfs3::rmdir, RMDIR3args{place(world_, name)},
       {{state::Operation::RemoveEntry, name.directory}}, [](const RMDIR3res&) {});
}

void Stateless::move_directory() {
  const Name from = world_.some_subdirectory(), to = world_.some_subdirectory();
  send("move a directory", &nfs3::rename, RENAME3args{place(world_, from), place(world_, to)}, renames(from, to),
       [](const RENAME3res&) {});
}

void Stateless::list() {
  const std::size_t which = world_.dice.below(directory_count);
  const READDIR3args args{.dir = filehandle_of(world_.directory(which), world_.share()), .count = 4096};
  send("list", &nfs3::readdir, args, {{state::Operation::List, which}}, [](const READDIR3res&) {});
}

}  // namespace ditto::sim
