// The results of a COMPOUND, read from the front. What comes after a failure is not there: whoever asks for it gets
// that failure. One thread.
#pragma once

#include <string>

#include "base/buffer.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/opnum.hpp"
#include "wire/xdr.hpp"

namespace ditto::sim {

class Results {
 public:
  explicit Results(const std::string& reply) : bytes_(Buffer::copy_of(bytes_of(reply))), reader_(bytes_) {
    nfs4::COMPOUND4res_header header;
    reader_(header);
    status = header.status;
    count = header.count;
  }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  nfs4::nfsstat4 status{};
  std::uint32_t count = 0;

  template <class Res>
  Res next() {
    Res result{};
    nfs4::nfs_opnum4 number{};
    if (read_ < count) {
      reader_(number, result);
    } else {
      result.status = status;
    }
    ++read_;
    return result;
  }

 private:
  BufferChain bytes_;
  xdr::Reader reader_;
  std::uint32_t read_ = 0;
};

}  // namespace ditto::sim
