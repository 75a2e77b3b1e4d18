// Operations that are not built: their arguments are decoded, whatever they hold, the COMPOUND ends with NOTSUPP, and
// the session goes on.
#include <array>

#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/layouts.hpp"
#include "ops/nfs4/holder.hpp"
#include "wire/xdr_sample.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

struct Row {
  nfs_opnum4 number;
  std::uint32_t since;  // minor version
  BufferChain (*arguments)(std::uint64_t sample);
};

template <class Args>
constexpr Row row(nfs_opnum4 number, std::uint32_t since) {
  return {number, since, [](std::uint64_t sample) { return xdr::encode(xdr::sample<Args>(sample)); }};
}

constexpr auto rows = std::to_array<Row>({
    row<GETDEVICEINFO4args>(OP_GETDEVICEINFO, 1),
    row<LAYOUTCOMMIT4args>(OP_LAYOUTCOMMIT, 1),
    row<LAYOUTGET4args>(OP_LAYOUTGET, 1),
    row<LAYOUTRETURN4args>(OP_LAYOUTRETURN, 1),
    row<SET_SSV4args>(OP_SET_SSV, 1),
    row<COPY_NOTIFY4args>(OP_COPY_NOTIFY, 2),
    row<LAYOUTERROR4args>(OP_LAYOUTERROR, 2),
    row<LAYOUTSTATS4args>(OP_LAYOUTSTATS, 2),
    row<WRITE_SAME4args>(OP_WRITE_SAME, 2),
});

BufferChain encoded(nfs_opnum4 number, const BufferChain& arguments) {
  xdr::Writer writer;
  writer(number);
  writer.link(arguments);
  return writer.finish();
}

}  // namespace

TEST_CASE("what is not built is decoded and NOTSUPP, and the session goes on") {
  for (const std::uint32_t minor : {1U, 2U}) {
    Server server;
    Holder client(server, minor);
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0666, "contents"));
    for (const Row& each : rows) {
      if (each.since > minor) continue;
      INFO("minor version " << minor << ", operation " << each.number);
      for (std::uint64_t sample = 0; sample < 16; ++sample) {
        const BufferChain arguments = each.arguments(sample);
        Results results = client.run(Ops().fh(file).add_encoded(encoded(each.number, arguments)).getfh());
        CHECK(results.status == NFS4ERR_NOTSUPP);
        CHECK(results.skip({OP_PUTFH}).next<status4res>(each.number).status == NFS4ERR_NOTSUPP);
        CHECK(results.left() == 0);

        const BufferChain cut = arguments.slice(0, arguments.size() - 4);
        Results bad = client.run(Ops().fh(file).add_encoded(encoded(each.number, cut)));
        CHECK(bad.skip({OP_PUTFH}).next<status4res>(each.number).status == NFS4ERR_BADXDR);
        CHECK(bad.left() == 0);
      }
      CHECK(client.read(file, anonymous) == NFS4_OK);
    }
  }
}
