// Every type of field and union keeps the laws of laws.hpp.
#include "wire/laws.hpp"
#include "wire/sample_types.hpp"

namespace ditto::test {

DITTO_XDR_LAWS("the laws of the codec hold", "[wire]", Numbers, Empty, Handle, Fixed, Wide, Write, Lookup, Lists,
               Optionals, Answer, Maybe, Basket, Choices, Entry, Listing, Everything)

}  // namespace ditto::test
