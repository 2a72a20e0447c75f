/* Sizes and times of a lane and its connections. Constants. */
#ifndef LOAD_LANE_LIMITS_H
#define LOAD_LANE_LIMITS_H

#define RECEIVED_SIZE        (256 * 1024) /* one recv() */
#define PLAIN_SIZE           (16 * 1024)  /* one record */
#define OUTGOING_SIZE        (256 * 1024) /* the largest flight of a handshake, or a share of a body */
#define BODY_BLOCK_SIZE      (16 * 1024)
#define RECEIVES_PER_TURN    8
#define SENDS_PER_TURN       8
#define EVENTS_PER_TURN      64
#define PAUSE_AFTER_FAULT_NS UINT64_C(10000000)
#define WAIT_MOST_NS         UINT64_C(100000000) /* the end of a run may be moved meanwhile */
#define UNBEGUN_GROUPS_MAX   4096
#define OPENING_AT_A_TIME    64 /* mode idle: handshakes of a lane under way */

#endif
