"""The published test keys, as a closed list of their ids (part 2).

Their private halves are printed in this repository, so whoever reads it can sign with them. A chain
that holds one is a demonstration whatever its files say: clients demand `--demo`, and nothing that
holds one is taken anywhere else. Seed number `n` is the SHA-256 of the text
`registry-tool test key <n>, trust nothing that it signs`.
"""

import hashlib
from collections.abc import Iterable

from registry_tool.core.keys import key_id

DEMO_SEEDS = 40
"""How many there are."""


def demo_seed(number: int) -> bytes:
    """The 32-byte seed of a published test key, counted from 0."""
    if not 0 <= number < DEMO_SEEDS:
        raise ValueError(f"test keys are counted from 0 to {DEMO_SEEDS - 1}")
    return hashlib.sha256(f"registry-tool test key {number}, trust nothing that it signs".encode()).digest()


def is_demonstration(keys: Iterable[bytes]) -> bool:
    """Whether one of these public keys is a published test key."""
    return any(key_id(key) in DEMO_KEY_IDS for key in keys)


DEMO_KEY_IDS: frozenset[str] = frozenset(
    {
        "12d351060a46ab19c27b6a43e581def27ac5f117c374dbd219c5c44e933a0535",
        "139e3940e64b5491722088d9a0d741628fc826e09475d341a780acde3c4b8070",
        "17edad1321f6a016e7bb7b9044bd9aaf71f6f6701c632e056d43766d795608a9",
        "18424e6bcf3d7f80ee0b2ac6dea9fd225529987bbe36f73c0e2b2900c644c7d4",
        "24f6ed6acbfe1009c030d7ca567c33ca4830911498236b5561a6c82abec5de28",
        "2642177f804d1ab6c7fd3d7678399a81c802d8018419eb5851c26c3aa30cde48",
        "3755d022a42217fb0d7ab9ac83f68eb1143a13ec48ad7f9521e28ac9830bb7de",
        "38b95f170d03a0f514d91e678e527aa2a93de9a9d8a5c95d675bba294bd2b225",
        "3c67aa2132625473d0b4f919c5f82517a8a50b9aca2d9ce4a215dcb949a206dc",
        "407fc13a498336070f0e011786d0a6cf9664eeea2fe1b65a5c00fd31d260f0a1",
        "4602d8c90f54e231ed74ff032f1436b75ab50fc78f8f116fd2abf0b4ac43f5a5",
        "4967895f77bf4a31847843a332025c660059f33b3ead7ab431ca100a7144aaa7",
        "4cb9315e0f923633bec4a3e981b6b94b481bc92f0f3160d76d0095e739d5837c",
        "4f860014bb09a2e0b2f079432b9db78b820be85b817b848d32c79297a4c246e5",
        "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c",
        "6f3ab0b750f5e0889d45deba9366af27d4a97180bec2f1322fe8b56a7490fbd6",
        "6fd6ceca83af306bc051346d6d3cf6026b8de70a582b29142ab6639bd4fb2430",
        "773c4cb678d7f284a1981c4abcb13e6ae8dbae295f002a798f0f1037ea414f38",
        "77721ec7749cd1fddb90d9d4d41476ba3a2a287a755db941aee9affbf1b2e4ea",
        "784f2cd86fee2da8ed116d4d1ce19470230cf4080973070e44af1ed6d68ed3d7",
        "78eddfc582cab9bf8d63a1debf089d13ea4eef07a79ab4247db4fd8c1b1dcfaf",
        "85498a31b901cc2be67d6058ce6aaf8e8202d97f795807fe09ad766cf7527ffd",
        "8903ac17a02a59ce7b3ed5395b50bcc801d3f7d229c1668667def013d8a332f4",
        "8fd0e0c6f263b53cad36e8e50d3d9c4c23df6e176056291ac2c958018b52d441",
        "92f55b3b0e2d31919f5b5e5a8b9d0afd2d7920bce9f923fb13bca5e3d1e7c649",
        "9c6146083f733ea1eec47bf846b5868914922664f14ad80f4c6ee41b649ffdf3",
        "a04a5d6b446229768296daae72571f5f2b8dc0c718c7edf7e8f136e1574375d6",
        "a20f2e6f80bb97becc85e09744f5bccc0f82814d06b14f60cbc745b7c18336c7",
        "a3d47e2c2c96b0174b70d17507548f6227868290938c98a8b27d726b903c2c10",
        "a974ba4b0cd42a01156402217f5680463b3f167a5785ea78790f57a8b9be89b3",
        "acdf86a3b345e030c2b6260f1940591c97d22e3356ee8aff915203f4dfc5d3de",
        "af822958f2d75afb91f8a8f4da253230d63bebf8c3ce8fa9a2e275c2cd35456e",
        "b56e81f8c42488db0fadf0e5cad58051c7c7edd2e502ae1e89ad9ab3d63143a3",
        "b5d4727b33bb76df1e27aa71793d7ca098eb1756c856d8b5de24ce9440f1d486",
        "b89f25d10f2d690218a1c2067b2072ba54aa63b71bfaadc0f17f11433dd86cf8",
        "b9e086f941ab4b918966e96a5f11ec7936ef66d9838a59c3fd082bdc7fc1463b",
        "ba0a6041c97c6fae80adbc1c08629717d5939cf62cd42883a32fd5d6ef3b6450",
        "bb3a0bc307620092b94af1efb54228ae6cd4505abbcb03eb9acce5771c8b8e7b",
        "c242d32d7a2e962f859b8cbdbd7f1b4ad1a938d2bcd7240230eb80bf50c13898",
        "cb8597b022deaa5bca36c12f153ef113798849738d1e33d7316547a680d5141f",
        "cd35838b7c529fc2cc1604fa54214bc8eb85113a48cf85931db967821ffd6a3c",
        "ce389a566815ebd3e46162126a1bb335f409cb994bc1c957f7d80065cc4e0f39",
        "d06dbb9a078b73f7071406a3a56d700dc1ed5bb1afad200f3db6e9fc4937366f",
        "d51cdb7dc9dd2bc385772fb09202dbbb71bdeea08f730149b11228de6e412bca",
        "dc5663915ec2854121b18aa1418a3e320c9c282318308ecef07d79c9f00c3c47",
        "dd0bf7f8a6711b83b965c3fbee7a229bb62464b6984458b1893e94a8d56d5529",
        "e2e646a4c9cd5f983b4491f119e0bbec3ddfcfeafb66e960320d8a513feafe79",
        "f3b10b7cb8bcd6dd21339cc427c4b3142e0404b15e1f1054ec300ffb85d77eae",
    }
)
"""Key ids of the seeds above, and of the keys in `tests/vectors/`."""
