// The codec itself, over one of each field type and union.
#include "fuzz/decoder.hpp"
#include "wire/sample_types.hpp"

using namespace ditto::test;

DITTO_FUZZ_DECODERS(Numbers, Empty, Handle, Fixed, Wide, Write, Lookup, Lists, Optionals, Answer, Maybe, Basket,
                    Choices, Entry, Listing, Everything)
