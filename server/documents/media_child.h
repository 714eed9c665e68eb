/* The child's side of media.h. */
#ifndef MEDIA_CHILD_H
#define MEDIA_CHILD_H

/* Exit status of a child that refuses its input; its output is the message key. */
enum { MEDIA_EXIT_REFUSED = 3 };

/* `argv[2]` is the verb: picture, invoice. Reads standard input, writes the answer to
 * standard output, which must not be a regular file (the child may not write files). Runs
 * in a process of its own that has no other threads; does not return once it works. */
int media_main(int argc, char **argv);

#endif
