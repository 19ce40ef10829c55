// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice Where a chain's rollup contract stands between normal life and exit mode. It only ever moves forward.
enum Mode {
    /// Blocks are committed, synced, confirmed and executed; requests are taken.
    Running,
    /// A request of this chain expired and somebody said so: nothing new is taken, committed or synced. The arbitrator's halt is awaited.
    Stopped,
    /// The arbitrator's halt has arrived: what is confirmed is executed, then users leave.
    Halted
}
