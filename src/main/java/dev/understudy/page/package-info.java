/** The read-only page: what the topics say of each candidate, for people. */
@NullMarked
package dev.understudy.page;

import org.jspecify.annotations.NullMarked;
