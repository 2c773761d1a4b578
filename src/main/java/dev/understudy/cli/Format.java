package dev.understudy.cli;

/** What a command prints: a table for people or JSON for programs. */
enum Format {
    TABLE,
    JSON
}
