#include <algorithm>

#include "workload.hpp"

namespace bench {

std::string_view pattern() {
  static const std::string bytes = [] {
    std::string made(pattern_bytes, '\0');
    std::uint64_t state = 0x9e3779b97f4a7c15;
    for (std::size_t i = 0; i < made.size(); i += 8) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      std::memcpy(made.data() + i, &state, 8);
    }
    return made;
  }();
  return bytes;
}

std::string_view created_content(std::uint64_t index, std::uint32_t bytes) {
  return pattern().substr(index * 4096 % pattern_bytes, bytes);
}

namespace {

using nfs3::Procedure;

/// The block at an offset holds the pattern's bytes of that offset, as if the pattern repeated for ever.
class TransferWorkload : public Workload {
 public:
  TransferWorkload(const Transfer& transfer, const Entries& files)
      : transfer_(transfer),
        files_(files),
        next_(files.size()),
        uncommitted_(files.size()),
        blocks_(transfer.file_bytes / transfer.block_bytes) {}

  bool start(Slot& slot, Request& out) override {
    if (started_ == transfer_.limit) return false;
    ++started_;
    std::size_t file = file_of(slot);
    slot.step = 0;
    std::uint64_t block = transfer_.random ? random() % blocks_ : next_[file]++ % blocks_;
    std::uint64_t offset = block * transfer_.block_bytes;
    slot.index = offset;
    Writer writer = out.begin(transfer_.write ? Procedure::Write : Procedure::Read);
    writer.opaque(files_[file].handle).u64(offset).u32(transfer_.block_bytes);
    if (transfer_.write) {
      writer.u32(static_cast<std::uint32_t>(transfer_.stable)).u32(transfer_.block_bytes);
      out.payload = content(offset);
    }
    return true;
  }

  Verdict reply(Slot& slot, Reader& in, Request& out) override {
    if (transfer_.write) return slot.step == 0 ? written(slot, in, out) : committed(in);
    nfs3::skip_post_op(in);
    std::uint32_t count = in.u32();
    in.u32();
    std::string_view data = in.opaque(transfer_.block_bytes);
    if (count != transfer_.block_bytes || data.size() != count) {
      throw Unexpected{"READ gave " + std::to_string(count) + " bytes"};
    }
    if (transfer_.verify && data != content(slot.index)) throw Unexpected{"READ gave other bytes than were written"};
    return Verdict::Done;
  }

  bool finish(Request& out) override {
    if (!transfer_.write || transfer_.stable == nfs3::Stable::FileSync || committed_ == files_.size()) return false;
    commit(committed_++, out);
    return true;
  }

  std::uint64_t bytes_per_operation() const override { return transfer_.block_bytes; }

 private:
  std::size_t file_of(const Slot& slot) const { return slot.connection % files_.size(); }

  Verdict written(Slot& slot, Reader& in, Request& out) {
    nfs3::skip_wcc(in);
    std::uint32_t count = in.u32();
    auto stable = in.u32();
    if (count != transfer_.block_bytes) throw Unexpected{"WRITE took " + std::to_string(count) + " bytes"};
    if (stable < static_cast<std::uint32_t>(transfer_.stable)) throw Unexpected{"WRITE less stable than asked"};
    std::uint64_t& uncommitted = uncommitted_[file_of(slot)];
    uncommitted += count;
    if (transfer_.commit_bytes == 0 || uncommitted < transfer_.commit_bytes) return Verdict::Done;
    uncommitted = 0;
    slot.step = 1;
    commit(file_of(slot), out);
    return Verdict::More;
  }

  Verdict committed(Reader& in) {
    nfs3::skip_wcc(in);
    in.u64();
    return Verdict::Done;
  }

  void commit(std::size_t file, Request& out) {
    out.begin(Procedure::Commit).opaque(files_[file].handle).u64(0).u32(0);
  }

  std::string_view content(std::uint64_t offset) const {
    return pattern().substr(offset % pattern_bytes, transfer_.block_bytes);
  }
  std::uint64_t random() {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return state_;
  }

  Transfer transfer_;
  const Entries& files_;
  std::vector<std::uint64_t> next_, uncommitted_;
  std::uint64_t blocks_, started_ = 0, state_ = 88172645463325252;
  std::size_t committed_ = 0;
};

}  // namespace

std::unique_ptr<Workload> make_transfer(const Transfer& transfer, const Entries& files) {
  return std::make_unique<TransferWorkload>(transfer, files);
}

}  // namespace bench
