#pragma once

// toml++, and the one way to include it.
//
// Rationale: its parser asserts on some wrong texts ("[=]", "1979-05-27Tx") right before the check
// that reports them as errors; with NDEBUG some compilers take the assertion for granted and drop
// that check. Without assertions every text gets its error.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
#include <cassert>  // Again: assert() follows the NDEBUG of its last inclusion.
