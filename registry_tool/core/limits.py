"""Every size limit, with its unit and its source (formats of the registry, parts 1, 5 and 6)."""

KIB = 1024
MIB = 1024 * KIB

MANIFEST_BYTES = 256 * 1000  # part 1.2
STATEMENT_BYTES = 64 * 1000  # part 1.2
EVIDENCE_BYTES = 512 * 1000  # part 1.2
NAME_RECORD_BYTES = 1000 * 1000  # part 1.2
CHAIN_FILE_BYTES = 4 * MIB  # a whole chain with its signatures, as served
QUEUE_BYTES = 32 * MIB  # 10,000 submissions that wait, of three kilobytes each
COUNTS_BYTES = 256 * MIB  # 250,000 releases, a month of days each
CATALOGUE_BYTES = 64 * MIB  # search only; never decides trust
ENTRY_BYTES = 64 * KIB  # index/registry.json
ROOT_BYTES = 512 * KIB  # python-tuf's own root_max_length
EXTENSIONS_BYTES = 4 * 1000  # part 1.3
JSON_DEPTH = 32  # part 1.2
JSON_INTEGER = 2**53  # part 1.2: RFC 8785 numbers are doubles

PAYLOAD_FILES = 5000  # part 5
PAYLOAD_BYTES = 64 * MIB  # part 5
BUNDLE_BYTES = PAYLOAD_BYTES + (PAYLOAD_FILES + 1) * 1024  # a header and padding each, and the end
PATH_BYTES = 150  # part 5
PATH_COMPONENT_BYTES = 100  # part 5
PATH_DEPTH = 16  # part 5
REPOSITORY_PATH_BYTES = 250  # part 5
VERSION_CHARACTERS = 48  # part 5
NAME_CHARACTERS = 100  # part 5: scope and name together

CARD_BYTES = 64 * KIB  # artifact.yaml
NATIVE_BYTES = 1 * MIB  # SKILL.md, compose.yaml, server.json, ggui.*.json
ALIAS_NODES = 20_000  # YAML nodes after aliases are followed: stops an alias bomb
WIRE_BUNDLE_BYTES = 5_242_880  # ggui wire facts part 1
SUBMISSION_FILES = 12_000  # more than two full payloads is not one person's submission
