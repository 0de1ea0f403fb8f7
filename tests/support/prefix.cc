// Owns the precompiled header of all test programs: with no definitions of its own, it fits all.
int main() {}
