"""Of which part of the gateway's work a place in the program or in the kernel is: tables of names, for bench/profile."""

import functools
import re


class Class:
    """One line of the table. group: what it is added up in."""

    def __init__(self, key, group, title):
        self.key, self.group, self.title = key, group, title


GROUPS = {
    "primitives": "public-key primitives",
    "records": "ciphers and hashes",
    "wolfssl": "the rest of wolfSSL",
    "memory": "memory",
    "ours": "our own code",
    "libraries": "other libraries",
    "kernel": "the kernel",
}

CLASSES = [
    Class("x25519", "primitives", "X25519: a key of our own and the shared one"),
    Class("p256", "primitives", "P-256: signing and verifying"),
    Class("other_keys", "primitives", "others"),
    Class("aes_gcm", "records", "AES-GCM"),
    Class("hashes", "records", "SHA-2, HMAC, HKDF"),
    Class("wolfssl", "wolfssl", "messages, extensions, certificates, records"),
    Class("jemalloc", "memory", "jemalloc"),
    Class("memory_copies", "memory", "memcpy, memset and the like"),
    Class("net", "ours", "net"),
    Class("http", "ours", "http"),
    Class("tls", "ours", "tls"),
    Class("trust", "ours", "trust"),
    Class("proxy", "ours", "proxy"),
    Class("base", "ours", "base"),
    Class("other_folders", "ours", "others: worker, control, config, ocsp"),
    Class("llhttp", "libraries", "llhttp"),
    Class("other_libraries", "libraries", "liburing, the rest of libc, the clock"),
    Class("tcp_send", "kernel", "TCP, sending"),
    Class("tcp_other_end", "kernel", "TCP, the other end's receiving, which loopback does within our sending"),
    Class("tcp_receive", "kernel", "TCP, receiving"),
    Class("copies", "kernel", "copies from and to the user's memory"),
    Class("sockets", "kernel", "opening and closing sockets"),
    Class("io_uring", "kernel", "io_uring itself"),
    Class("scheduling", "kernel", "waking others, waiting, switching"),
    Class("entry", "kernel", "entering and leaving the kernel"),
    Class("kernel", "kernel", "others: interrupts, page faults, other calls"),
]

KEYS = [each.key for each in CLASSES]


# ------------------------------------------------------------------------------------ user's part

# Object, source file, symbol: the first row of which all match. A library without symbols has [unknown]: of libc that is what
# copies, chosen by the processor and named nowhere. X25519 makes its own keys with what Ed25519 has for a known point (ge_).
USER = [
    ("jemalloc", r"libjemalloc", r"", r""),
    ("memory_copies", r"libc\.|libc-", r"", r"\[unknown\]|_*(mem|str|bcmp)"),
    ("other_libraries", r"lib\w|\[vdso\]|ld-", r"", r""),
    ("llhttp", r"", r"", r"ll(http|parse)_"),
    ("aes_gcm", r"", r".*wolfcrypt/src/aes", r""),
    ("hashes", r"", r".*wolfcrypt/src/(sha|hash|hmac|kdf)", r""),
    ("x25519", r"", r".*wolfcrypt/src/(curve25519|fe_|ge_)", r""),
    ("p256", r"", r".*wolfcrypt/src/sp_", r".*256"),
    ("p256", r"", r".*wolfcrypt/src/ecc\.", r""),
    ("other_keys", r"", r".*wolfcrypt/src/(sp_|rsa|ed25519|ed448|wc_mlkem|dh\.)", r""),
    ("wolfssl", r"", r"(.*/)?wolfssl/(src|wolfcrypt|wolfssl)/", r""),
    ("net", r"", r".*(src|include)/net/", r""),
    ("http", r"", r".*(src|include)/http/", r""),
    ("tls", r"", r".*(src|include)/tls/", r""),
    ("trust", r"", r".*(src|include)/trust/", r""),
    ("proxy", r"", r".*(src|include)/proxy/", r""),
    ("base", r"", r".*(src|include)/base/", r""),
    ("other_folders", r"", r".*src/", r""),
    ("other_libraries", r"", r"", r""),
]


@functools.lru_cache(maxsize=None)
def of_user(of, source, symbol):
    """of: the object's name, such as libc.so.6."""
    for key, *patterns in USER:
        if all(re.match(pattern, text) for pattern, text in zip(patterns, (of, source, symbol))):
            return key
    raise AssertionError("the last row matches all")


# --------------------------------------------------------------------------------------- kernel

# The whole name of a function. From the innermost caller outwards the first that has a row decides: what copies within
# tcp_sendmsg is copying, what is received within it is the other end's. The rows of one name: the first.
KERNEL = [
    ("copies", r"rep_movs_alternative|_copy_(to|from)_\w+|copy_user_\w+|copy_page_(to|from)_iter\w*|simple_copy_to_iter"
               r"|_?_?skb_(copy_)?datagram_iter|skb_copy_datagram_iter|\w*check_object_size|check_heap_object|copy_from_iter\w*"),
    ("scheduling", r"try_to_wake_up|_?_?wake_up\w*|ttwu_\w+|ep_poll_callback|ep_autoremove_wake_function|autoremove_wake_function"
                   r"|default_wake_function|_*schedule(_\w+)?|preempt_schedule\w*|finish_task_switch|select_task_rq\w*"
                   r"|sock_def_(readable|write_space)|sk_stream_write_space|_?_?cond_resched|prepare_task_switch|resched_curr"),
    ("io_uring", r"_*io_(?!schedule|accept|connect|close|shutdown|socket)\w+|__(x64|do)_sys_io_uring_\w+|ctx_flush_and_put"
                 r"|tctx_task_work\w*|task_work_run|handle_tw_list"),
    ("kernel", r"run_timer_softirq|rcu_core\w*|sched_balance_softirq|run_rebalance_domains|hrtimer_run_softirq|\w*exc_\w+"
               r"|(asm_)?sysvec_\w+|_*irq_exit\w*|(asm_)?common_interrupt|hrtimer_interrupt|blk_\w+softirq"),
    ("tcp_other_end", r"process_backlog|_?_?napi_\w+|net_rx_action|__netif_receive_skb\w*|ip_rcv\w*|ip_local_deliver\w*"
                      r"|tcp_v4_rcv|_?_?do_softirq\w*|handle_softirqs"),
    ("sockets", r"inet_csk_accept|inet_accept|do_accept|_?_?tcp_close|inet_release|_?_?sock_release|sock_close|_*fput\w*"
                r"|inet_shutdown|tcp_shutdown|_*sock_create\w*|inet_create|sock_alloc\w*|tcp_v4_connect|_*inet_stream_connect"
                r"|_*do_tcp_setsockopt|(tcp|do_sock|sock|sk)_[gs]etsockopt|filp_(close|flush)|\w*close_fd\w*|fd_install"
                r"|alloc_(empty_)?file\w*|inet_getname|tcp_v4_destroy_sock|_*sk_(free|destruct)|inet_csk_destroy_sock"
                r"|io_(accept|connect|close|shutdown|socket)|ioctl\w*|__x64_sys_ioctl"
                r"|__(x64_|do_)?sys_(accept4?|close|shutdown|socket|connect|[gs]etsockopt|getpeername|getsockname)(_\w+)?"),
    ("tcp_send", r"tcp_sendmsg\w*|inet6?_sendmsg|sock_sendmsg\w*|__sys_send\w*|__x64_sys_send\w*"),
    ("tcp_receive", r"tcp_recvmsg\w*|inet6?_recvmsg|sock_recvmsg\w*|__sys_recv\w*|__x64_sys_recv\w*"),
    ("kernel", r"__(x64|do)_sys_\w+"),
    ("entry", r"(?!entry_INT)entry_\w+|do_syscall_64|x64_sys_call|syscall_\w+|exit_to_user_mode\w*|clear_bhb_loop|srso_\w+"
              r"|switch_fpu_return|fpregs_\w+"),
]
KERNEL_NAMES = [(key, re.compile(pattern)) for key, pattern in KERNEL]


@functools.lru_cache(maxsize=None)
def of_function(name):
    """The class, or None for a function that may be called for anything. Compilers add words behind a point."""
    name = name.partition(".")[0]
    return next((key for key, pattern in KERNEL_NAMES if pattern.fullmatch(name)), None)


def of_kernel(symbols):
    """symbols: of the functions, the innermost first."""
    return next((key for key in map(of_function, symbols) if key), "kernel")
