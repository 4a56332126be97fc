//! How much is read. Postfix sets none of these limits; they keep a configuration from taking time or memory without
//! bound.

/// Most bytes of all the files that one list of tables names.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// Most lines of all these files, comments and blank lines included.
pub const MAX_LINES: usize = 500_000;
/// Most tables in one list, those within other tables included.
pub const MAX_TABLES: usize = 100;
/// Deepest nesting of tables within tables.
pub const MAX_NESTING: usize = 10;
/// Most bytes of one pattern in a regexp or pcre table.
pub const MAX_PATTERN_BYTES: usize = 4 << 10;
/// Most memory of all the patterns in one list of tables, once they are compiled.
pub const MAX_COMPILED_BYTES: usize = 64 << 20;
/// Longest key that is looked up, in bytes. A destination with brackets and port is shorter by far.
pub const MAX_KEY_BYTES: usize = 1 << 10;
/// Longest result, in bytes: tables within tables and `$1$1$1` make long ones from short texts.
pub const MAX_RESULT_BYTES: usize = 64 << 10;
