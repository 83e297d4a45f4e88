# SPDX-License-Identifier: Apache-2.0
"""The program whose heap is standard_library.heap: modules, syntax trees and documents of
Python's standard library, in the mixture of a mid-sized tool that does a bit of each."""

import argparse
import ast
import asyncio
import decimal
import email.message
import email.policy
import http.server
import json
import pickletools
import unittest
import xml.dom.minidom


class Record:
    def __init__(self, number):
        self.number = number
        self.name = f"record {number}"
        self.parent = None
        self.children = []


class SlottedRecord:
    __slots__ = ("number", "other")

    def __init__(self, number):
        self.number = number
        self.other = self


def syntax_trees():
    for module in (argparse, ast, json.decoder, decimal, email.message):
        with open(module.__file__, encoding="utf-8") as source:
            yield ast.parse(source.read())


def document(number):
    tags = [f"tag {i}" for i in range(number % 7)]
    text = json.dumps({"id": number, "tags": tags, "at": {"x": number / 8, "y": None}})
    return json.loads(text)


def message(number):
    text = email.message.EmailMessage(policy=email.policy.default)
    text["Subject"] = f"number {number}"
    text["To"] = f"reader-{number}@example.org"
    text.set_content(f"The content of message {number}.\n")
    return text


def family(size):
    records = [Record(number) for number in range(size)]
    for record in records[1:]:
        record.parent = records[(record.number - 1) // 3]
        record.parent.children.append(record)
    return records[0]


def callbacks(count):
    calls = {}
    for number in range(count):
        calls[number] = lambda: calls[number + 1 if number + 1 in calls else 0]
    return calls


trees = list(syntax_trees())
documents = {f"document {number}": document(number) for number in range(1500)}
messages = [message(number) for number in range(100)]
families = [family(size) for size in range(1, 60)]
closures = callbacks(1000)
pages = xml.dom.minidom.parseString(
    "<book>" + "<page><line/><line/></page>" * 400 + "</book>")
numbers = {decimal.Decimal(number): frozenset(range(number, number + 5))
           for number in range(1000, 1400)}
slotted = {SlottedRecord(number) for number in range(2000)}
opcodes = {code: pickletools.code2op[code] for code in pickletools.code2op}
loop_types = (asyncio.Event, asyncio.Queue, http.server.HTTPServer, unittest.TestCase)
