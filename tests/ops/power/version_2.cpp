// What the client says by NFSv4.2.
#include <algorithm>
#include <array>

#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/sparse.hpp"
#include "nfs/v4/messages/xattrs.hpp"
#include "ops/power/client.hpp"

namespace ditto::test {
namespace {

using namespace nfs4;
using enum nfs_opnum4;
using enum nfsstat4;

constexpr auto xattr_names = std::to_array<std::string_view>({"author", "colour", "origin"});
/// From nothing to more than a page of the store.
constexpr auto xattr_lengths = std::to_array<std::size_t>({0, 1, 100, 3000, 9000});

}  // namespace

void Client::call(Step step, const v4::Ops& ops) {
  const v4::Results results = v4_->run(ops);
  if (machine_.is_off()) return;
  if (results.status != NFS4_OK) FAIL("step " << step << ": status " << results.status);
  promises.answered(step, {.ready = true, .reaches = step, .stable = true});
  const Lsn durable = kv_->durable();
  if (!machine_.is_off()) promises.durable(durable);
}

// To the client it is a write of zeros, which is stable once it is answered.
void Client::punch() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  FileHistory& history = promises.histories[file];
  const std::uint64_t size = history.now().size();
  if (size == 0) return;
  FileHistory::Write write{.offset = random_.below(size), .letter = '\0', .stable = true};
  write.length = std::min(size - write.offset, 1 + random_.below(12'000));
  const auto settled = kv_->statistics().objects_settled;
  const Step step = promises.begin();
  history.write(step, write);
  promises.wrote(file, step);
  touch(file, size);
  call(step, file, OP_DEALLOCATE, DEALLOCATE4args{{}, write.offset, write.length});
  met.punched_journaled = met.punched_journaled || kv_->statistics().objects_settled > settled;
  if (!machine_.is_off()) read();
}

void Client::reserve() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  FileHistory& history = promises.histories[file];
  const std::uint64_t size = history.now().size(), offset = random_.below(size + 3000);
  const std::uint64_t length = 1 + random_.below(12'000);
  const Step step = promises.begin();
  if (offset + length > size) {
    history.resize(step, offset + length);
    promises.wrote(file, step);
    touch(file, offset + length);
  }
  call(step, file, OP_ALLOCATE, ALLOCATE4args{{}, offset, length});
  met.reserved = true;
  if (!machine_.is_off()) read();
}

// To the client it is as many writes as the source has letters in turn, all stable once it is answered.
void Client::clone() {
  constexpr std::uint64_t block = vfs::clone_block_bytes;
  const std::string from = any_name(), to = any_name();
  if (from.empty()) return;
  const FileNumber source = promises.names.entries[from], target = promises.names.entries[to];
  const std::string bytes = promises.histories[source].now();
  CLONE4args args;
  args.cl_src_offset = random_.below(bytes.size() / block + 1) * block;
  args.cl_dst_offset = random_.below(3) * block;
  std::uint64_t end = bytes.size();
  if (random_.below(2) == 0) end = args.cl_src_offset + random_.below((end - args.cl_src_offset) / block + 1) * block;
  const std::uint64_t length = args.cl_count = end - args.cl_src_offset;
  const bool overlaps = args.cl_src_offset < args.cl_dst_offset + length && args.cl_dst_offset < end;
  if (length == 0 || (source == target && overlaps) || args.cl_dst_offset + length > longest) return;
  const Step step = promises.begin();
  FileHistory& history = promises.histories[target];
  const std::uint64_t before = history.now().size(), past = args.cl_dst_offset + length;
  for (std::uint64_t at = args.cl_src_offset; at < end;) {
    const std::uint64_t next = std::min<std::uint64_t>(bytes.find_first_not_of(bytes[at], at), end);
    history.write(step, {.offset = args.cl_dst_offset + at - args.cl_src_offset,
                         .length = next - at,
                         .letter = bytes[at],
                         .stable = true,
                         .with_record = true});
    at = next;
  }
  const std::uint64_t rest = std::min((block - length % block) % block, before - std::min(before, past));
  if (rest != 0) history.write(step, {.offset = past, .length = rest, .letter = '\0', .stable = true});
  promises.wrote(target, step);
  touch(target, history.now().size());
  met.shared = met.shared || bytes.size() > block;
  shared_.insert({source, target});
  call(step, v4::Ops()
                 .fh(v4::same_handle(handles_.at(source)))
                 .save()
                 .fh(v4::same_handle(handles_.at(target)))
                 .add(OP_CLONE, args));
  if (!machine_.is_off()) read();
}

void Client::set_xattr() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  const std::string_view key = xattr_names[random_.below(xattr_names.size())];
  const std::string value(xattr_lengths[random_.below(xattr_lengths.size())], static_cast<char>(1 + letters_++ % 255));
  const Step step = promises.begin();
  promises.names.files[file].xattrs[std::string(key)] = value;
  call(step, file, OP_SETXATTR,
       SETXATTR4args{setxattr_option4::SETXATTR4_EITHER, v4::Ops::component(key), xattrvalue4::lend(bytes_of(value))});
  met.attribute_set = true;
}

void Client::remove_xattr() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  Xattrs& there = promises.names.files[file].xattrs;
  if (there.empty()) return;
  const std::string key = there.begin()->first;
  const Step step = promises.begin();
  there.erase(key);
  call(step, file, OP_REMOVEXATTR, REMOVEXATTR4args{v4::Ops::component(key)});
  met.attribute_removed = true;
}

Xattrs Client::read_xattrs(const nfs3::nfs_fh3& handle) {
  const nfs_fh4 file = v4::same_handle(handle);
  v4::Results listed = v4_->run(v4::Ops().fh(file).add(OP_LISTXATTRS, LISTXATTRS4args{0, 65536}));
  if (machine_.is_off()) return {};
  const auto names = listed.skip({OP_PUTFH}).next<LISTXATTRS4res>(OP_LISTXATTRS);
  REQUIRE((names.status == NFS4_OK && names.resok4.lxr_eof));
  Xattrs found;
  for (const xattrkey4& name : names.resok4.lxr_names) {
    v4::Results results = v4_->run(v4::Ops().fh(file).add(OP_GETXATTR, GETXATTR4args{name}));
    if (machine_.is_off()) return {};
    const auto got = results.skip({OP_PUTFH}).next<GETXATTR4res>(OP_GETXATTR);
    REQUIRE(got.status == NFS4_OK);
    found.emplace(name.view(), ditto::text_of(got.resok4.gxr_value.bytes()));
  }
  return found;
}

std::string Client::read_pieces(const nfs3::nfs_fh3& handle) {
  const nfs_fh4 file = v4::same_handle(handle);
  std::string contents;
  for (bool eof = false; !eof;) {
    const READ_PLUS4args args{{}, contents.size(), 1 << 19};
    v4::Results results = v4_->run(v4::Ops().fh(file).add(OP_READ_PLUS, args));
    if (machine_.is_off()) return {};
    const auto got = results.skip({OP_PUTFH}).next<READ_PLUS4res>(OP_READ_PLUS);
    REQUIRE(got.status == NFS4_OK);
    for (const read_plus_content& piece : got.resok4.rpr_contents) {
      const bool data = piece.rpc_content == data_content4::NFS4_CONTENT_DATA;
      REQUIRE((data ? piece.rpc_data.d_offset : piece.rpc_hole.di_offset) == contents.size());
      contents += data ? test::text_of(piece.rpc_data.d_data.chain) : std::string(piece.rpc_hole.di_length, '\0');
    }
    eof = got.resok4.rpr_eof;
  }
  return contents;
}

}  // namespace ditto::test
