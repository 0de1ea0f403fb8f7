#pragma once

// What toml++ has, by name only: including it takes a second of each file that does.

namespace toml {
inline namespace v3 {
class key;
class node;
class table;
}  // namespace v3
}  // namespace toml
