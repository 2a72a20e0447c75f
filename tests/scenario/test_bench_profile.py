"""bench/profile: to which part of the work a place belongs, what perf prints, what is told without perf; and once the whole of
it over one row."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from support.authority import ROOT

sys.path.insert(0, os.path.join(ROOT, "bench"))

from compared import classes, floor, measurements, sampling  # noqa: E402 # the line above finds it

PROFILE = os.path.join(ROOT, "bench", "profile")
SEND = ["tcp_sendmsg", "io_send", "io_issue_sqe", "__do_sys_io_uring_enter", "do_syscall_64", "entry_SYSCALL_64_after_hwframe"]
OTHER_END = ["tcp_rcv_established", "tcp_v4_do_rcv", "tcp_v4_rcv", "process_backlog", "handle_softirqs", "ip_finish_output2"]


@pytest.mark.parametrize("key, symbols", [
    ("tcp_send", ["tcp_sendmsg_locked", *SEND]),
    ("tcp_send", ["__slab_alloc.isra.0", "__alloc_skb", *SEND]),
    ("copies", ["rep_movs_alternative", "tcp_sendmsg_locked", *SEND]),
    ("tcp_other_end", [*OTHER_END, "tcp_sendmsg_locked", *SEND]),
    ("scheduling", ["_raw_spin_unlock_irqrestore", "try_to_wake_up", "sock_def_readable", *OTHER_END, *SEND]),
    ("io_uring", ["_raw_spin_lock", "io_poll_wake", "__wake_up_common", "sock_def_readable", *OTHER_END, *SEND]),
    ("scheduling", ["finish_task_switch.isra.0", "__schedule", "schedule", "io_cqring_wait", *SEND[3:]]),
    ("sockets", ["tcp_send_fin", "__tcp_close", "tcp_close", "inet_release", "__sock_release", "task_work_run", *SEND[4:]]),
    ("tcp_receive", ["tcp_recvmsg_locked", "tcp_recvmsg", "io_recv", *SEND[2:]]),
    ("entry", ["entry_SYSCALL_64_after_hwframe"]),
    ("kernel", ["clear_page_erms", "asm_exc_page_fault"]),
    ("kernel", ["a_function_of_the_next_kernel"]),
])
def test_the_innermost_caller_that_is_known_tells_the_part_of_the_kernel(key, symbols):
    assert classes.of_kernel(symbols) == key


@pytest.mark.parametrize("key, place", [
    ("x25519", ("sallyport", "wolfssl/wolfcrypt/src/fe_x25519_asm.S", "L_curve25519_avx2_bits")),
    ("p256", ("sallyport", "wolfssl/wolfcrypt/src/sp_x86_64_asm.S", "sp_256_mont_mul_avx2_4")),
    ("other_keys", ("sallyport", "wolfssl/wolfcrypt/src/sp_x86_64_asm.S", "sp_2048_mul_avx2_16")),
    ("aes_gcm", ("sallyport", "wolfssl/wolfcrypt/src/aes_gcm_asm.S", "AES_GCM_encrypt_avx2")),
    ("hashes", ("sallyport", "wolfssl/wolfcrypt/src/hmac.c", "wc_HKDF_Expand")),
    ("wolfssl", ("sallyport", "wolfssl/src/tls13.c", "DoTls13ClientHello")),
    ("tls", ("sallyport", "/somewhere/src/tls/tls_session.c", "tls_session_write")),
    ("base", ("sallyport", "/somewhere/include/base/bytes.h", "bytes_equal")),
    ("other_folders", ("sallyport", "/somewhere/src/worker/worker.c", "worker_turn")),
    ("llhttp", ("sallyport", "??", "llhttp__internal__run")),
    ("jemalloc", ("libjemalloc.so.2", "", "malloc")),
    ("memory_copies", ("libc.so.6", "", "__memmove_avx512_unaligned_erms")),
    ("memory_copies", ("libc.so.6", "", "[unknown]")),
    ("other_libraries", ("libc.so.6", "", "clock_gettime")),
    ("other_libraries", ("liburing.so.2.3", "", "io_uring_submit")),
])
def test_the_source_file_tells_the_part_of_the_program(key, place):
    assert classes.of_user(*place) == key


def test_every_row_of_the_tables_is_of_a_class():
    named = {key for key, *_patterns in classes.USER} | {key for key, _pattern in classes.KERNEL}
    assert named == set(classes.KEYS) and {each.group for each in classes.CLASSES} == set(classes.GROUPS)


def test_of_the_program_itself_only_the_innermost_frame_is_believed():
    lines = ["  17 ", "\tffffffff82010db0 tcp_sendmsg ([kernel.kallsyms])", "\t           e4f33 a_guess (/usr/lib/libc.so.6)", "",
             "  17 ", "\t           fb2b1 sp_256_mont_sub_4 (/build/sallyport)", "\t   0 [unknown] ([unknown])", "", "  17 ", ""]
    assert sampling.read(lines) == {((0xffffffff82010db0, "tcp_sendmsg", "[kernel.kallsyms]"),): 1,
                                    ((0xfb2b1, "sp_256_mont_sub_4", "/build/sallyport"),): 1}


class Profile:
    def __init__(self, key, cost):
        self.row, self.cost, self.digits = next(row for row in measurements.ROWS if row.key == key), cost, 3

    def head(self):
        return self.row.key


def test_what_is_left_beside_the_floor_is_told():
    primitives = floor.read_primitives("bench_primitives    thr      ns/op  scaling\nX25519: make a key     1     8000.0     1.00\n"
                                       "AES-128-GCM: seal 16 KiB           1     1638.4     1.00     0.000\n")
    assert primitives == {"X25519: make a key": 8.0, "AES-128-GCM: seal 16 KiB": 0.1}
    kernel = floor.read_kernel("CPU time    io_uring   epoll\nreceiving in pieces of 32 KiB; 8 connections    0.250 s/GB    9.0 s/GB\n"
                               "sending in pieces of 32 KiB; 8 connections      0.125 s/GB    9.0 s/GB\n")
    assert floor.lines([Profile("down", 0.5)], (primitives, kernel))[1:] == [
        ["down", "0.35, 0.25", "0.500", "0.100", "0.375", "0.475", "0.025"]]
    assert not floor.lines([Profile("down", 0.5)], ({}, kernel)), "without figures there is no table"


def test_the_floor_asks_for_rows_that_the_programs_have():
    bench = pathlib.Path(ROOT, "bench")
    primitives = (bench / "micro" / "bench_primitives.c").read_text(encoding="utf-8")
    kernel = (bench / "floor" / "loopback_floor.c").read_text(encoding="utf-8")
    for least in floor.ROWS.values():
        assert all(f'"{name}"' in primitives for name in least.primitives)
        assert all(f'"{name}"' in kernel for name in least.kernel)


def run(*arguments, **environment):
    return subprocess.run([PROFILE, *arguments], capture_output=True, text=True, check=False, timeout=55,
                          env={**os.environ, **environment})


def assert_is_told(done, part):
    assert done.returncode == 1 and part in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_a_row_that_there_is_not_is_told():
    assert_is_told(run("--only", "speed"), "there is no row 'speed'")


@pytest.mark.parametrize("text, part", [(None, "No such file"), ("a page without a table", "has no place for the table")])
def test_a_file_without_a_place_for_the_table_is_left_alone(tmp_path, text, part):
    page = tmp_path / "page.md"
    if text:
        page.write_text(text)
    assert_is_told(run("--write", page), part)
    assert page.read_text() == text if text else not page.exists()


def test_without_perf_the_package_is_named(tmp_path):
    assert_is_told(run(PATH=str(tmp_path)), "linux-perf")


def test_where_perf_is_refused_the_setting_is_named(tmp_path):
    (tmp_path / "perf").write_text("#!/bin/sh\nexit 255\n")
    (tmp_path / "perf").chmod(0o755)
    assert_is_told(run(PATH=f"{tmp_path}:{os.environ['PATH']}"), "perf_event_paranoid")


@pytest.mark.alone
@pytest.mark.measuring
def test_the_shares_of_a_row_are_all_of_its_time(tmp_path):
    page, table = tmp_path / "page.md", tmp_path / "out.json"
    page.write_text("before\n<!-- what bench/profile --write replaces begins -->\nold\n<!-- and ends -->\nafter\n")
    done = run("--only", "handshake", "--rounds", "1", "--seconds", "1", "--json", table, "--write", page)
    if "perf is " in done.stderr:  # the kernel does not let us sample
        assert_is_told(done, "profile: perf is ")
        return
    assert done.returncode == 0, done.stderr
    row, = json.loads(table.read_text())["rows"].values()
    assert set(row["classes"]) == set(classes.KEYS) and row["samples"] > 0 and row["cost"] > 0
    assert sum(each["share"] for each in row["classes"].values()) == pytest.approx(1)
    assert sum(each["cost"] for each in row["classes"].values()) == pytest.approx(row["cost"])
    assert row["classes"]["p256"]["share"] > 0 and row["classes"]["tcp_send"]["share"] > 0
    assert all(each.title in done.stdout for each in classes.CLASSES if each.group != "wolfssl"), done.stdout
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text and "| **together** |" in text
