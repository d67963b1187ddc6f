"""The benchmark: what the tool costs, beside its peers in the same run. `make bench` prints one table.

    measure     processes with a time limit, runs in turn, the table
    ground      a registry of 1,200 names and 9,000 versions, and releases that come after it
    serving     web servers on loopback that count; the peers' packages
    starting    installing    fetching    verifying    building    submitting    rendering      the rows

No test asserts a time: what a machine takes is no property of the code.
"""
