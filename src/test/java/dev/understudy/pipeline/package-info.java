/** Tests of pipeline stages on a real broker, over the borders of rooms. */
package dev.understudy.pipeline;
