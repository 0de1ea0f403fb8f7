# Makes the plain comments of the headers what doxygen reads: sed -E -f comments.sed HEADER

# The first comment is about the file.
1s|^/\*$|/** \\file|
1s|^/\* [^:]*: |/** \\file\n * |
1s|^// [^:]*: |/// \\file\n/// |
2,/^#ifndef/s|^//  |///    |
2,/^#ifndef/s|^//([^/].*)?$|///\1|

# One before a declaration, or behind it.
s|^( *)/\*( .*)?$|\1/**\2|
s|([^ /*]) +/\* |\1 /**< |
